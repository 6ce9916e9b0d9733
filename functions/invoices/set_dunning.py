"""PUT /invoices/{invoice_id}/dunning"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.dunning import DunningSettings
from invoicing.domain.dunning_events import DunningSet
from invoicing.domain.errors import AccessDenied, InvalidState, InvoiceNotFound
from invoicing.domain.ids import InvoiceId
from invoicing.domain.invoice import Invoice
from invoicing.domain.lifecycle import Action, require


@endpoint(
    "PUT",
    "/invoices/{invoice_id}/dunning",
    scope="dunning:write",
    action=Action.SET_DUNNING,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[InvoiceNotFound, AccessDenied, InvalidState],
)
def handler(invoice_id: InvoiceId, body: DunningSettings, request: Request) -> Invoice:
    """Stop, pause or resume dunning for an invoice."""
    invoice = request.store.invoice(invoice_id)
    require(invoice, Action.SET_DUNNING)
    dunning = invoice.dunning_so_far.set_to(body)
    told = DunningSet(disabled=body.disabled, paused_until=body.paused_until)
    return request.store.commit(invoice.dunned(dunning, request.caller, request.now), told)
