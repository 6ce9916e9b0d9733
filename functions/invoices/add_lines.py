"""POST /invoices/{invoice_id}/lines"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.drafts.drafting import with_lines
from invoicing.invoices.lifecycle import Action
from invoicing.invoices.model import Invoice
from invoicing.invoices.requests import AddLines
from invoicing.invoices.workflow import change_draft
from invoicing.issuing.refusals import OF_ITS_CONTENT, OF_ITS_PRICES, OF_ITS_STATE


@endpoint(
    "POST",
    "/invoices/{invoice_id}/lines",
    scope="invoice:write",
    status=201,
    action=Action.UPDATE,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_ITS_STATE, *OF_ITS_CONTENT, *OF_ITS_PRICES],
)
def handler(invoice_id: InvoiceId, body: AddLines, request: Request) -> Invoice:
    """Add lines to a draft.

    The lines are appended and the totals are recalculated.
    """
    return change_draft(request.store, invoice_id, lambda draft: with_lines(draft, body.lines), appends=True)
