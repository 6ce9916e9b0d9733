"""POST /invoices/{invoice_id}/credit"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Change, Recorded
from invoicing.core.ids import InvoiceId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.events import InvoiceFinalized
from invoicing.invoices.lifecycle import Action, require
from invoicing.invoices.model import Invoice
from invoicing.issuing.gate import require_sound_credit
from invoicing.issuing.refusals import OF_ITS_ISSUE, OF_ITS_STATE
from invoicing.issuing.workflow import issue, parties_and_counter
from invoicing.notes.attaching import attached_to, attaching_to_credit
from invoicing.notes.errors import AttachmentNotAllowed
from invoicing.numbering.model import alongside
from invoicing.settlement.credit import CreditData
from invoicing.settlement.credit_note import credit_note
from invoicing.settlement.errors import CreditExceedsInvoice, DepositDeducted, NothingToCredit
from invoicing.settlement.events import InvoiceCredited
from invoicing.settlement.table import credited_of
from invoicing.settlement.workflow import with_status


@endpoint(
    "POST",
    "/invoices/{invoice_id}/credit",
    scope="invoice:finalize",
    status=201,
    action=Action.CREDIT,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        *OF_ITS_STATE,
        *OF_ITS_ISSUE,
        CreditExceedsInvoice,
        NothingToCredit,
        DepositDeducted,
        AttachmentNotAllowed,
    ],
)
def handler(invoice_id: InvoiceId, body: CreditData, request: Request) -> Invoice:
    """Issue a credit note for an invoice.

    Credits lines, a gross amount, or everything that is not credited yet. Any sequence of credits adds up to the
    invoice to the cent, net and tax of each rate.
    """
    invoice = request.store.get(Invoice, invoice_id)
    require(invoice, Action.CREDIT)
    so_far = credited_of(request.store, invoice)
    files = attaching_to_credit(request.store, invoice, body.attachments)
    series = alongside(invoice.series, "credit_note")
    tenant, _, counter = parties_and_counter(request.store, None, series, body.issue_date)
    day = counter.issued
    tenant.require_issue_date(day, tenant.today(request.now))

    def decide(number: str) -> list[Change]:
        note, after, credited = credit_note(invoice, so_far, body, number, day=day, moment=request.moment)
        note = files.to(note)
        require_sound_credit(note, len(body.notes))
        event = InvoiceCredited.by(note, body.reason, body.comment)
        changed, dunned = with_status(request.store, invoice, after, event)
        attached = attached_to(note, files.notes, request.store)
        return [Recorded(note, InvoiceFinalized(number=number)), changed, *dunned, credited, *attached]

    return issue(request.store, Invoice, counter, decide)
