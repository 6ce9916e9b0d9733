"""Limits of payments, refunds and their reversal: an invoice over 119.00 with 3 % of discount in 7 days."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from invoicing.core.errors import DateNotAllowed, Invalid
from invoicing.core.identity import Moment
from invoicing.core.ids import new_id
from invoicing.core.party import PaymentTerms
from invoicing.invoices.dunning import Dunning
from invoicing.invoices.model import Invoice
from invoicing.payments.model import Payment, PaymentData
from invoicing.settlement.credit import CreditData
from invoicing.settlement.credit_note import credit_note
from invoicing.settlement.errors import (
    CashDiscountNotAllowed,
    CreditNotApplicable,
    PaymentExceedsDue,
    RefundExceedsCredit,
    ReversalExceedsPaid,
)
from invoicing.settlement.model import apply_credit, reverse, settle
from tests.builders import NOON, line_json
from tests.unit.credits import BY, MOMENT, issued

NOTHING = Decimal("0.00")
INVOICE = issued({"currency": "EUR", "lines": [line_json()]})
FEES = Dunning(fees=Decimal("5.00"), interest=Decimal("1.00"), fees_paid=Decimal("0.00"), fees_due=Decimal("6.00"))
WITH_FEES = INVOICE.model_copy(update={"dunning": FEES})


def pay(
    invoice: Invoice, amount: str, discount: str | None = None, *, days: int = 0, accept: bool = False, **facts: Any
) -> tuple[Payment, Invoice]:
    """A payment or refund some days after the date of issue."""
    cut = None if discount is None else Decimal(discount)
    data = PaymentData(amount=Decimal(amount), date=NOON.date() + timedelta(days=days), cash_discount=cut, **facts)
    moment = Moment(BY, NOON + timedelta(days=days), "UTC")
    return settle(invoice, new_id("pay", moment.at), data, accept_overpayment=accept, moment=moment)


def sums(invoice: Invoice) -> tuple[str, ...]:
    names = ("paid", "due", "refund_due", "refunded", "status", "payment_status")
    return tuple(str(getattr(invoice, name)) for name in names)


@pytest.mark.parametrize(
    ("amount", "accept", "expected"),
    [
        ("0.01", False, ("0.01", "118.99", "0.00", "0.00", "open", "partially_paid")),
        ("118.99", False, ("118.99", "0.01", "0.00", "0.00", "open", "partially_paid")),
        ("119.00", False, ("119.00", "0.00", "0.00", "0.00", "paid", "paid")),
        ("119.01", True, ("119.01", "0.00", "0.01", "0.00", "paid", "paid")),
    ],
)
def test_a_payment_reduces_the_amount_due(amount: str, accept: bool, expected: tuple[str, ...]) -> None:
    payment, after = pay(INVOICE, amount, accept=accept)
    assert sums(after) == expected
    assert [(part.to, part.amount) for part in payment.allocations] == [("invoice", Decimal(amount))]
    assert after.last_payment is not None
    assert (after.last_payment.id, after.last_payment.amount) == (payment.id, Decimal(amount))
    _, before = reverse(after, payment, [payment], reason="error", moment=MOMENT)
    assert (sums(before), before.last_payment) == (("0.00", "119.00", "0.00", "0.00", "open", "unpaid"), None)


def test_more_than_the_amount_due_needs_consent() -> None:
    with pytest.raises(PaymentExceedsDue):
        pay(INVOICE, "119.01")
    with pytest.raises(PaymentExceedsDue):
        pay(WITH_FEES, "125.01")
    with pytest.raises(DateNotAllowed):
        settle(INVOICE, "pay_1", PaymentData(amount=Decimal("1.00"), date=NOON.date() + timedelta(days=1)),
               accept_overpayment=False, moment=MOMENT)  # fmt: skip
    with pytest.raises(Invalid):
        pay(INVOICE, "1.00", source_id=INVOICE.id)


@pytest.mark.parametrize(
    ("amount", "accept", "parts", "fees_due"),
    [
        ("118.00", False, [("invoice", "118.00")], "6.00"),
        ("119.00", False, [("invoice", "119.00")], "6.00"),
        ("120.50", False, [("invoice", "119.00"), ("fees", "1.50")], "4.50"),
        ("125.00", False, [("invoice", "119.00"), ("fees", "6.00")], "0.00"),
        ("130.00", True, [("invoice", "124.00"), ("fees", "6.00")], "0.00"),
    ],
)
def test_fees_are_paid_after_the_invoice(
    amount: str, accept: bool, parts: list[tuple[str, str]], fees_due: str
) -> None:
    payment, after = pay(WITH_FEES, amount, accept=accept)
    assert [(part.to, str(part.amount)) for part in payment.allocations] == parts
    assert after.dunning is not None
    assert str(after.dunning.fees_due) == fees_due
    _, before = reverse(after, payment, [payment], reason="error", moment=MOMENT)
    assert (before.paid, before.dunning) == (NOTHING, FEES)


@pytest.mark.parametrize(("amount", "discount", "days"), [("115.43", "3.57", 7), ("115.43", "3.57", 0)])
def test_a_cash_discount_in_time_pays_the_rest(amount: str, discount: str, days: int) -> None:
    payment, after = pay(INVOICE, amount, discount, days=days)
    assert sums(after) == ("115.43", "0.00", "0.00", "0.00", "paid", "paid")
    assert (str(after.cash_discount_taken), str(after.cash_discount_granted)) == ("3.57", "3.57")
    _, before = reverse(after, payment, [], reason="error", moment=MOMENT)
    assert sums(before) == sums(INVOICE)
    assert (before.cash_discount_taken, before.cash_discount_granted) == (NOTHING, NOTHING)


@pytest.mark.parametrize(
    ("amount", "discount", "days", "refusal"),
    [
        ("100.00", "3.58", 0, CashDiscountNotAllowed),
        ("100.00", "3.57", 8, CashDiscountNotAllowed),
        ("115.44", "3.57", 0, PaymentExceedsDue),
    ],
)
def test_more_cash_discount_or_later_is_refused(amount: str, discount: str, days: int, refusal: Any) -> None:
    with pytest.raises(refusal):
        pay(INVOICE, amount, discount, days=days)


def test_cash_discount_is_granted_once_and_within_the_rest() -> None:
    first, after = pay(INVOICE, "50.00", "1.00")
    with pytest.raises(CashDiscountNotAllowed):
        pay(after, "10.00", "2.58")
    _, both = pay(after, "10.00", "2.57")
    assert (str(both.cash_discount_taken), str(both.due)) == ("3.57", "55.43")
    _, nearly = pay(INVOICE, "118.00")
    with pytest.raises(PaymentExceedsDue):
        pay(nearly, "0.01", "1.01", accept=True)
    with pytest.raises(PaymentExceedsDue):
        pay(nearly, "0.01", "1.00")
    assert str(pay(nearly, "0.01", "1.00", accept=True)[1].refund_due) == "0.01"
    half = credit_note(both, (), CreditData(amount=Decimal("27.72")), "CN", day=NOON.date(), moment=MOMENT).invoice
    assert str(half.cash_discount_taken) == "2.74"  # 3.57 × 91.28 ÷ 119.00
    _, less = reverse(half, first, [], reason="error", moment=MOMENT)
    assert (str(less.cash_discount_granted), str(less.cash_discount_taken)) == ("2.57", "1.97")  # 2.74 × 2.57 ÷ 3.57


def test_a_refund_returns_the_overpaid_part() -> None:
    payment, over = pay(INVOICE, "150.00", accept=True)
    with pytest.raises(RefundExceedsCredit):
        pay(over, "31.01", type="refund")
    with pytest.raises(CashDiscountNotAllowed):
        pay(over, "1.00", "0.01", type="refund")
    refund, after = pay(over, "31.00", type="refund")
    assert sums(after) == ("119.00", "0.00", "0.00", "31.00", "paid", "paid")
    assert after.last_payment == over.last_payment
    with pytest.raises(ReversalExceedsPaid):
        reverse(after, payment, [refund], reason="error", moment=MOMENT)
    taken_back, again = reverse(after, refund, [payment], reason="error", moment=MOMENT)
    assert sums(again) == ("150.00", "0.00", "31.00", "0.00", "paid", "paid")
    assert (taken_back.reversed_at, taken_back.reversal_reason) == (NOON, "error")
    assert sums(reverse(again, payment, [taken_back], reason="error", moment=MOMENT)[1]) == sums(INVOICE)


def test_the_last_payment_is_the_newest_that_was_not_reversed() -> None:
    first, one = pay(INVOICE, "10.00")
    second, two = pay(one, "20.00", days=1)
    third, three = pay(two, "30.00", days=2)
    gone, after = reverse(three, second, [first, second, third], reason="error", moment=MOMENT)
    assert after.last_payment is not None
    assert after.last_payment.id == third.id
    _, after = reverse(after, third, [first, gone, third], reason="error", moment=MOMENT)
    assert after.last_payment is not None
    assert (after.last_payment.id, str(after.paid)) == (first.id, "10.00")


def test_a_credit_of_an_overpaid_invoice_adds_to_its_refund() -> None:
    _, over = pay(INVOICE, "150.00", accept=True)
    first = credit_note(over, (), CreditData(amount=Decimal("19.00")), "CN-1", day=NOON.date(), moment=MOMENT)
    assert first.document.credit_settlement is not None
    assert (str(first.document.credit_settlement.refund), str(first.invoice.refund_due)) == ("19.00", "50.00")
    nameless = first.credited.model_copy(update={"number": None})
    for row, earlier in ((first.credited, ["CN-1"]), (nameless, [])):
        more = credit_note(first.invoice, [row], CreditData(), "CN-2", day=NOON.date(), moment=MOMENT).document
        assert more.credit_settlement is not None
        assert [one.number for one in more.credit_settlement.earlier] == earlier
        assert str(more.credit_settlement.refund) == "100.00"


def test_a_cash_discount_is_rounded_half_up() -> None:
    terms = PaymentTerms(days=14, discount_percent=Decimal("2.5"), discount_days=7)
    invoice = INVOICE.model_copy(update={"payment_terms": terms})
    with pytest.raises(CashDiscountNotAllowed):
        pay(invoice, "100.00", "2.99")
    assert str(pay(invoice, "116.02", "2.98")[1].due) == "0.00"  # 2.975


def test_a_discount_above_the_whole_is_not_granted() -> None:
    terms = PaymentTerms(days=14, discount_percent=Decimal(5), discount_days=7, second_discount_percent=Decimal(2),
                         second_discount_days=10)  # fmt: skip
    assert str(pay(INVOICE.model_copy(update={"payment_terms": terms}), "1.00", "5.95")[1].due) == "112.05"
    stored = INVOICE.model_copy(update={"payment_terms": terms.model_copy(update={"discount_percent": Decimal(101)})})
    with pytest.raises(CashDiscountNotAllowed):
        pay(stored, "1.00", "1.00")


def test_credit_of_one_document_pays_another() -> None:
    customer = {"customer_id": new_id("cus", NOON)}
    source = pay(INVOICE, "150.00", accept=True)[1].model_copy(update=customer)
    target = issued({"currency": "EUR", "lines": [line_json()]}).model_copy(update=customer)
    ids = (new_id("pay", NOON), new_id("pay", NOON))
    data = PaymentData(amount=Decimal("31.00"), date=NOON.date(), method="credit", source_id=source.id)
    applied = apply_credit(source, target, ids, data, moment=MOMENT)
    assert (applied.payment.id, applied.refund.id) == ids
    assert (applied.payment.counterpart_id, applied.refund.counterpart_id) == (ids[1], ids[0])
    assert (str(applied.target.due), str(applied.source.refund_due)) == ("88.00", "0.00")
    assert applied.refund.source_id == target.id
    more = data.model_copy(update={"amount": Decimal("31.01")})
    with pytest.raises(RefundExceedsCredit):
        apply_credit(source, target, ids, more, moment=MOMENT)
    for other in ({"customer_id": None}, {"currency": "USD"}, {"id": source.id}):
        with pytest.raises(CreditNotApplicable):
            apply_credit(source, target.model_copy(update=other), ids, data, moment=MOMENT)
