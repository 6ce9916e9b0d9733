"""Requests about sending a document."""

from typing import Literal

from invoicing.core.model import values_of
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
