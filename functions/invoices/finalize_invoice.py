"""POST /invoices/{invoice_id}/finalize"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId
from invoicing.customers.errors import CustomerNotFound
from invoicing.document_forms.workflow import form_of
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.lifecycle import Action, require
from invoicing.invoices.model import Invoice
from invoicing.invoices.requests import FinalizeInvoice
from invoicing.issuing.errors import CustomerMissing, DueDateMissing, NothingToInvoice
from invoicing.issuing.legal_content import LegalContentMissing
from invoicing.issuing.refusals import OF_ITS_ISSUE, OF_ITS_MAIL, OF_ITS_STATE
from invoicing.issuing.workflow import issue, parties_and_counter
from invoicing.notes.errors import AttachmentNotAllowed
from invoicing.settlement.errors import DepositNotDeductible
from invoicing.settlement.finalizing import finalization


@endpoint(
    "POST",
    "/invoices/{invoice_id}/finalize",
    scope="invoice:finalize",
    action=Action.FINALIZE,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        *OF_ITS_STATE,
        *OF_ITS_ISSUE,
        NothingToInvoice,
        CustomerMissing,
        CustomerNotFound,
        DueDateMissing,
        LegalContentMissing,
        *OF_ITS_MAIL,
        DepositNotDeductible,
        AttachmentNotAllowed,
    ],
)
def handler(invoice_id: InvoiceId, body: FinalizeInvoice, request: Request) -> Invoice:
    """Finalize a draft and assign its number.

    All checks run before a number is used. The parties and texts are frozen; the PDF and XML are rendered
    afterwards.
    """
    store = request.store
    invoice = store.get(Invoice, invoice_id)
    require(invoice, Action.FINALIZE)
    issue_date = body.issue_date or invoice.issue_date
    parties = parties_and_counter(store, invoice.customer_id, invoice.series, issue_date)
    form = form_of(store, invoice, parties.customer, parties.tenant)
    return issue(store, Invoice, parties.counter, finalization(store, invoice, parties, form, body))
