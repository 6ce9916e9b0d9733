"""PUT /invoices/{invoice_id}/customer-address"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId
from invoicing.core.party import Address
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.lifecycle import Action
from invoicing.invoices.model import Invoice
from invoicing.invoices.workflow import change_draft
from invoicing.issuing.refusals import OF_ITS_CONTENT, OF_ITS_STATE


@endpoint(
    "PUT",
    "/invoices/{invoice_id}/customer-address",
    scope="invoice:write",
    action=Action.UPDATE,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_ITS_STATE, *OF_ITS_CONTENT],
)
def handler(invoice_id: InvoiceId, body: Address, request: Request) -> Invoice:
    """Set the customer's address on a draft.

    The address replaces the customer's own on this document only.
    """
    return change_draft(request.store, invoice_id, lambda draft: draft.model_copy(update={"customer_address": body}))
