"""The draft that replaces an incorrect invoice."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from invoicing.core.event import Change, Recorded
from invoicing.core.identity import Moment
from invoicing.core.ids import new_id
from invoicing.core.model import values_of
from invoicing.customers.model import Customer
from invoicing.invoices.drafts.drafting import corrected
from invoicing.invoices.drafts.references import DocumentReference
from invoicing.invoices.model import Invoice
from invoicing.pricing.line import NewLine
from invoicing.settlement.deposits import released_by

if TYPE_CHECKING:
    from invoicing.tenants.model import Tenant


class Correction(NamedTuple):
    """A correction, and the changes of the periods that it bills in place of its invoice."""

    draft: Recorded[Invoice]
    periods: Sequence[Change]


def correction(
    invoice: Invoice,
    rests: Mapping[str, Sequence[NewLine]],
    *,
    customer: Customer | None,
    tenant: "Tenant",
    moment: Moment,
) -> Invoice:
    """A copy of the invoice as a draft that names it; the client corrects it before finalizing.

    `rests` are the lines that it has instead of one, by the id of that.
    """
    reference = DocumentReference(invoice_id=invoice.id, number=invoice.number or "", issue_date=invoice.issue_date)
    copied = corrected(invoice)
    lines = (line for old, copy in zip(invoice.lines, copied.lines, strict=True) for line in rests.get(old.id, (copy,)))
    references = (*invoice.references, reference)
    data = copied.model_copy(update={"references": references, "order_id": invoice.order_id, "lines": tuple(lines)})
    draft = Invoice.draft(
        new_id("inv", moment.at), data, customer=customer, tenant=tenant, moment=moment, origin="correction"
    )
    if released_by(invoice) is not None:
        draft = draft.deducting(invoice.deposits, tenant)
    billed = values_of(invoice, ("subscription_ids", "subscription_periods"))
    return draft.model_copy(update={"corrects_id": invoice.id, **billed})
