"""The events of mails, as the timeline stores and the bus publishes them."""

from typing import ClassVar, Literal, Self

from invoicing.core.activity import ActionKey
from invoicing.core.event import Event
from invoicing.core.model import Day
from invoicing.customers.model import Customer
from invoicing.invoices.event import InvoiceEvent
from invoicing.mail.model import OutgoingMail
from invoicing.subscriptions.model import SubscriptionSummary
from invoicing.webhooks.model import WebhookEndpoint

LostKind = Literal["permanent", "transient", "complaint"]
"""`permanent` and `transient` are bounces, `complaint` is a report as spam."""


class EmailRequested(InvoiceEvent):
    """An e-mail with the document was requested."""

    name = "email.requested"
    action_key: ClassVar[ActionKey] = "MAIL"

    mail_id: str
    to: tuple[str, ...]
    """E-mail addresses of the recipients."""
    document_id: str | None = None
    """Identifier of the reminder or dunning letter in the mail; absent for mails with the invoice."""
    payment_id: str | None = None
    """Identifier of the payment or refund that the mail confirms; absent for other mails."""

    @classmethod
    def of(cls, mail: OutgoingMail) -> Self:
        """The event of a mail."""
        return cls(mail_id=mail.id, to=mail.to, document_id=mail.document_id, payment_id=mail.payment_id)


class ReminderRequested(EmailRequested):
    """An e-mail with a reminder or dunning letter was requested."""

    action_key = "REMINDER_MAIL"


class EmailSent(InvoiceEvent):
    """SES accepted an e-mail. `attempts` counts the attempts with an unknown outcome too."""

    name = "email.sent"
    action_key: ClassVar[ActionKey] = "MAIL"

    mail_id: str
    to: tuple[str, ...]
    """E-mail addresses of the recipients."""
    message_id: str
    """Identifier that Amazon SES gave to the message."""
    attempts: int = 1
    """Number of attempts, including those with an unknown outcome."""


class ReminderSent(EmailSent):
    """SES accepted the e-mail with a reminder or dunning letter."""

    action_key = "REMINDER_MAIL"


class EmailFailed(InvoiceEvent):
    """An e-mail could not be sent and is not retried."""

    name = "email.failed"
    action_key: ClassVar[ActionKey] = "ERROR_MAIL"

    mail_id: str
    reason: str
    """Reason why the e-mail was not sent."""
    message: str | None = None
    """Explanation from the mail server or Amazon SES; absent if there is none."""


class ReminderFailed(EmailFailed):
    """The e-mail with a reminder or dunning letter could not be sent."""

    action_key = "REMINDER_ERROR_MAIL"


class EmailDeferred(InvoiceEvent):
    """SES does not accept an e-mail now; it is sent once SES does. `message` is the text of SES."""

    name = "email.deferred"
    action_key: ClassVar[ActionKey] = "ERROR_MAIL"

    mail_id: str
    reason: str
    """Reason why the e-mail was not sent."""
    message: str | None = None
    """Explanation from the mail server or Amazon SES; absent if there is none."""


class ReminderDeferred(EmailDeferred):
    """SES does not accept the e-mail with a dunning document now."""

    action_key = "REMINDER_ERROR_MAIL"


class EmailBounced(InvoiceEvent):
    """An e-mail bounced or a recipient complained; permanent bounces suppress the address."""

    name = "email.bounced"
    action_key = "ERROR_MAIL"

    mail_id: str
    addresses: tuple[str, ...]
    """E-mail addresses that did not receive the mail."""
    kind: LostKind
    """Kind of the failure."""
    message_id: str
    """Identifier that Amazon SES gave to the message."""
    message: str | None = None
    """Explanation from the mail server or Amazon SES; absent if there is none."""


class _Accepted(Event):
    """SES accepted a mail that is about no document."""

    action_key: ClassVar[ActionKey] = "MAIL"

    mail_id: str
    message_id: str
    """Identifier that Amazon SES gave to the message."""
    attempts: int = 1
    """Number of attempts, including those with an unknown outcome."""


class _NotSent(Event):
    """A mail that is about no document was not sent, for now or for good."""

    action_key: ClassVar[ActionKey] = "ERROR_MAIL"

    mail_id: str
    reason: str
    """Reason why the e-mail was not sent."""


