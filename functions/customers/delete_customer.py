"""DELETE /customers/{customer_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.errors import CustomerInUse, CustomerNotFound
from invoicing.domain.events import CustomerDeleted
from invoicing.domain.ids import CustomerId


@endpoint(
    "DELETE",
    "/customers/{customer_id}",
    scope="customer:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[CustomerNotFound, CustomerInUse],
)
def handler(customer_id: CustomerId, request: Request) -> None:
    """Delete a customer that no document refers to."""
    customer = request.store.customer(customer_id)
    request.store.delete(customer, CustomerDeleted())
