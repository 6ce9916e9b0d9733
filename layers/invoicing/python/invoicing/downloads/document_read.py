"""A customer's reading of a document that is recorded later than it happened."""

from pydantic import ConfigDict

from invoicing.core.model import Instant, Model


class DocumentRead(Model):
    """That a customer read a document, in the portal or by a download link, and when."""

    model_config = ConfigDict(frozen=True)

    tenant_id: str
    invoice_id: str
    read_at: Instant
    link_id: str | None = None
    network: str | None = None
