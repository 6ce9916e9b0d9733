"""The draft that replaces an incorrect invoice."""

from typing import TYPE_CHECKING

from invoicing.core.identity import Moment
from invoicing.core.ids import new_id
from invoicing.core.model import values_of
from invoicing.customers.model import Customer
from invoicing.invoices.drafts.drafting import corrected
from invoicing.invoices.drafts.model import DocumentReference
from invoicing.invoices.model import Invoice
from invoicing.settlement.deposits import released_by

if TYPE_CHECKING:
    from invoicing.tenants.model import Tenant


def correction(invoice: Invoice, *, customer: Customer | None, tenant: "Tenant", moment: Moment) -> Invoice:
    """A copy of the invoice as a draft that names it; the client corrects it before finalizing."""
    reference = DocumentReference(invoice_id=invoice.id, number=invoice.number or "", issue_date=invoice.issue_date)
    data = corrected(invoice).model_copy(
        update={"references": (*invoice.references, reference), "order_id": invoice.order_id}
    )
    draft = Invoice.draft(
        new_id("inv", moment.at), data, customer=customer, tenant=tenant, moment=moment, origin="correction"
    )
    if released_by(invoice) is not None:
        draft = draft.deducting(invoice.deposits, tenant)
    billed = values_of(invoice, ("subscription_ids", "subscription_periods"))
    return draft.model_copy(update={"corrects_id": invoice.id, **billed})
