"""What happened to mails, as the timeline keeps it and the bus tells it."""

from typing import ClassVar, Literal, Self

from invoicing.domain.activity import ActionKey
from invoicing.domain.event import Event
from invoicing.domain.mail import OutgoingMail

LostKind = Literal["permanent", "transient", "complaint"]


class EmailRequested(Event):
    """The document is to be mailed."""

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
    """A dunning document is to be mailed."""

    action_key = "REMINDER_MAIL"


class EmailSent(Event):
    """The mail was accepted for delivery. `attempts` is above 1 where an earlier outcome was never known."""

    name = "email.sent"
    action_key: ClassVar[ActionKey] = "MAIL"

    mail_id: str
    to: tuple[str, ...]
    message_id: str
    attempts: int = 1


class ReminderSent(EmailSent):
    """The mail with a dunning document was accepted for delivery."""

    action_key = "REMINDER_MAIL"


class EmailFailed(Event):
    """The mail cannot be sent, and trying again would not help."""

    name = "email.failed"
    action_key: ClassVar[ActionKey] = "ERROR_MAIL"

    mail_id: str
    reason: str


class ReminderFailed(EmailFailed):
    """The mail with a dunning document is not sent."""

    action_key = "REMINDER_ERROR_MAIL"


class EmailBounced(Event):
    """The mail came back, or its reader complained; what is permanent suppresses the address."""

    name = "email.bounced"
    action_key = "ERROR_MAIL"

    mail_id: str
    addresses: tuple[str, ...]
    kind: LostKind
    message_id: str


class DocumentPosted(Event):
    """The document went to the customer by another way than e-mail."""

    name = "invoice.posted"
    action_key: ClassVar[ActionKey] = "LETTER"

    channel: Literal["letter", "fax", "other"]

    @staticmethod
    def by(channel: Literal["letter", "fax", "other"]) -> "DocumentPosted":
        """The event of this way."""
        return DocumentFaxed(channel=channel) if channel == "fax" else DocumentPosted(channel=channel)


class DocumentFaxed(DocumentPosted):
    """The document went to the customer by fax."""

    action_key = "FAX"
