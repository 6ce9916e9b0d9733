"""GET /customers/{customer_id}/payment-methods/{method_id}"""

from invoicing.aws.grants import Grant
from invoicing.bank.showing import shown_to
from invoicing.collection.errors import PaymentMethodNotFound
from invoicing.collection.model import PaymentMethod
from invoicing.collection.table import method_of
from invoicing.core.ids import CustomerId, PaymentMethodId
from invoicing.customers.errors import CustomerNotFound
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint(
    "GET",
    "/customers/{customer_id}/payment-methods/{method_id}",
    scope="collection:read",
    grants=[Grant.READ],
    raises=[CustomerNotFound, PaymentMethodNotFound],
)
def handler(customer_id: CustomerId, method_id: PaymentMethodId, request: Request) -> PaymentMethod:
    """Retrieve a payment method."""
    return shown_to(request.caller, method_of(request.store, customer_id, method_id))
