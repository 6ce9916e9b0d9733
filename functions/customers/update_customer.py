"""PATCH /customers/{customer_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import DuplicateExternalId
from invoicing.core.event import Recorded
from invoicing.core.ids import CustomerId
from invoicing.customers.errors import CustomerIsErased, CustomerNotFound
from invoicing.customers.events import CustomerUpdated
from invoicing.customers.model import Customer, CustomerData
from invoicing.document_forms.errors import FormNotFound
from invoicing.document_forms.workflow import require_form
from invoicing.http.endpoint import endpoint
from invoicing.http.patch import Patch
from invoicing.http.request import Request
from invoicing.users.errors import UserNotFound
from invoicing.users.table import require_user


@endpoint(
    "PATCH",
    "/customers/{customer_id}",
    scope="customer:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[CustomerNotFound, CustomerIsErased, UserNotFound, FormNotFound, DuplicateExternalId],
)
def handler(customer_id: CustomerId, body: Patch[CustomerData], request: Request) -> Customer:
    """Update a customer.

    Drafts use the new data when they are finalized. Issued documents do not change.
    """
    customer = request.store.get(Customer, customer_id)
    changed = customer.changed(body.applied_to(customer.data), moment=request.moment)
    if changed.owner_id and changed.owner_id != customer.owner_id:
        require_user(request.store, changed.owner_id, pointer="/owner_id")
    require_form(request.store, changed.form_id, before=customer.form_id)
    return request.store.commit(Recorded(changed, CustomerUpdated()))
