"""GET /customers/{customer_id}/payment-methods/{method_id}/mandate"""

from invoicing.aws.grants import Grant
from invoicing.collection.errors import CreditorIdMissing, PaymentMethodNotFound
from invoicing.collection.letter import mandate_pdf
from invoicing.collection.table import method_of
from invoicing.core.ids import CustomerId, PaymentMethodId
from invoicing.customers.errors import CustomerNotFound
from invoicing.customers.table import tenant_and_customer
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.http.responses import Pdf, Redirect, sent_or_stored


@endpoint(
    "GET",
    "/customers/{customer_id}/payment-methods/{method_id}/mandate",
    scope="collection:read",
    grants=[Grant.READ, Grant.READ_FILES, Grant.WRITE_FILES],
    layers=[Layer.DOCUMENTS],
    memory=1769,
    raises=[CustomerNotFound, PaymentMethodNotFound, CreditorIdMissing],
)
def handler(customer_id: CustomerId, method_id: PaymentMethodId, request: Request) -> Pdf | Redirect:
    """Download the mandate of a payment method.

    It is a letter in the customer's language, to be signed or with the date of the signature. A file above 4 MB is at
    the URL of a redirect.
    """
    method = method_of(request.store, customer_id, method_id)
    tenant, customer = tenant_and_customer(request.store, customer_id)
    content = mandate_pdf(request.store, method, tenant, customer)
    return sent_or_stored(Pdf(content, f"mandate-{method_id}.pdf"), tenant.id, request.new_id("file"))
