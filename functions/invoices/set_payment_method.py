"""PUT /invoices/{invoice_id}/payment-method"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import InvoiceId
from invoicing.customers.table import tenant_and_customer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.events import InvoiceUpdated
from invoicing.invoices.lifecycle import Action
from invoicing.invoices.model import Invoice
from invoicing.invoices.requests import SetPaymentMethod
from invoicing.issuing.refusals import OF_ITS_STATE
from invoicing.tenants.errors import BankAccountNotFound


@endpoint(
    "PUT",
    "/invoices/{invoice_id}/payment-method",
    scope="invoice:write",
    action=Action.SET_PAYMENT_METHOD,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_ITS_STATE, BankAccountNotFound],
)
def handler(invoice_id: InvoiceId, body: SetPaymentMethod, request: Request) -> Invoice:
    """Set the payment method of an invoice.

    Issued files do not change.
    """
    invoice = request.store.get(Invoice, invoice_id)
    tenant, _ = tenant_and_customer(request.store, None)
    payable = invoice.payable_by(body.instructions, tenant=tenant, moment=request.moment)
    return request.store.commit(Recorded(payable, InvoiceUpdated()))
