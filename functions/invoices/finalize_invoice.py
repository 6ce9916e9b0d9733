"""POST /invoices/{invoice_id}/finalize"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.invoices import FinalizeInvoice
from invoicing.domain.en16931 import CustomerMissing, DueDateMissing, En16931RuleBroken, NothingToInvoice
from invoicing.domain.errors import (
    AccessDenied,
    CustomerNotFound,
    DateNotAllowed,
    InvalidState,
    InvoiceNotFound,
    NoRecipient,
    NumberTaken,
    SenderMissing,
    SenderNotGranted,
    SeriesBusy,
)
from invoicing.domain.event import Told
from invoicing.domain.events import InvoiceFinalized
from invoicing.domain.ids import InvoiceId
from invoicing.domain.invoice import Invoice
from invoicing.domain.legal_content import LegalContentMissing
from invoicing.domain.lifecycle import Action, require
from invoicing.domain.printing import NotPrintable
from invoicing.workflows.settling import carried_over


@endpoint(
    "POST",
    "/invoices/{invoice_id}/finalize",
    scope="invoice:finalize",
    action=Action.FINALIZE,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        InvoiceNotFound,
        AccessDenied,
        InvalidState,
        NothingToInvoice,
        CustomerMissing,
        CustomerNotFound,
        DueDateMissing,
        En16931RuleBroken,
        LegalContentMissing,
        NotPrintable,
        DateNotAllowed,
        NoRecipient,
        SenderMissing,
        SenderNotGranted,
        NumberTaken,
        SeriesBusy,
    ],
)
def handler(invoice_id: InvoiceId, body: FinalizeInvoice, request: Request) -> Invoice:
    """Finalize a draft and assign its number.

    All checks run before a number is used. The parties and texts are frozen; the PDF and XML are rendered
    afterwards.
    """
    invoice = request.store.invoice(invoice_id)
    require(invoice, Action.FINALIZE)
    issue_date = body.issue_date or invoice.issue_date
    tenant, customer, counter = request.store.issuing(invoice.customer_id, invoice.series, issue_date)

    def issue(number: str) -> tuple[Invoice, Told]:
        issued = invoice.finalized(
            number,
            tenant=tenant,
            customer=customer,
            issue_date=counter.issued,
            due_date=body.due_date,
            today=tenant.today(request.now),
            by=request.caller,
            at=request.now,
        )
        if body.send:
            issued.require_mailable(tenant, customer)
        document, moved = carried_over(request.store, issued)
        return document, [InvoiceFinalized(number=number, send=body.send), *moved]

    return request.store.issue(counter, issue)
