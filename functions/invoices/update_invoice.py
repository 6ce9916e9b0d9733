"""PATCH /invoices/{invoice_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId
from invoicing.core.model import copied
from invoicing.http.endpoint import endpoint
from invoicing.http.patch import Patch
from invoicing.http.request import Request
from invoicing.invoices.drafts.model import RequestedChange
from invoicing.invoices.lifecycle import Action
from invoicing.invoices.model import Invoice
from invoicing.invoices.workflow import change_draft
from invoicing.issuing.refusals import OF_ITS_CONTENT, OF_ITS_PRICES, OF_ITS_STATE
from invoicing.notes.errors import AttachmentNotAllowed
from invoicing.settlement.errors import DepositNotDeductible


@endpoint(
    "PATCH",
    "/invoices/{invoice_id}",
    scope="invoice:write",
    action=Action.UPDATE,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_ITS_STATE, *OF_ITS_CONTENT, *OF_ITS_PRICES, DepositNotDeductible, AttachmentNotAllowed],
)
def handler(invoice_id: InvoiceId, body: Patch[RequestedChange], request: Request) -> Invoice:
    """Update a draft invoice.

    `lines` replaces the whole list; lines with an `id` keep it.
    """
    return change_draft(request.store, invoice_id, lambda draft: body.applied_to(copied(RequestedChange, draft)))
