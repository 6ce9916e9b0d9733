"""POST /customers/{customer_id}/erase"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.customer import Customer
from invoicing.domain.errors import CustomerErased, CustomerNotFound
from invoicing.domain.events import CustomerErased as ErasedEvent
from invoicing.domain.ids import CustomerId


@endpoint(
    "POST",
    "/customers/{customer_id}/erase",
    scope="customer:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[CustomerNotFound, CustomerErased],
)
def handler(customer_id: CustomerId, request: Request) -> Customer:
    """Erase the personal data of a customer.

    Cannot be undone. Portal users are deactivated and their keys revoked; drafts, e-mails and stored answers lose the
    customer's data soon after. Drafts cannot be finalized for it. Issued documents remain unchanged until their
    retention ends.
    """
    customer = request.store.customer(customer_id)
    return request.store.commit(customer.erased(by=request.caller, at=request.now), ErasedEvent())
