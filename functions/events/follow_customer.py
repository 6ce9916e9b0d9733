"""customer.updated, customer.erased → copies of the customer on its documents"""

from invoicing.aws.grants import Grant
from invoicing.consumers.bus_events import BusEvent, bus_event
from invoicing.customers.errors import CustomerNotFound
from invoicing.customers.model import Customer
from invoicing.http.request import Request
from invoicing.invoices.copies import bring_up_to_date

_COPIED = {"owner_id", "name", "group"}


# Documents are found by an index; within the delay it has all that were made before the customer changed.
@bus_event("customer.updated", "customer.erased", grants=[Grant.READ, Grant.COMMIT], memory=512, timeout=300, delay=10)
def handler(event: BusEvent, request: Request) -> None:
    """Give a customer's documents their new owner, and its drafts their new name, however many there are.

    Ends in the same whatever is delivered twice or late: what counts is the customer as it is now. What one run does
    not reach, the next delivery goes on with.
    """
    if not _COPIED & set(event.data["changed"]):
        return
    try:
        customer = request.store.get(Customer, event.resource.id)
    except CustomerNotFound:
        return
    bring_up_to_date(event.tenant_id, customer, request.now)
