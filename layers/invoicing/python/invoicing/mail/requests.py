"""Requests about sending a document or a statement."""

from typing import Annotated, Literal

from pydantic import Field

from invoicing.core.email_address import Email
from invoicing.core.model import LongText, ShortText, Value, values_of
from invoicing.mail.model import Sending


class SendInvoice(Sending):
    """How to send a document."""

    channel: Literal["email", "letter", "fax", "other"] = "email"
    """Channel: `email` sends a mail; `letter`, `fax` and `other` only record that the document was sent."""

    def sending(self, recipients: tuple[str, ...], *, as_xml: bool) -> Sending:
        """The mail's recipients and texts.

        If the XML is the invoice, it is attached by default.
        """
        fields = values_of(self, Sending.model_fields)
        attach_xml = self.attach_xml if "attach_xml" in self.model_fields_set else as_xml
        return Sending(**{**fields, "to": recipients, "attach_xml": attach_xml})


class _Message(Value):
    """The recipients and the text of a mail without a choice of files."""

    to: tuple[Email, ...] = ()
    cc: tuple[Email, ...] = ()
    """Recipients of a copy that the others can see."""
    bcc: tuple[Email, ...] = ()
    """Recipients of a copy that the others cannot see."""
    subject: ShortText | None = None
    """Subject of the mail; a text in the customer's language by default."""
    message: Annotated[LongText, Field(max_length=1_500)] | None = None
    """Text of the mail, up to 1,500 characters; a text in the customer's language by default."""

    def sending(self, recipients: tuple[str, ...]) -> Sending:
        """The mail's recipients and texts."""
        return Sending(**{**dict(self), "to": recipients})


class SendStatement(_Message):
    """How to send a statement."""

    to: tuple[Email, ...] = ()
    """Recipients of the mail; those of the customer for statements by default."""


class SendReceipt(_Message):
    """How to send the receipt of a payment."""

    to: tuple[Email, ...] = ()
    """Recipients of the mail; those of the customer for invoices by default."""
    subject: ShortText | None = None
    """Subject of the mail; a text in the language of the document by default."""
    message: Annotated[LongText, Field(max_length=1_500)] | None = None
    """Text of the mail, up to 1,500 characters; a text in the language of the document by default."""
