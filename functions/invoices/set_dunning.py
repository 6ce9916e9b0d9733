"""PUT /invoices/{invoice_id}/dunning"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import InvoiceId
from invoicing.dunning.events import DunningSet
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.dunning import DunningSettings
from invoicing.invoices.lifecycle import Action, require
from invoicing.invoices.model import Invoice
from invoicing.issuing.refusals import OF_ITS_STATE


@endpoint(
    "PUT",
    "/invoices/{invoice_id}/dunning",
    scope="dunning:write",
    action=Action.SET_DUNNING,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_ITS_STATE],
)
def handler(invoice_id: InvoiceId, body: DunningSettings, request: Request) -> Invoice:
    """Stop, pause or resume dunning for an invoice."""
    invoice = request.store.get(Invoice, invoice_id)
    require(invoice, Action.SET_DUNNING)
    dunning = invoice.dunning_so_far.set_to(body)
    event = DunningSet(disabled=body.disabled, paused_until=body.paused_until)
    return request.store.commit(Recorded(invoice.dunned(dunning, request.moment), event))
