"""POST /invoices/{invoice_id}/lines"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.drafts import AddLines
from invoicing.domain.drafting import with_lines
from invoicing.domain.errors import (
    AccessDenied,
    BankAccountNotFound,
    CustomerNotFound,
    DateNotAllowed,
    DiscountExceedsAmount,
    DocumentTooLarge,
    InvalidState,
    InvoiceNotFound,
    NegativeTotal,
)
from invoicing.domain.ids import InvoiceId
from invoicing.domain.invoice import Invoice
from invoicing.domain.lifecycle import Action
from invoicing.workflows.drafts import change_draft


@endpoint(
    "POST",
    "/invoices/{invoice_id}/lines",
    scope="invoice:write",
    status=201,
    action=Action.UPDATE,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        InvoiceNotFound,
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
def handler(invoice_id: InvoiceId, body: AddLines, request: Request) -> Invoice:
    """Add lines to a draft.

    The lines are appended and the totals are recalculated.
    """
    return change_draft(request.store, invoice_id, lambda draft: with_lines(draft, body.lines))
