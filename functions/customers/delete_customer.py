"""DELETE /customers/{customer_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import CustomerId
from invoicing.customers.errors import CustomerInUse, CustomerNotFound
from invoicing.customers.events import CustomerDeleted
from invoicing.customers.model import Customer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint(
    "DELETE",
    "/customers/{customer_id}",
    scope="customer:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[CustomerNotFound, CustomerInUse],
)
def handler(customer_id: CustomerId, request: Request) -> None:
    """Delete a customer that no document refers to."""
    customer = request.store.get(Customer, customer_id)
    request.store.delete(Recorded(customer, CustomerDeleted()))
