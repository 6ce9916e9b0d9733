"""Events about download links."""

from invoicing.invoices.event import InvoiceEvent


class LinkCreated(InvoiceEvent):
    """A download link was created."""

    name = "invoice.link_created"
    action_key = "DOWNLOAD"

    link_id: str
    file: str
    """Kind of the file, `pdf` or `xml`, or the identifier of a note's file."""
    expires_at: str
    """When the link expires, as an RFC 3339 timestamp."""


class LinkRevoked(InvoiceEvent):
    """A download link was revoked."""

    name = "invoice.link_revoked"
    action_key = "DOWNLOAD"

    link_id: str


class LinkUsed(InvoiceEvent):
    """A file was downloaded through a link; recorded once an hour, with the network part of the IP address."""

    name = "invoice.downloaded"
    action_key = "DOWNLOAD"

    link_id: str
    file: str
    """Kind of the file, `pdf` or `xml`, or the identifier of a note's file."""
    network: str | None
    """Network part of the IP address that the file was downloaded from; null if it is unknown."""
