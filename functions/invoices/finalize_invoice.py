"""POST /invoices/{invoice_id}/finalize"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import SenderNotGranted
from invoicing.core.event import Change
from invoicing.core.ids import InvoiceId
from invoicing.customers.errors import CustomerNotFound
from invoicing.document_forms.workflow import form_of
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.errors import NoRecipient
from invoicing.invoices.events import InvoiceFinalized
from invoicing.invoices.lifecycle import Action, require
from invoicing.invoices.model import Invoice
from invoicing.invoices.requests import FinalizeInvoice
from invoicing.issuing.errors import CustomerMissing, DueDateMissing, En16931RuleBroken, NothingToInvoice
from invoicing.issuing.finalizing import finalized
from invoicing.issuing.legal_content import LegalContentMissing
from invoicing.issuing.printing import NotPrintable
from invoicing.issuing.refusals import OF_ITS_NUMBER, OF_ITS_STATE
from invoicing.issuing.workflow import issue, parties_and_counter
from invoicing.notes.attaching import attached_to, attaching
from invoicing.notes.errors import AttachmentNotAllowed
from invoicing.settlement.deducting import deducted_by, deducting
from invoicing.settlement.errors import DepositNotDeductible
from invoicing.settlement.workflow import carried_over
from invoicing.tenants.errors import SenderMissing


@endpoint(
    "POST",
    "/invoices/{invoice_id}/finalize",
    scope="invoice:finalize",
    action=Action.FINALIZE,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        *OF_ITS_STATE,
        *OF_ITS_NUMBER,
        NothingToInvoice,
        CustomerMissing,
        CustomerNotFound,
        DueDateMissing,
        En16931RuleBroken,
        LegalContentMissing,
        NotPrintable,
        NoRecipient,
        SenderMissing,
        SenderNotGranted,
        DepositNotDeductible,
        AttachmentNotAllowed,
    ],
)
def handler(invoice_id: InvoiceId, body: FinalizeInvoice, request: Request) -> Invoice:
    """Finalize a draft and assign its number.

    All checks run before a number is used. The parties and texts are frozen; the PDF and XML are rendered
    afterwards.
    """
    invoice = request.store.get(Invoice, invoice_id)
    require(invoice, Action.FINALIZE)
    issue_date = body.issue_date or invoice.issue_date
    tenant, customer, counter = parties_and_counter(request.store, invoice.customer_id, invoice.series, issue_date)
    form = form_of(request.store, invoice, customer, tenant)

    draft, deposits = deducting(request.store, invoice, invoice.deposits, tenant)
    draft, notes = attaching(request.store, draft, [one.source for one in draft.attachments])

    def decide(number: str) -> list[Change]:
        issued = finalized(
            draft,
            number,
            tenant=tenant,
            customer=customer,
            issue_date=counter.issued,
            due_date=body.due_date,
            moment=request.moment,
            form=form,
        )
        if body.send:
            issued.require_mailable(tenant, customer)
        changes = carried_over(request.store, issued, InvoiceFinalized(number=number, send=body.send))
        return [*changes, *deducted_by(issued, deposits, request.store), *attached_to(issued, notes, request.store)]

    return issue(request.store, Invoice, counter, decide)
