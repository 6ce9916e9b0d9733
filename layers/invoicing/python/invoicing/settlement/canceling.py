"""Canceling documents, for whichever reason: asked for, as a status, or with a correction in its place."""

from invoicing.core.event import Event, Told
from invoicing.dunning.settled import settled_documents
from invoicing.invoices.events import InvoiceCanceled, InvoiceFinalized
from invoicing.invoices.lifecycle import Action, require
from invoicing.invoices.model import Invoice
from invoicing.numbering.model import alongside
from invoicing.orders.workflow import freeing, passing_on
from invoicing.settlement.closing import voided, voided_alone
from invoicing.settlement.credit_note import cancellation
from invoicing.settlement.events import CreditVoided
from invoicing.store.store import Store


def cancel(store: Store, invoice_id: str, reason: str | None = None) -> Invoice:
    """Cancel an invoice by a cancellation over what is not credited yet, or void a credit note nobody has seen."""
    document = store.invoice(invoice_id)
    require(document, Action.CANCEL)
    return _void(store, document, reason) if document.type == "credit_note" else cancel_invoice(store, document, reason)


def cancel_invoice(
    store: Store,
    invoice: Invoice,
    reason: str | None,
    *,
    correction: tuple[Invoice, Event] | None = None,
    with_order: Told | None = None,
) -> Invoice:
    """Cancel an invoice; where a correction takes its place that is made with it, and returned.

    Its order can be invoiced again, unless `with_order` says what else becomes of it.
    """
    session = store.session
    tenant, _, counter = store.issuing(None, alongside(invoice.series, "cancellation"))
    today = counter.issued
    tenant.require_issue_date(today, today)
    so_far = store.credited(invoice)
    order = passing_on(store, invoice, correction[0]) if correction else with_order or freeing(store, invoice)

    def issue(number: str) -> tuple[Invoice, Told]:
        document, after, credited = cancellation(invoice, so_far, number, day=today, by=session.caller, at=session.now)
        if correction:
            after = after.model_copy(update={"correction_id": correction[0].id})
        canceled = InvoiceCanceled(cancellation_id=document.id, number=number, reason=reason)
        told: Told = [canceled, document, InvoiceFinalized(number=number), credited, *order]
        if correction:
            draft, created = correction
            return draft, [created, after, *told]
        return after, told

    return store.issue(counter, issue)


def _void(store: Store, note: Invoice, reason: str | None) -> Invoice:
    by, at = store.session.caller, store.session.now
    source = next((reference.invoice_id for reference in note.references if reference.invoice_id), None)
    if note.origin == "adjustment" or source is None:
        return store.commit(voided_alone(note, by=by, at=at), InvoiceCanceled(reason=reason))
    invoice = store.invoice_summary(source)
    credited = next(one for one in store.credited(invoice) if one.credit_note_id == note.id)
    document, after, gone = voided(invoice, note, credited, by=by, at=at)
    dunned = settled_documents(store, invoice, after)
    voiding = CreditVoided(credit_note_id=note.id, number=note.number or "", amount=note.total)
    return store.commit(document, InvoiceCanceled(reason=reason), after, voiding, gone, *dunned)
