"""Steps that several functions share to record payments, refunds and applied credit."""

from itertools import islice

from invoicing.core.errors import Invalid
from invoicing.core.event import Change, Recorded
from invoicing.core.ids import new_id, new_ids
from invoicing.core.model import Aggregate
from invoicing.dunning.settled import settled_documents
from invoicing.invoices.errors import InvalidState, InvoiceNotFound
from invoicing.invoices.event import InvoiceEvent
from invoicing.invoices.events import InvoiceClosed, InvoicePaid
from invoicing.invoices.lifecycle import Action, Status, allowed_actions, require
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.issuing.self_billing import is_self_billed
from invoicing.payments.model import Payment, PaymentData, ReversalReason
from invoicing.settlement.balance import CREDITED
from invoicing.settlement.deducting import refundable_of, require_paid
from invoicing.settlement.errors import CreditNotApplicable, PaymentNotFound
from invoicing.settlement.events import PaymentDeleted, PaymentRecorded
from invoicing.settlement.model import Applied, apply_credit, reverse, settle
from invoicing.store.store import Store
from invoicing.tenants.table import moment_of


def with_status[I: InvoiceSummary](
    store: Store, before: InvoiceSummary, after: I, *events: InvoiceEvent
) -> tuple[Recorded[I], tuple[Aggregate, ...]]:
    """A document after a payment, with these events and that of its new status, and its dunning documents.

    These are the reminders and dunning letters that are paid with the document, or due again.
    """
    reached: list[InvoiceEvent] = []
    if before.status is not after.status is Status.PAID:
        reached.append(InvoicePaid())
    elif before.status is not after.status is Status.CLOSED:
        reached.append(InvoiceClosed(reason=CREDITED))
    return Recorded(after, *events, *reached), settled_documents(store, before, after)


def pay_the_rest(store: Store, invoice: Invoice) -> Invoice:
    """Record the amount due as paid today."""
    require(invoice, Action.PAY)
    rest = invoice.due + invoice.written_off
    if not rest:
        raise InvalidState("Nothing is due on the document.", allowed_actions=allowed_actions(invoice))
    moment = moment_of(store)
    data = PaymentData(amount=rest, date=moment.today)
    payment, after = settle(invoice, new_id("pay", moment.at), data, accept_overpayment=False, moment=moment)
    changed, dunned = with_status(store, invoice, after, PaymentRecorded.of(payment))
    return store.commit(changed, *dunned, payment)


def pay_with_credit(store: Store, target: InvoiceSummary, data: PaymentData) -> Payment:
    """Pay a document with credit of another one of the customer. Both change together."""
    if data.type == "refund" or data.source_id is None:
        raise Invalid("source_id must be another document.", pointer="/source_id")
    try:
        source = store.get(InvoiceSummary, data.source_id)
    except InvoiceNotFound:
        raise CreditNotApplicable(pointer="/source_id") from None
    moment = moment_of(store)
    first, second = islice(new_ids("pay", moment.at), 2)
    moved = apply_credit(source, target, (first, second), data, moment=moment)
    on_deposit = moved.target.paid - target.paid if target.final_invoice_id == source.id else 0
    if data.amount > on_deposit:
        require_paid(store, source, data.amount - on_deposit)
    return store.commit(moved.payment, *_moved(store, target, source, moved))


def _moved[S: InvoiceSummary, T: InvoiceSummary](
    store: Store, target: T, source: S, moved: Applied[S, T], *events: InvoiceEvent
) -> list[Change]:
    """Both documents of applied credit, the paid one first, and the refund of the other one."""
    paid, dunned = with_status(store, target, moved.target, *events, PaymentRecorded.of(moved.payment))
    refunded, others = with_status(store, source, moved.source, PaymentRecorded.of(moved.refund))
    return [paid, *dunned, moved.refund, refunded, *others]


def carried_over(store: Store, issued: Invoice, *events: InvoiceEvent) -> list[Change]:
    """A document as it is issued. A correction gets the amount paid on the invoice that it corrects (BT-113)."""
    if issued.corrects_id is None:
        return [Recorded(issued, *events)]
    source = store.get(InvoiceSummary, issued.corrects_id)
    amount = min(refundable_of(store, source), issued.due)
    facts = [(one.customer_id, one.currency, is_self_billed(one)) for one in (source, issued)]
    if not amount or facts[0] != facts[1]:
        return [Recorded(issued, *events)]
    moment = moment_of(store)
    first, second = islice(new_ids("pay", moment.at), 2)
    data = PaymentData(amount=amount, method="credit", source_id=source.id, date=moment.today)
    moved = apply_credit(source, issued, (first, second), data, moment=moment)
    paid = moved.target.model_copy(update={"paid_at_issue": moved.target.paid})
    return [*_moved(store, issued, source, moved._replace(target=paid), *events), moved.payment]


def reverse_payment(store: Store, invoice_id: str, payment_id: str, reason: ReversalReason) -> Payment:
    """Reverse a payment; for applied credit both sides together."""
    invoice = store.get(InvoiceSummary, invoice_id)
    payment, changes = _reversed(store, invoice, payment_id, reason)
    if payment.counterpart_id is None or payment.source_id is None:
        return store.commit(payment, *changes)
    other = store.get(InvoiceSummary, payment.source_id)
    counterpart, changes_there = _reversed(store, other, payment.counterpart_id, reason)
    return store.commit(payment, *changes, counterpart, *changes_there)


def _reversed(
    store: Store, invoice: InvoiceSummary, payment_id: str, reason: ReversalReason
) -> tuple[Payment, list[Change]]:
    payments = store.all(Payment, invoice.id)
    payment = next((one for one in payments if one.id == payment_id), None)
    if payment is None:
        raise PaymentNotFound
    gone, after = reverse(invoice, payment, payments, reason=reason, moment=store.session.moment)
    deleted = PaymentDeleted(
        payment_id=payment.id, type=payment.type, amount=payment.amount, currency=payment.currency, reason=reason
    )
    changed, dunned = with_status(store, invoice, after, deleted)
    return gone, [changed, *dunned]
