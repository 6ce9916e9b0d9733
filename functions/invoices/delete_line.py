"""DELETE /invoices/{invoice_id}/lines/{line_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.drafting import with_line
from invoicing.domain.errors import (
    AccessDenied,
    BankAccountNotFound,
    CustomerNotFound,
    DateNotAllowed,
    DiscountExceedsAmount,
    DocumentTooLarge,
    InvalidState,
    InvoiceNotFound,
    LineNotFound,
    NegativeTotal,
)
from invoicing.domain.ids import InvoiceId, LineId
from invoicing.domain.invoice import Invoice
from invoicing.domain.lifecycle import Action
from invoicing.workflows.drafts import change_draft


@endpoint(
    "DELETE",
    "/invoices/{invoice_id}/lines/{line_id}",
    scope="invoice:write",
    action=Action.UPDATE,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        InvoiceNotFound,
        LineNotFound,
        AccessDenied,
        InvalidState,
        CustomerNotFound,
        BankAccountNotFound,
        NegativeTotal,
        DiscountExceedsAmount,
        DateNotAllowed,
        DocumentTooLarge,
    ],
)
def handler(invoice_id: InvoiceId, line_id: LineId, request: Request) -> Invoice:
    """Delete a line of a draft.

    The totals are recalculated.
    """
    return change_draft(request.store, invoice_id, lambda draft: with_line(draft, line_id, None))
