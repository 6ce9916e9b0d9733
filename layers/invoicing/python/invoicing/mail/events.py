"""What happened to mails, as the timeline keeps it and the bus tells it."""

from typing import ClassVar, Literal, Self

from invoicing.core.activity import ActionKey
from invoicing.invoices.event import InvoiceEvent
from invoicing.mail.model import OutgoingMail

LostKind = Literal["permanent", "transient", "complaint"]


class EmailRequested(InvoiceEvent):
    """An e-mail with the document was requested."""

    name = "email.requested"
    action_key: ClassVar[ActionKey] = "MAIL"

    mail_id: str
    to: tuple[str, ...]
    document_id: str | None = None

    @classmethod
    def of(cls, mail: OutgoingMail) -> Self:
        """The event of a mail."""
        return cls(mail_id=mail.id, to=mail.to, document_id=mail.document_id)


class ReminderRequested(EmailRequested):
    """An e-mail with a reminder or dunning letter was requested."""

    action_key = "REMINDER_MAIL"


class EmailSent(InvoiceEvent):
    """SES accepted an e-mail. `attempts` counts the attempts with an unknown outcome too."""

    name = "email.sent"
    action_key: ClassVar[ActionKey] = "MAIL"

    mail_id: str
    to: tuple[str, ...]
    message_id: str
    attempts: int = 1


class ReminderSent(EmailSent):
    """SES accepted the e-mail with a reminder or dunning letter."""

    action_key = "REMINDER_MAIL"


class EmailFailed(InvoiceEvent):
    """An e-mail could not be sent and is not retried."""

    name = "email.failed"
    action_key: ClassVar[ActionKey] = "ERROR_MAIL"

    mail_id: str
    reason: str
    message: str | None = None


class ReminderFailed(EmailFailed):
    """The e-mail with a reminder or dunning letter could not be sent."""

    action_key = "REMINDER_ERROR_MAIL"


class EmailDeferred(InvoiceEvent):
    """SES does not accept an e-mail now; it is sent once SES does. `message` is SES's own."""

    name = "email.deferred"
    action_key: ClassVar[ActionKey] = "ERROR_MAIL"

    mail_id: str
    reason: str
    message: str | None = None


class ReminderDeferred(EmailDeferred):
    """SES does not accept the e-mail with a dunning document now."""

    action_key = "REMINDER_ERROR_MAIL"


class EmailBounced(InvoiceEvent):
    """An e-mail bounced or a recipient complained; permanent bounces suppress the address."""

    name = "email.bounced"
    action_key = "ERROR_MAIL"

    mail_id: str
    addresses: tuple[str, ...]
    kind: LostKind
    message_id: str
    message: str | None = None


class DocumentPosted(InvoiceEvent):
    """The document was sent by letter or another channel than e-mail."""

    name = "invoice.posted"
    action_key: ClassVar[ActionKey] = "LETTER"

    channel: Literal["letter", "fax", "other"]

    @staticmethod
    def by(channel: Literal["letter", "fax", "other"]) -> "DocumentPosted":
        """The event of this way."""
        return DocumentFaxed(channel=channel) if channel == "fax" else DocumentPosted(channel=channel)


class DocumentFaxed(DocumentPosted):
    """The document was sent by fax."""

    action_key = "FAX"
