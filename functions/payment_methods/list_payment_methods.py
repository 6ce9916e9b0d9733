"""GET /customers/{customer_id}/payment-methods"""

from invoicing.aws.grants import Grant
from invoicing.bank.showing import page_shown
from invoicing.collection.model import PaymentMethod
from invoicing.collection.table import methods_of
from invoicing.core.ids import CustomerId
from invoicing.core.page import ListQuery, Page
from invoicing.customers.errors import CustomerNotFound
from invoicing.customers.model import Customer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint(
    "GET",
    "/customers/{customer_id}/payment-methods",
    scope="collection:read",
    grants=[Grant.READ],
    raises=[CustomerNotFound],
)
def handler(customer_id: CustomerId, query: ListQuery, request: Request) -> Page[PaymentMethod]:
    """List payment methods of a customer, newest first.

    Ended ones are listed until they are deleted, 14 months after their last direct debit.
    """
    customer = request.store.get(Customer, customer_id)
    page = request.page(PaymentMethod, query, [methods_of(request.caller.tenant_id, customer.id)])
    return page_shown(page, request.caller)
