"""Events about download links."""

from invoicing.invoices.event import InvoiceEvent


class LinkCreated(InvoiceEvent):
    """A download link was created."""

    name = "invoice.link_created"
    action_key = "DOWNLOAD"

    link_id: str
    file: str
    expires_at: str


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
    network: str | None
