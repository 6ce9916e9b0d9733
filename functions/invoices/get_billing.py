"""GET /invoices/{invoice_id}/billing"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.model import InvoiceSummary
from invoicing.issuing.refusals import OF_A_DOCUMENT
from invoicing.subscriptions.errors import BillingNotFound
from invoicing.subscriptions.requests import InvoiceBilling
from invoicing.subscriptions.workflow import periods_at, with_drafts


@endpoint(
    "GET",
    "/invoices/{invoice_id}/billing",
    scope="invoice:read",
    grants=[Grant.READ],
    raises=[*OF_A_DOCUMENT, BillingNotFound],
)
def handler(invoice_id: InvoiceId, request: Request) -> InvoiceBilling:
    """Retrieve the subscriptions and periods that an invoice bills.

    Each item of a period names its line and its share. Periods that the invoice no longer bills are released.
    """
    invoice = request.store.get(InvoiceSummary, invoice_id)
    if not invoice.subscription_ids:
        raise BillingNotFound
    periods = with_drafts(request.store, periods_at(request.store, invoice.subscription_periods))
    return InvoiceBilling(
        invoice_id=invoice.id,
        subscription_ids=invoice.subscription_ids,
        billing_run_id=invoice.billing_run_id,
        periods=periods,
    )
