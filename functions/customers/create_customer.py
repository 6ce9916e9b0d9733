"""POST /customers"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.customer import Customer, CustomerData
from invoicing.domain.errors import DuplicateExternalId, UserNotFound
from invoicing.domain.events import CustomerCreated


@endpoint(
    "POST",
    "/customers",
    scope="customer:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[UserNotFound, DuplicateExternalId],
)
def handler(body: CustomerData, request: Request) -> Customer:
    """Create a customer.

    A customer is a company or a person.
    """
    customer = Customer.new(request.new_id("cus"), body, by=request.caller, at=request.now)
    if customer.owner_id:
        request.store.require_user(customer.owner_id, pointer="/owner_id")
    return request.store.commit(customer, CustomerCreated())
