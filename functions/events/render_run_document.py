"""invoice.finalized by a billing run → its files"""

from invoicing.consumers.bus_events import BusEvent, bus_event
from invoicing.consumers.rendering import RENDERING
from invoicing.http.request import Request
from invoicing.rendering.workflow import render


@bus_event(
    "invoice.finalized",
    present={"billing_run_id": True},
    **(RENDERING | {"backlog": True}),
)
def handler(event: BusEvent, request: Request) -> None:
    """Render a document that a billing run finalized, as other documents are.

    It has a queue of its own, so that no other document waits behind the documents of a run.
    """
    render(request.store, event.resource.id, send=bool(event.details.get("send")))
