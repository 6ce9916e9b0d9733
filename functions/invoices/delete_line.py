"""DELETE /invoices/{invoice_id}/lines/{line_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId, LineId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.drafts.drafting import with_line
from invoicing.invoices.lifecycle import Action
from invoicing.invoices.model import Invoice
from invoicing.invoices.workflow import change_draft
from invoicing.issuing.refusals import OF_ITS_CONTENT, OF_ITS_STATE
from invoicing.pricing.errors import LineNotFound


@endpoint(
    "DELETE",
    "/invoices/{invoice_id}/lines/{line_id}",
    scope="invoice:write",
    action=Action.UPDATE,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_ITS_STATE, *OF_ITS_CONTENT, LineNotFound],
)
def handler(invoice_id: InvoiceId, line_id: LineId, request: Request) -> Invoice:
    """Delete a line of a draft.

    The totals are recalculated.
    """
    return change_draft(request.store, invoice_id, lambda draft: with_line(draft, line_id, None))
