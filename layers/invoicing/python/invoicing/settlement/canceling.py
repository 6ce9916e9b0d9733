"""Canceling documents: on request, by a status, or with a correction."""

from collections.abc import Sequence

from invoicing.core.errors import Invalid
from invoicing.core.event import Change, Recorded
from invoicing.dunning.settled import settled_documents
from invoicing.invoices.events import InvoiceCanceled, InvoiceFinalized
from invoicing.invoices.lifecycle import Action, require
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.invoices.requests import CancelInvoice
from invoicing.issuing.gate import require_sound_credit
from invoicing.issuing.workflow import issue, parties_and_counter
from invoicing.notes.attaching import attached_to, attaching_to_credit
from invoicing.numbering.model import alongside
from invoicing.orders.workflow import freed_order, reassigned_order
from invoicing.settlement.closing import voided, voided_alone
from invoicing.settlement.correction import Correction
from invoicing.settlement.credit_note import cancellation
from invoicing.settlement.deducting import released
from invoicing.settlement.deposits import require_not_deducted
from invoicing.settlement.events import CreditVoided
from invoicing.settlement.table import credited_of
from invoicing.store.store import Store
from invoicing.subscriptions.workflow import released_periods, require_no_change


def cancel(store: Store, invoice_id: str, data: CancelInvoice) -> Invoice:
    """Cancel an invoice by a cancellation over the amount not credited yet, or void an unsent credit note.

    The notes, supporting documents and files are those of the cancellation. Voiding issues no document to have them.
    """
    document = store.get(Invoice, invoice_id)
    require(document, Action.CANCEL)
    if document.type == "credit_note":
        _require_no_additions(data)
        return _void(store, document, data.reason)
    return cancel_invoice(store, document, data)


def cancel_invoice(
    store: Store,
    invoice: Invoice,
    data: CancelInvoice,
    *,
    correction: Correction | None = None,
    with_order: Sequence[Change] | None = None,
) -> Invoice:
    """Cancel an invoice. A correction that replaces it is created in the same commit, and returned.

    Its order can be invoiced again, unless `with_order` contains another change of it.
    """
    session = store.session
    tenant, _, counter = parties_and_counter(store, None, alongside(invoice.series, "cancellation"))
    today = counter.issued
    tenant.require_issue_date(today, today)
    so_far = credited_of(store, invoice)
    files = attaching_to_credit(store, invoice, data.attachments)
    order = (
        reassigned_order(store, invoice, correction.draft.thing)
        if correction
        else with_order or freed_order(store, invoice)
    )
    periods = correction.periods if correction else released_periods(store, invoice)

    def decide(number: str) -> list[Change]:
        document, after, credited = cancellation(invoice, so_far, number, data=data, day=today, moment=session.moment)
        document = files.to(document)
        require_sound_credit(document, len(data.notes))
        if correction:
            after = after.model_copy(update={"correction_id": correction.draft.thing.id})
        canceled = InvoiceCanceled(cancellation_id=document.id, number=number, reason=data.reason)
        return [
            *([correction.draft] if correction else []),
            Recorded(after, canceled),
            Recorded(document, InvoiceFinalized(number=number)),
            credited,
            *order,
            *periods,
            *([] if after.deposits_released is None else released(store, after)),
            *attached_to(document, files.notes, store),
        ]

    return issue(store, Invoice, counter, decide)


def _require_no_additions(data: CancelInvoice) -> None:
    for name in ("notes", "supporting_documents", "attachments"):
        if getattr(data, name):
            raise Invalid("No document is issued that could have them: the credit note is voided.", pointer=f"/{name}")


def _void(store: Store, note: Invoice, reason: str | None) -> Invoice:
    moment = store.session.moment
    source = next((reference.invoice_id for reference in note.references if reference.invoice_id), None)
    if note.origin == "adjustment" or source is None:
        return store.commit(Recorded(voided_alone(note, moment=moment), InvoiceCanceled(reason=reason)))
    invoice = store.get(InvoiceSummary, source)
    require_not_deducted(invoice)
    credited = next(one for one in credited_of(store, invoice) if one.credit_note_id == note.id)
    require_no_change(store, invoice, note, (line.id for line in credited.lines))
    document, after, gone = voided(invoice, note, credited, moment=moment)
    dunned = settled_documents(store, invoice, after)
    voiding = CreditVoided(credit_note_id=note.id, number=note.number or "", amount=note.total)
    return store.commit(Recorded(document, InvoiceCanceled(reason=reason)), Recorded(after, voiding), gone, *dunned)
