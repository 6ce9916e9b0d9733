"""invoice.finalized, document.rendering_requested → its files"""

from invoicing.consumers.bus_events import BusEvent, bus_event
from invoicing.consumers.rendering import RENDERING
from invoicing.http.request import Request
from invoicing.rendering.workflow import render


@bus_event(
    "invoice.finalized",
    "document.rendering_requested",
    present={"billing_run_id": False},
    **RENDERING,
)
def handler(event: BusEvent, request: Request) -> None:
    """Render an issued document and its e-invoice, store both under their hash, and request the e-mail if needed.

    A file that exists keeps its bytes, although a later release may render the same document differently.
    """
    render(request.store, event.resource.id, send=bool(event.details.get("send")))
