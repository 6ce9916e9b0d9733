"""DELETE /invoices/{invoice_id}/lines/{line_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import AccessDenied, DateNotAllowed, DocumentTooLarge
from invoicing.core.ids import InvoiceId, LineId
from invoicing.customers.errors import CustomerNotFound
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.drafts.drafting import with_line
from invoicing.invoices.errors import InvalidState, InvoiceNotFound
from invoicing.invoices.lifecycle import Action
from invoicing.invoices.model import Invoice
from invoicing.invoices.workflow import change_draft
from invoicing.pricing.errors import DiscountExceedsAmount, LineNotFound, NegativeTotal
from invoicing.tenants.errors import BankAccountNotFound


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
