"""Events of SES about an e-mail, as far as this service reads them. Other fields are ignored.

https://docs.aws.amazon.com/ses/latest/dg/monitoring-eventbridge.html
"""

from typing import Literal

from pydantic import ConfigDict, Field

from invoicing.core.model import Model
from invoicing.mail.events import LostKind

MAX_MESSAGE = 500


class _Part(Model):
    model_config = ConfigDict(frozen=True)


class SentEmail(_Part):
    """The e-mail by its SES id, with the tags that it was sent with."""

    message_id: str = Field(alias="messageId")
    tags: dict[str, list[str]]


class Recipient(_Part):
    """A recipient that the e-mail did not reach, or who complained."""

    address: str = Field(alias="emailAddress")
    diagnostic: str | None = Field(default=None, alias="diagnosticCode")


class Bounce(_Part):
    """The e-mail bounced, permanently or temporarily."""

    type: Literal["Permanent", "Transient", "Undetermined"] = Field(alias="bounceType")
    recipients: tuple[Recipient, ...] = Field(alias="bouncedRecipients")


class Complaint(_Part):
    """Recipients marked the e-mail as spam."""

    recipients: tuple[Recipient, ...] = Field(alias="complainedRecipients")


class Reject(_Part):
    """SES accepted the e-mail and did not send it."""

    reason: str


class EmailEvent(_Part):
    """The delivery status of one e-mail."""

    kind: Literal["Send", "Delivery", "Bounce", "Complaint", "Reject"] = Field(alias="eventType")
    mail: SentEmail
    bounce: Bounce | None = None
    complaint: Complaint | None = None
    reject: Reject | None = None

    def _tag(self, name: str) -> str:
        return self.mail.tags[name][0]

    @property
    def tenant_id(self) -> str:
        """The tenant that sent the e-mail."""
        return self._tag("tenant_id")

    @property
    def subject_id(self) -> str:
        """The document, subscription, customer or webhook endpoint that the e-mail is about."""
        names = ("subscription_id", "customer_id", "endpoint_id", "invoice_id")
        return self._tag(next((name for name in names if name in self.mail.tags), names[-1]))

    @property
    def mail_id(self) -> str:
        """The id of this service for the e-mail."""
        return self._tag("mail_id")

    @property
    def how(self) -> LostKind:
        """Permanent bounce, transient bounce or complaint. SES itself retries a transient bounce."""
        if self.bounce is None:
            return "complaint"
        return "permanent" if self.bounce.type == "Permanent" else "transient"

    @property
    def lost(self) -> tuple[str, ...]:
        """The addresses that bounced or complained."""
        return tuple(one.address for one in self._recipients)

    @property
    def message(self) -> str | None:
        """Why the e-mail bounced: the first diagnostic code of a mail server (RFC 3464)."""
        diagnostics = (one.diagnostic for one in self._recipients)
        return next((one[:MAX_MESSAGE] for one in diagnostics if one), None)

    @property
    def _recipients(self) -> tuple[Recipient, ...]:
        failed = self.bounce or self.complaint
        return failed.recipients if failed else ()
