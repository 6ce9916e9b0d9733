"""POST /invoices/{invoice_id}/credit"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.credit import CreditData
from invoicing.domain.credit_note import credit_note
from invoicing.domain.errors import AccessDenied, DateNotAllowed, InvalidState, InvoiceNotFound, NumberTaken, SeriesBusy
from invoicing.domain.event import Told
from invoicing.domain.events import InvoiceCredited, InvoiceFinalized
from invoicing.domain.ids import InvoiceId
from invoicing.domain.invoice import Invoice
from invoicing.domain.lifecycle import Action, require
from invoicing.domain.numbering import alongside
from invoicing.domain.printing import NotPrintable
from invoicing.domain.settlement_errors import CreditExceedsInvoice, NothingToCredit
from invoicing.workflows.settling import changes_of_status


@endpoint(
    "POST",
    "/invoices/{invoice_id}/credit",
    scope="invoice:finalize",
    status=201,
    action=Action.CREDIT,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        InvoiceNotFound,
        AccessDenied,
        InvalidState,
        CreditExceedsInvoice,
        NothingToCredit,
        NotPrintable,
        DateNotAllowed,
        NumberTaken,
        SeriesBusy,
    ],
)
def handler(invoice_id: InvoiceId, body: CreditData, request: Request) -> Invoice:
    """Issue a credit note for an invoice.

    Credits lines, a gross amount, or everything that is not credited yet. Any sequence of credits adds up to the
    invoice to the cent, net and tax of each rate.
    """
    invoice = request.store.invoice(invoice_id)
    require(invoice, Action.CREDIT)
    so_far = request.store.credited(invoice)
    tenant, _, counter = request.store.issuing(None, alongside(invoice.series, "credit_note"))
    today = counter.issued
    tenant.require_issue_date(today, today)

    def issue(number: str) -> tuple[Invoice, Told]:
        note, after, credited = credit_note(invoice, so_far, body, number, day=today, by=request.caller, at=request.now)
        told = InvoiceCredited.by(note, body.reason, body.comment)
        changes = changes_of_status(request.store, invoice, after)
        return note, [InvoiceFinalized(number=number), after, told, *changes, credited]

    return request.store.issue(counter, issue)
