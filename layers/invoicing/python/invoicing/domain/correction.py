"""The draft that takes the place of an invoice that was wrong."""

from datetime import datetime
from typing import TYPE_CHECKING

from invoicing.domain.customer import Customer
from invoicing.domain.draft import DocumentReference, DraftData, NewInvoice
from invoicing.domain.identity import Caller
from invoicing.domain.ids import new_id
from invoicing.domain.invoice import Invoice
from invoicing.domain.line import NewLine

if TYPE_CHECKING:
    from invoicing.domain.tenant import Tenant

_ITS_OWN = {"customer", "issue_date", "due_date", "external_id", "references"}


def correction(invoice: Invoice, *, customer: Customer | None, tenant: "Tenant", by: Caller, at: datetime) -> Invoice:
    """A draft that says what the invoice says, and names it; what is wrong is changed before it is finalized."""
    said = {name: getattr(invoice, name) for name in DraftData.model_fields if name not in _ITS_OWN}
    reference = DocumentReference(invoice_id=invoice.id, number=invoice.number or "", issue_date=invoice.issue_date)
    data = NewInvoice(
        **said,
        customer=None if invoice.customer_id else invoice.customer,
        references=(*invoice.references, reference),
        lines=tuple(NewLine(**{name: getattr(line, name) for name in NewLine.model_fields}) for line in invoice.lines),
    )
    draft = Invoice.draft(new_id("inv", at), data, customer=customer, tenant=tenant, by=by, at=at, origin="correction")
    return draft.model_copy(update={"corrects_id": invoice.id})
