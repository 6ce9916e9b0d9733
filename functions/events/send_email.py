"""collection.announced, email.requested, statement.requested, … → a mailbox"""

from invoicing.aws.grants import Grant
from invoicing.consumers.bus_events import BusEvent, bus_event
from invoicing.http.declaration import Layer
from invoicing.http.request import Request
from invoicing.mail.model import OutgoingMail
from invoicing.mail.requested import send_requested


# Ten deliveries, six minutes apart: an hour, in which a worker may die twice and its claim expire each time.
@bus_event(
    "collection.announced",
    "email.requested",
    "statement.requested",
    "subscription.email_requested",
    "webhook.email_requested",
    grants=[
        Grant.READ,
        Grant.COMMIT,
        Grant.READ_FILES,
        Grant.SEND_EMAIL,
        Grant.SEAL_SECRETS,
        Grant.OPEN_SECRETS,
        Grant.READ_BASE_URL,
        Grant.REACH_LINKS,
        Grant.REACH_PAGES,
    ],
    layers=[Layer.TEXTS],
    attempts=10,
)
def handler(event: BusEvent, request: Request) -> None:
    """Send an e-mail, once.

    A reminder is sent only while its invoice still needs one, and a confirmation while the subscription is canceled so.
    """
    outgoing = request.store.get(OutgoingMail, event.resource.id, event.details["mail_id"])
    send_requested(request.store, outgoing, link_id=request.new_id("dl"), event_id=event.id)
