"""Events about invoice pages and their links."""

from invoicing.invoices.event import InvoiceEvent


class PageLinkCreated(InvoiceEvent):
    """A link to the invoice page was created."""

    name = "page_link.created"
    action_key = "DOWNLOAD"

    link_id: str
    expires_at: str
    """When the link expires, as an RFC 3339 timestamp."""


class PageLinkRevoked(InvoiceEvent):
    """A link to the invoice page was revoked."""

    name = "page_link.revoked"
    action_key = "DOWNLOAD"

    link_id: str


class InvoiceViewed(InvoiceEvent):
    """The invoice page was viewed; recorded once a day for each link."""

    name = "invoice.viewed"
    action_key = "DOWNLOAD"

    link_id: str
    network: str | None
    """Network part of the IP address that the page was viewed from; null if it is unknown."""
