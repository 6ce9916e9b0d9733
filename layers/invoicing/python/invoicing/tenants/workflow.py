"""The content of a letter's head."""

from invoicing.aws import files
from invoicing.core.party import Seller


def logo_of(tenant_id: str, seller: Seller | None) -> bytes | None:
    """The logo that a company had when it issued a document."""
    logo = seller.logo if seller else None
    return files.read(tenant_id, logo.id, logo.sha256) if logo else None
