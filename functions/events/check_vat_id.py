"""customer.created, customer.updated → the check of the customer's VAT id in VIES"""

from invoicing.aws.grants import Grant
from invoicing.consumers.bus_events import BusEvent, bus_event
from invoicing.customers.vat_checking import check_vat_id
from invoicing.http.request import Request


@bus_event(
    "customer.created", "customer.updated", grants=[Grant.READ, Grant.COMMIT], opt_in="vat_checks", timeout=120, batch=1
)
def handler(event: BusEvent, request: Request) -> None:
    """Check the VAT id of a customer in VIES, once for each VAT id.

    Without an answer the check stays pending, and is tried again later.
    """
    check_vat_id(request.store, event.resource.id)
