"""POST /invoices"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.customers.table import tenant_and_customer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.drafts.model import RequestedInvoice
from invoicing.invoices.events import InvoiceCreated
from invoicing.invoices.model import Invoice
from invoicing.invoices.workflow import new_invoice, with_deposits
from invoicing.issuing.refusals import OF_ITS_CONTENT, OF_ITS_PRICES
from invoicing.orders.references import require_references
from invoicing.settlement.errors import DepositNotDeductible


@endpoint(
    "POST",
    "/invoices",
    scope="invoice:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_ITS_CONTENT, *OF_ITS_PRICES, DepositNotDeductible],
)
def handler(body: RequestedInvoice, request: Request) -> Invoice:
    """Create a draft invoice.

    Totals are calculated. A draft has no number and is not sent. Lines that name a price of the catalogue are filled in
    at once, and stay when the price changes.
    """
    require_references(
        request.store,
        order_id=body.order_id,
        form_id=body.form_id,
        references=body.references,
        prepaid=body.prepaid,
    )
    tenant, customer = tenant_and_customer(request.store, body.customer_id)
    data = new_invoice(request.store, body, customer, tenant)
    draft = Invoice.draft(request.new_id("inv"), data, customer=customer, tenant=tenant, moment=request.moment)
    draft = with_deposits(request.store, draft, body.deposits, tenant)
    return request.store.commit(Recorded(draft, InvoiceCreated()))
