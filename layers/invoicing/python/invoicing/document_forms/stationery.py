"""The pictures of clients on the pages of documents."""

from typing import NamedTuple

from invoicing.aws import files
from invoicing.core.party import Seller
from invoicing.document_forms.design import IssuedForm
from invoicing.invoices.model import Invoice


class Stationery(NamedTuple):
    """The pictures on the pages of a document."""

    logo: bytes | None
    letterhead: tuple[bytes, ...]


def stationery_of(tenant_id: str, document: Invoice) -> Stationery:
    """The logo and the letterhead of a document: of its form, else the logo that its company had."""
    return stationery_for(tenant_id, document.form, document.seller)


def stationery_for(tenant_id: str, form: IssuedForm | None, seller: Seller | None) -> Stationery:
    """The logo and the letterhead of a letter: of its form, else the logo of its company."""
    logo = (form and form.logo) or (seller and seller.logo)
    return Stationery(
        files.read(tenant_id, logo.id, logo.sha256) if logo else None,
        tuple(files.read(tenant_id, page.id, page.sha256) for page in (form.letterhead if form else ())),
    )
