"""PATCH /invoices/{invoice_id}/lines/{line_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId, LineId
from invoicing.http.endpoint import endpoint
from invoicing.http.patch import Patch
from invoicing.http.request import Request
from invoicing.invoices.drafts.drafting import line_of, with_line
from invoicing.invoices.drafts.model import ChangedInvoice
from invoicing.invoices.lifecycle import Action
from invoicing.invoices.model import Invoice
from invoicing.invoices.workflow import change_draft
from invoicing.issuing.refusals import OF_ITS_CONTENT, OF_ITS_STATE
from invoicing.pricing.errors import LineNotFound
from invoicing.pricing.line import NewLine


@endpoint(
    "PATCH",
    "/invoices/{invoice_id}/lines/{line_id}",
    scope="invoice:write",
    action=Action.UPDATE,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_ITS_STATE, *OF_ITS_CONTENT, LineNotFound],
)
def handler(invoice_id: InvoiceId, line_id: LineId, body: Patch[NewLine], request: Request) -> Invoice:
    """Update a line of a draft.

    The totals are recalculated.
    """

    def change(draft: ChangedInvoice) -> ChangedInvoice:
        return with_line(draft, line_id, body.applied_to(line_of(draft, line_id)))

    return change_draft(request.store, invoice_id, change)
