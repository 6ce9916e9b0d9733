"""POST /customers/{customer_id}/payment-methods"""

from invoicing.aws.grants import Grant
from invoicing.bank_matching.table import learned
from invoicing.collection.errors import MandateExists
from invoicing.collection.events import PaymentMethodCreated
from invoicing.collection.model import PaymentMethod
from invoicing.collection.requests import NewPaymentMethod
from invoicing.collection.workflow import given_mandate, saved
from invoicing.core.ids import CustomerId
from invoicing.customers.errors import CustomerIsErased, CustomerNotFound
from invoicing.customers.model import Customer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint(
    "POST",
    "/customers/{customer_id}/payment-methods",
    scope="collection:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[CustomerNotFound, CustomerIsErased, MandateExists],
)
def handler(customer_id: CustomerId, body: NewPaymentMethod, request: Request) -> PaymentMethod:
    """Create a payment method of a customer.

    It is `pending` until its mandate is signed. The number series `mandate` gives the reference of the mandate, unless
    the request has one.
    """
    customer = request.store.get(Customer, customer_id)
    customer.require_present()
    id_ = request.new_id("pme")
    mandate, also = given_mandate(request.store, customer, body.mandate, id_)
    method = PaymentMethod.new(id_, customer_id, body, mandate, request.moment)
    return saved(request, method, PaymentMethodCreated(), also=(*also, learned(body.iban, customer_id)))
