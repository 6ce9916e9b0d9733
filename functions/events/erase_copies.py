"""customer.erased, sepa_file.canceled, sepa_file.written → copies of the customer's personal data"""

from invoicing.aws.grants import Grant
from invoicing.consumers.bus_events import BusEvent, bus_event
from invoicing.customers.errors import CustomerNotFound
from invoicing.customers.events import CustomerErased
from invoicing.customers.model import Customer
from invoicing.erasure.workflow import erase_canceled_accounts, erase_copies
from invoicing.http.request import Request


# An index finds documents and users: after the delay it contains all that were created before the erasure.
@bus_event(
    "customer.erased",
    "sepa_file.canceled",
    "sepa_file.written",
    grants=[Grant.READ, Grant.COMMIT, Grant.REACH_LINKS, Grant.REACH_PAGES, Grant.DELETE_FILES],
    memory=512,
    timeout=300,
    delay=10,
)
def handler(event: BusEvent, request: Request) -> None:
    """Erase a customer's personal data in portal users, drafts, e-mails, statements, timelines and stored responses.

    Accounts remain while a direct debit of them is under way; if it is canceled, they are erased then. Can be repeated:
    each run erases the remaining data.
    """
    if event.type != CustomerErased.name:
        erase_canceled_accounts(request.store, event.resource.id)
        return
    try:
        customer = request.store.get(Customer, event.resource.id)
    except CustomerNotFound:
        return
    if customer.erased_at is not None:
        erase_copies(request.store, customer.id)
