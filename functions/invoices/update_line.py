"""PATCH /invoices/{invoice_id}/lines/{line_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.patch import Patch
from invoicing.api.request import Request
from invoicing.domain.draft import ChangedInvoice
from invoicing.domain.drafting import line_of, with_line
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
from invoicing.domain.line import NewLine
from invoicing.workflows.drafts import change_draft


@endpoint(
    "PATCH",
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
def handler(invoice_id: InvoiceId, line_id: LineId, body: Patch[NewLine], request: Request) -> Invoice:
    """Update a line of a draft.

    The totals are recalculated.
    """

    def change(draft: ChangedInvoice) -> ChangedInvoice:
        return with_line(draft, line_id, body.applied_to(line_of(draft, line_id)))

    return change_draft(request.store, invoice_id, change)
