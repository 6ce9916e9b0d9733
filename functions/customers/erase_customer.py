"""POST /customers/{customer_id}/erase"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import CustomerId
from invoicing.customers.errors import CustomerIsErased, CustomerNotFound
from invoicing.customers.events import CustomerErased
from invoicing.customers.model import Customer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint(
    "POST",
    "/customers/{customer_id}/erase",
    scope="customer:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[CustomerNotFound, CustomerIsErased],
)
def handler(customer_id: CustomerId, request: Request) -> Customer:
    """Erase the personal data of a customer.

    Cannot be undone. Portal users are deactivated and their keys revoked; drafts, e-mails and stored responses lose the
    customer's data soon after. Drafts cannot be finalized for it. Issued documents and the transactions of bank
    statements, which are records of the books, remain unchanged until their retention ends.
    """
    customer = request.store.get(Customer, customer_id)
    return request.store.commit(Recorded(customer.erased(moment=request.moment), CustomerErased()))
