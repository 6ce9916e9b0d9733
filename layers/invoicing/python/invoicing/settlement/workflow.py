"""Money that comes in, goes back or moves, as several functions record it."""

from collections.abc import Iterator
from itertools import islice

from invoicing.core.errors import Invalid
from invoicing.core.event import Event, Told
from invoicing.core.ids import new_id, new_ids
from invoicing.core.model import Aggregate
from invoicing.dunning.settled import settled_documents
from invoicing.invoices.errors import InvalidState, InvoiceNotFound
from invoicing.invoices.events import InvoiceClosed, InvoicePaid
from invoicing.invoices.lifecycle import Action, Status, allowed_actions, require
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.settlement.balance import CREDITED
from invoicing.settlement.errors import CreditNotApplicable, PaymentNotFound
from invoicing.settlement.events import PaymentDeleted, PaymentRecorded
from invoicing.settlement.model import Applied, apply_credit, reverse, settle
from invoicing.settlement.payment import Payment, PaymentData, ReversalReason
from invoicing.store.store import Store


def changes_of_status(store: Store, before: InvoiceSummary, after: InvoiceSummary) -> Iterator[Aggregate | Event]:
    """The events of a document that money settles, and the dunning documents that are paid with it or due again."""
    if before.status is not after.status is Status.PAID:
        yield InvoicePaid()
    elif before.status is not after.status is Status.CLOSED:
        yield InvoiceClosed(reason=CREDITED)
    yield from settled_documents(store, before, after)


def pay_the_rest(store: Store, invoice: Invoice) -> Invoice:
    """Record what is due as paid today."""
    require(invoice, Action.PAY)
    rest = invoice.due + invoice.written_off
    if not rest:
        raise InvalidState("Nothing is due on the document.", allowed_actions=allowed_actions(invoice))
    by, at = store.session.caller, store.session.now
    today = store.today()
    data = PaymentData(amount=rest, date=today)
    payment, after = settle(invoice, new_id("pay", at), data, accept_overpayment=False, today=today, by=by, at=at)
    return store.commit(after, PaymentRecorded.of(payment), *changes_of_status(store, invoice, after), payment)


def pay_with_credit(store: Store, target: InvoiceSummary, data: PaymentData) -> Payment:
    """Pay a document with what another one of the customer's is owed; both change together."""
    if data.type == "refund" or data.source_id is None:
        raise Invalid("source_id must be another document.", pointer="/source_id")
    try:
        source = store.invoice_summary(data.source_id)
    except InvoiceNotFound:
        raise CreditNotApplicable(pointer="/source_id") from None
    by, at = store.session.caller, store.session.now
    first, second = islice(new_ids("pay", at), 2)
    moved = apply_credit(source, target, (first, second), data, today=store.today(), by=by, at=at)
    return store.commit(moved.payment, moved.target, *_told_of_move(store, target, source, moved))


def _told_of_move[S: InvoiceSummary, T: InvoiceSummary](
    store: Store, target: T, source: S, moved: Applied[S, T]
) -> Told:
    """Credit that moved, as first the one and then the other document tells it."""
    return (
        PaymentRecorded.of(moved.payment),
        *changes_of_status(store, target, moved.target),
        moved.refund,
        moved.source,
        PaymentRecorded.of(moved.refund),
        *changes_of_status(store, source, moved.source),
    )


def carried_over(store: Store, issued: Invoice) -> tuple[Invoice, Told]:
    """A correction as it is issued, with what was paid on the invoice that it corrects (BT-113)."""
    if issued.corrects_id is None:
        return issued, ()
    source = store.invoice_summary(issued.corrects_id)
    by, at = store.session.caller, store.session.now
    amount = min(source.refund_due, issued.due)
    if not amount or (source.customer_id, source.currency) != (issued.customer_id, issued.currency):
        return issued, ()
    today = store.today()
    first, second = islice(new_ids("pay", at), 2)
    data = PaymentData(amount=amount, method="credit", source_id=source.id, date=today)
    moved = apply_credit(source, issued, (first, second), data, today=today, by=by, at=at)
    prepaid = moved.target.model_copy(update={"prepaid": moved.target.paid})
    return prepaid, (*_told_of_move(store, issued, source, moved), moved.payment)


def reverse_payment(store: Store, invoice_id: str, payment_id: str, reason: ReversalReason) -> Payment:
    """Take a payment back; of credit that moved both sides, as one."""
    invoice = store.invoice_summary(invoice_id)
    payment, told = _reversed(store, invoice, payment_id, reason)
    if payment.counterpart_id is None or payment.source_id is None:
        return store.commit(payment, *told)
    other = store.invoice_summary(payment.source_id)
    counterpart, told_there = _reversed(store, other, payment.counterpart_id, reason)
    return store.commit(payment, *told, counterpart, *told_there)


def _reversed(store: Store, invoice: InvoiceSummary, payment_id: str, reason: ReversalReason) -> tuple[Payment, Told]:
    payments = store.payments(invoice.id)
    payment = next((one for one in payments if one.id == payment_id), None)
    if payment is None:
        raise PaymentNotFound
    by, at = store.session.caller, store.session.now
    gone, after = reverse(invoice, payment, payments, reason=reason, by=by, at=at)
    told = PaymentDeleted(
        payment_id=payment.id, type=payment.type, amount=payment.amount, currency=payment.currency, reason=reason
    )
    return gone, (after, told, *changes_of_status(store, invoice, after))
