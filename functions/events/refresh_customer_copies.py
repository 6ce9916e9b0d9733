"""customer.updated, customer.erased → copies of the customer on its documents"""

from invoicing.aws.grants import Grant
from invoicing.consumers.bus_events import BusEvent, bus_event
from invoicing.customers.errors import CustomerNotFound
from invoicing.customers.model import Customer
from invoicing.http.request import Request
from invoicing.invoices.copies import bring_up_to_date

_COPIED = {"owner_id", "name", "group"}


# An index finds the documents: after the delay it contains all that were created before the customer changed.
@bus_event("customer.updated", "customer.erased", grants=[Grant.READ, Grant.COMMIT], memory=512, timeout=300, delay=10)
def handler(event: BusEvent, request: Request) -> None:
    """Update the owner of a customer's documents and the customer's name in its drafts.

    Copies the customer as it is now, so a repeated or late delivery changes nothing. If there are too many documents
    for one run, the next delivery continues with the rest.
    """
    if not _COPIED & set(event.data["changed"]):
        return
    try:
        customer = request.store.get(Customer, event.resource.id)
    except CustomerNotFound:
        return
    bring_up_to_date(event.tenant_id, customer, request.now)
