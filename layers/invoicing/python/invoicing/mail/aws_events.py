"""What SES tells about a mail, as far as it matters here; the rest of its words is tolerated.

https://docs.aws.amazon.com/ses/latest/dg/monitoring-eventbridge.html
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from invoicing.mail.events import LostKind

MAX_MESSAGE = 500


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class Sent(_Told):
    """The mail, by SES's id, with the tags that it was sent with."""

    message_id: str = Field(alias="messageId")
    tags: dict[str, list[str]]


class Recipient(_Told):
    """Whom it did not reach."""

    address: str = Field(alias="emailAddress")
    diagnostic: str | None = Field(default=None, alias="diagnosticCode")


class Bounce(_Told):
    """That it came back: for good, or for now."""

    type: Literal["Permanent", "Transient", "Undetermined"] = Field(alias="bounceType")
    recipients: tuple[Recipient, ...] = Field(alias="bouncedRecipients")


class Complaint(_Told):
    """That its reader did not want it."""

    recipients: tuple[Recipient, ...] = Field(alias="complainedRecipients")


class Reject(_Told):
    """Why SES did not send what it had taken."""

    reason: str


class MailNotice(_Told):
    """What became of one mail."""

    kind: Literal["Send", "Delivery", "Bounce", "Complaint", "Reject"] = Field(alias="eventType")
    mail: Sent
    bounce: Bounce | None = None
    complaint: Complaint | None = None
    reject: Reject | None = None

    def _tag(self, name: str) -> str:
        return self.mail.tags[name][0]

    @property
    def tenant_id(self) -> str:
        """Whose mail it is."""
        return self._tag("tenant_id")

    @property
    def invoice_id(self) -> str:
        """Whose document it brought."""
        return self._tag("invoice_id")

    @property
    def mail_id(self) -> str:
        """Which mail it is."""
        return self._tag("mail_id")

    @property
    def how(self) -> LostKind:
        """Whether it came back for good, for now, or was not wanted. SES takes up what may pass by itself."""
        if self.bounce is None:
            return "complaint"
        return "permanent" if self.bounce.type == "Permanent" else "transient"

    @property
    def lost(self) -> tuple[str, ...]:
        """The addresses that it did not reach, or whose owners complained."""
        told = self.bounce or self.complaint
        return tuple(one.address for one in told.recipients) if told else ()

    @property
    def message(self) -> str | None:
        """Why the mail came back, in the words of the first server that gave any (RFC 3464 diagnostic code)."""
        told = self.bounce or self.complaint
        words = (one.diagnostic for one in told.recipients) if told else ()
        return next((one[:MAX_MESSAGE] for one in words if one), None)
