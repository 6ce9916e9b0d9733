"""POST /invoices/adjustments"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Change, Recorded
from invoicing.customers.errors import CustomerNotFound
from invoicing.document_forms.workflow import form_of
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.drafts.adjustment import AdjustmentData, adjustment
from invoicing.invoices.errors import ReferenceNotFound, TaxMissing
from invoicing.invoices.events import InvoiceCreated, InvoiceFinalized
from invoicing.invoices.model import Invoice
from invoicing.issuing.errors import DueDateMissing
from invoicing.issuing.finalizing import Parties, finalized
from invoicing.issuing.legal_content import LegalContentMissing
from invoicing.issuing.refusals import OF_ITS_ISSUE
from invoicing.issuing.workflow import issue, parties_and_counter
from invoicing.orders.references import require_references


@endpoint(
    "POST",
    "/invoices/adjustments",
    scope="invoice:finalize",
    status=201,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        *OF_ITS_ISSUE,
        CustomerNotFound,
        TaxMissing,
        DueDateMissing,
        LegalContentMissing,
        ReferenceNotFound,
    ],
)
def handler(body: AdjustmentData, request: Request) -> Invoice:
    """Issue a one-off invoice or credit note over an amount.

    A negative amount issues a credit note; its `refund_due` remains until it is refunded or applied.
    """
    store, moment = request.store, request.moment
    require_references(store, references=body.references)
    tenant, customer, counter = parties_and_counter(store, body.customer_id, body.series)
    draft = adjustment(request.new_id("inv"), body, customer=customer, tenant=tenant, moment=moment)
    if not body.finalize:
        return store.commit(Recorded(draft, InvoiceCreated()))
    form, issued_on = form_of(store, draft, customer, tenant), counter.issued

    def decide(number: str) -> list[Change]:
        issued = finalized(draft, number, Parties(tenant, customer, form), issue_date=issued_on, moment=moment)
        return [Recorded(issued, InvoiceCreated(), InvoiceFinalized(number=number))]

    return issue(store, Invoice, counter, decide)
