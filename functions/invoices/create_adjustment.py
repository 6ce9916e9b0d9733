"""POST /invoices/adjustments"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.adjustment import AdjustmentData, adjustment
from invoicing.domain.en16931 import DueDateMissing, En16931RuleBroken
from invoicing.domain.errors import CustomerNotFound, DateNotAllowed, NumberTaken, SeriesBusy
from invoicing.domain.event import Told
from invoicing.domain.events import InvoiceCreated, InvoiceFinalized
from invoicing.domain.invoice import Invoice
from invoicing.domain.legal_content import LegalContentMissing
from invoicing.domain.printing import NotPrintable
from invoicing.domain.reference_errors import ReferenceNotFound
from invoicing.domain.settlement_errors import TaxMissing
from invoicing.workflows.references import require_references


@endpoint(
    "POST",
    "/invoices/adjustments",
    scope="invoice:finalize",
    status=201,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        CustomerNotFound,
        TaxMissing,
        DueDateMissing,
        En16931RuleBroken,
        LegalContentMissing,
        NotPrintable,
        DateNotAllowed,
        NumberTaken,
        SeriesBusy,
        ReferenceNotFound,
    ],
)
def handler(body: AdjustmentData, request: Request) -> Invoice:
    """Issue a one-off invoice or credit note over an amount.

    A negative amount issues a credit note; its `refund_due` remains until it is refunded or applied.
    """
    store, by, at = request.store, request.caller, request.now
    require_references(store, references=body.references)
    tenant, customer, counter = store.issuing(body.customer_id, body.series)
    today = counter.issued
    draft = adjustment(request.new_id("inv"), body, customer=customer, tenant=tenant, by=by, at=at)
    if not body.finalize:
        return store.commit(draft, InvoiceCreated())

    def issue(number: str) -> tuple[Invoice, Told]:
        issued = draft.finalized(
            number, tenant=tenant, customer=customer, issue_date=today, due_date=None, today=today, by=by, at=at
        )
        return issued, [InvoiceCreated(), InvoiceFinalized(number=number)]

    return store.issue(counter, issue)