class _Bounced(Event):
    """A mail that is about no document bounced, or a recipient complained."""

    action_key: ClassVar[ActionKey] = "ERROR_MAIL"

    mail_id: str
    kind: LostKind
    """Kind of the failure."""
    message_id: str
    """Identifier that Amazon SES gave to the message."""


class ConfirmationRequested(Event):
    """An e-mail that confirms the cancellation of a subscription was requested."""

    subject = SubscriptionSummary
    name = "subscription.email_requested"
    action_key: ClassVar[ActionKey] = "MAIL"

    mail_id: str


class ConfirmationSent(_Accepted):
    """SES accepted the e-mail that confirms the cancellation of a subscription."""

    subject = SubscriptionSummary
    name = "subscription.email_sent"


class ConfirmationFailed(_NotSent):
    """The e-mail that confirms a cancellation could not be sent and is not retried."""

    subject = SubscriptionSummary
    name = "subscription.email_failed"


class ConfirmationDeferred(_NotSent):
    """SES does not accept the e-mail that confirms a cancellation now; it is sent once SES does."""

    subject = SubscriptionSummary
    name = "subscription.email_deferred"


class ConfirmationBounced(_Bounced):
    """The e-mail that confirms a cancellation bounced, or a recipient complained."""

    subject = SubscriptionSummary
    name = "subscription.email_bounced"


class StatementRequested(Event):
    """An e-mail with the statement of a customer's account was requested."""

    subject = Customer
    name = "statement.requested"
    action_key: ClassVar[ActionKey] = "MAIL"

    mail_id: str
    first: Day
    """First day of the statement."""
    last: Day
    """Last day of the statement."""


class StatementSent(_Accepted):
    """SES accepted the e-mail with a statement."""

    subject = Customer
    name = "statement.sent"


class StatementFailed(_NotSent):
    """The e-mail with a statement could not be sent and is not retried."""

    subject = Customer
    name = "statement.failed"


class StatementDeferred(_NotSent):
    """SES does not accept the e-mail with a statement now; it is sent once SES does."""

    subject = Customer
    name = "statement.deferred"


class StatementBounced(_Bounced):
    """The e-mail with a statement bounced, or a recipient complained."""

    subject = Customer
    name = "statement.bounced"


class WebhookMailRequested(Event):
    """An e-mail to the admins about a disabled webhook endpoint was requested."""

    subject = WebhookEndpoint
    name = "webhook.email_requested"
    action_key: ClassVar[ActionKey] = "MAIL"

    mail_id: str


class WebhookMailSent(_Accepted):
    """SES accepted the e-mail about a disabled webhook endpoint."""

    subject = WebhookEndpoint
    name = "webhook.email_sent"

    endpoint_id: str
    """Identifier of the webhook endpoint."""


class WebhookMailFailed(_NotSent):
    """The e-mail about a disabled webhook endpoint could not be sent and is not retried."""

    subject = WebhookEndpoint
    name = "webhook.email_failed"

    endpoint_id: str
    """Identifier of the webhook endpoint."""


class WebhookMailDeferred(_NotSent):
    """SES does not accept the e-mail about a disabled webhook endpoint now; it is sent once SES does."""

    subject = WebhookEndpoint
    name = "webhook.email_deferred"

    endpoint_id: str
    """Identifier of the webhook endpoint."""


class WebhookMailBounced(_Bounced):
    """The e-mail about a disabled webhook endpoint bounced, or a recipient complained."""

    subject = WebhookEndpoint
    name = "webhook.email_bounced"

    endpoint_id: str
    """Identifier of the webhook endpoint."""


class DocumentPosted(InvoiceEvent):
    """The document was sent by letter or another channel than e-mail."""

    name = "invoice.posted"
    action_key: ClassVar[ActionKey] = "LETTER"

    channel: Literal["letter", "fax", "other"]
    """Channel that the document was sent through: `letter`, `fax` or `other`."""

    @staticmethod
    def by(channel: Literal["letter", "fax", "other"]) -> "DocumentPosted":
        """The event for this channel."""
        return DocumentFaxed(channel=channel) if channel == "fax" else DocumentPosted(channel=channel)


class DocumentFaxed(DocumentPosted):
    """The document was sent by fax."""

    action_key = "FAX"
