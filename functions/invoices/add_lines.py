"""POST /invoices/{invoice_id}/lines"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import AccessDenied, DateNotAllowed, DocumentTooLarge
from invoicing.core.ids import InvoiceId
from invoicing.customers.errors import CustomerNotFound
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.drafts.drafting import with_lines
from invoicing.invoices.errors import InvalidState, InvoiceNotFound
from invoicing.invoices.lifecycle import Action
from invoicing.invoices.model import Invoice
from invoicing.invoices.requests import AddLines
from invoicing.invoices.workflow import change_draft
from invoicing.pricing.errors import DiscountExceedsAmount, NegativeTotal
from invoicing.tenants.errors import BankAccountNotFound


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
