"""Steps that several functions share to record payments, refunds and applied credit."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import islice
from typing import Final, NamedTuple

from invoicing.core.errors import Invalid
from invoicing.core.event import Change, Recorded
from invoicing.core.identity import Moment
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
from invoicing.payments.table import refund_under_way
from invoicing.settlement.balance import CREDITED
from invoicing.settlement.deducting import refundable_of, require_paid
from invoicing.settlement.errors import CreditNotApplicable, PaymentNotFound, RefundUnderWay
from invoicing.settlement.events import PaymentDeleted, PaymentRecorded
from invoicing.settlement.model import WaitingCredit, apply_credit, reverse, settle
from invoicing.store.store import Store
from invoicing.tenants.table import moment_of

_MOST_CREDITS: Final = 10
"""The most documents whose credit pays one that is issued: all change in its transaction."""


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
        reached.append(InvoiceClosed(reason=after.close_reason or CREDITED))
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
    if refund_under_way(store, source.id):
        raise RefundUnderWay(pointer="/source_id")
    moment = moment_of(store)
    first, second = islice(new_ids("pay", moment.at), 2)
    moved = apply_credit(source, target, (first, second), data, moment=moment)
    on_deposit = moved.target.paid - target.paid if target.final_invoice_id == source.id else 0
    if data.amount > on_deposit:
        require_paid(store, source, data.amount - on_deposit)
    paid, dunned = with_status(store, target, moved.target, PaymentRecorded.of(moved.payment))
    refunded, others = with_status(store, source, moved.source, PaymentRecorded.of(moved.refund))
    return store.commit(moved.payment, paid, *dunned, moved.refund, refunded, *others)


class CarriedOver(NamedTuple):
    """A document as it is issued, with the documents whose credit pays it."""

    document: Invoice
    changes: list[Change]
    """The document first."""
    rest: tuple[WaitingCredit, ...] = ()
    """The credit that is left for later documents."""


def carried_over(
    store: Store,
    issued: Invoice,
    *events: InvoiceEvent,
    waiting: Sequence[WaitingCredit] = (),
    moment: Moment | None = None,
) -> CarriedOver:
    """A document as it is issued, paid by credit of others that waits, as far as it is due.

    A correction gets the amount paid on the invoice that it corrects instead (BT-113).
    """
    if issued.corrects_id is not None:
        of_corrected = WaitingCredit(invoice_id=issued.corrects_id, amount=issued.due)
        return _carried_over(store, issued, events, [of_corrected], moment)._replace(rest=tuple(waiting))
    return _carried_over(store, issued, events, waiting, moment)


def _carried_over(
    store: Store,
    issued: Invoice,
    events: Sequence[InvoiceEvent],
    waiting: Sequence[WaitingCredit],
    moment: Moment | None,
) -> CarriedOver:
    after, recorded, others, rest = issued, list(events), list[Change](), list[WaitingCredit]()
    for place, one in enumerate(waiting):
        source = store.get(InvoiceSummary, one.invoice_id)
        left = min(refundable_of(store, source), one.amount)
        if left <= 0:
            continue
        is_free = place < _MOST_CREDITS and not refund_under_way(store, source.id)
        amount = min(left, after.due) if is_free else Decimal(0)
        if left > amount:
            rest.append(one.model_copy(update={"amount": left - amount}))
        if amount <= 0 or not _is_alike(source, issued):
            continue
        moment = moment or moment_of(store)
        first, second = islice(new_ids("pay", moment.at), 2)
        data = PaymentData(amount=amount, method="credit", source_id=source.id, date=moment.today)
        moved = apply_credit(source, after, (first, second), data, moment=moment)
        refunded, dunned = with_status(store, source, moved.source, PaymentRecorded.of(moved.refund))
        after = moved.target
        recorded.append(PaymentRecorded.of(moved.payment))
        others += [moved.refund, refunded, *dunned, moved.payment]
    if not others:
        return CarriedOver(issued, [Recorded(issued, *events)], tuple(rest))
    paid, settled = with_status(store, issued, after.model_copy(update={"paid_at_issue": after.paid}), *recorded)
    return CarriedOver(paid.thing, [paid, *settled, *others], tuple(rest))


def _is_alike(one: InvoiceSummary, other: InvoiceSummary) -> bool:
    """Whether credit of one document can pay another one."""
    facts = [(part.customer_id, part.currency, is_self_billed(part)) for part in (one, other)]
    return facts[0] == facts[1]


def reversed_payment(
    store: Store, invoice_id: str, payment_id: str, reason: ReversalReason
) -> tuple[Payment, list[Change]]:
    """A payment after its reversal, and the changes beside it; for applied credit both sides together."""
    invoice = store.get(InvoiceSummary, invoice_id)
    payment, changes = _reversed(store, invoice, payment_id, reason)
    if payment.counterpart_id is None or payment.source_id is None:
        return payment, changes
    other = store.get(InvoiceSummary, payment.source_id)
    counterpart, changes_there = _reversed(store, other, payment.counterpart_id, reason)
    return payment, [*changes, counterpart, *changes_there]


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
