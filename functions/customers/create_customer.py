"""POST /customers"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import DuplicateExternalId
from invoicing.core.event import Recorded
from invoicing.customers.events import CustomerCreated
from invoicing.customers.model import Customer, CustomerData
from invoicing.document_forms.errors import FormNotFound
from invoicing.document_forms.workflow import require_form
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.users.errors import UserNotFound
from invoicing.users.table import require_user


@endpoint(
    "POST",
    "/customers",
    scope="customer:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[UserNotFound, FormNotFound, DuplicateExternalId],
)
def handler(body: CustomerData, request: Request) -> Customer:
    """Create a customer.

    A customer is a company or a person.
    """
    customer = Customer.new(request.new_id("cus"), body, moment=request.moment)
    if customer.owner_id:
        require_user(request.store, customer.owner_id, pointer="/owner_id")
    require_form(request.store, customer.form_id)
    return request.store.commit(Recorded(customer, CustomerCreated()))
