"""Small differences that are closed with a bank transaction: of an invoice over 119.00."""

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.bank.model import BankTransaction
from invoicing.bank_matching.allocating import How, allocate
from invoicing.bank_matching.amounts import fit_of
from invoicing.bank_matching.deciding import Evidence, Named, suggestions_for
from invoicing.bank_matching.errors import SmallDifferenceNotAllowed
from invoicing.bank_matching.model import OpenDocument
from invoicing.bank_matching.requests import AllocationRequest
from invoicing.core.identity import Moment
from invoicing.core.ids import new_id
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.payments.model import Payment, PaymentData
from invoicing.pricing.payable import payable
from invoicing.settlement.closing import closed
from invoicing.settlement.model import reverse, settle
from tests.builders import NOON, line_json
from tests.unit.credits import BY, issued
from tests.unit.test_bank_matching import document

INVOICE = issued({"currency": "EUR", "lines": [line_json()]})
LIMIT = Decimal("2.00")
STATE = ("status", "due", "written_off", "paid", "refund_due", "close_reason", "closed_at", "payment_status")


def state(invoice: InvoiceSummary) -> tuple[Any, ...]:
    return tuple(getattr(invoice, name) for name in STATE)


def suggested(amount: str, *documents: OpenDocument, limit: Decimal = LIMIT) -> Any:
    named = [Named(one) for one in documents]
    [found] = suggestions_for(Evidence(Decimal(amount), "EUR", named=named, small_difference=limit))
    return found


@pytest.mark.parametrize(
    ("amount", "more", "expected"),
    [
        ("100.00", {}, ("certain", None, None)),
        ("99.99", {}, ("certain", None, "0.01")),
        ("98.00", {}, ("certain", None, "2.00")),
        ("97.99", {}, ("likely", None, None)),
        ("100.01", {}, ("possible", None, None)),
        ("97.00", {"discount": "3.00"}, ("certain", "3.00", None)),
        ("98.50", {"discount": "1.00"}, ("certain", "1.00", "0.50")),
        ("99.50", {"discount": "1.00"}, ("certain", None, "0.50")),
        ("104.00", {"fees": "5.00"}, ("likely", None, None)),
        ("99.00", {"fees": "5.00"}, ("likely", None, None)),
        ("99.00", {"in_full": True}, ("likely", None, None)),
        ("99.995", {}, ("likely", None, None)),
    ],
)
def test_a_small_difference_is_certain(amount: str, more: dict[str, Any], expected: tuple[str, ...]) -> None:
    values: dict[str, Any] = {name: Decimal(one) if isinstance(one, str) else one for name, one in more.items()}
    found = suggested(amount, document(1, "100.00")._replace(**values))
    [part] = found.documents
    shown = [one and str(one) for one in (part.cash_discount, part.small_difference)]
    assert (found.confidence, *shown) == expected
    assert ("small_difference" in found.why) is (expected[2] is not None)


def test_the_last_document_is_closed_with_the_difference_of_all() -> None:
    found = suggested("119.00", document(1, "100.00"), document(2, "20.00"))
    assert [(str(one.amount), one.small_difference) for one in found.documents] == [
        ("100.00", None),
        ("19.00", Decimal("1.00")),
    ]
    assert suggested("101.00", document(1, "100.00"), document(2, "2.00")).confidence == "likely"
    assert suggested("1.00", document(1, "2.00")).confidence == "likely"


cents = st.integers(1, 300).map(lambda number: Decimal(number).scaleb(-2))
documents = st.lists(st.tuples(cents, cents, st.sampled_from("AB")), min_size=1, max_size=4).map(
    lambda found: [
        document(number, str(due), customer)._replace(discount=min(discount, due) if discount > 2 else Decimal())
        for number, (due, discount, customer) in enumerate(found)
    ]
)


@given(documents, st.integers(1, 1_000).map(lambda number: Decimal(number).scaleb(-2)), cents)
def test_a_limit_only_adds_matches_within_it(named: list[OpenDocument], amount: Decimal, limit: Decimal) -> None:
    without = suggested(str(amount), *named, limit=Decimal())
    within = suggested(str(amount), *named, limit=limit)
    assert all(one.small_difference is None for one in without.documents)
    if fit_of(amount, named) or "small_difference" not in within.why:
        assert within == without
        return
    *others, last = within.documents
    assert last.small_difference is not None
    assert 0 < last.small_difference <= limit
    assert last.amount > last.small_difference
    assert not any(one.small_difference for one in others)
    due = sum(one.due for one in named)
    assert amount + last.small_difference + sum(one.cash_discount or 0 for one in within.documents) == due


def moment(hours: int) -> Moment:
    return Moment(BY, NOON + timedelta(hours=hours), "UTC")


def allocated(invoice: InvoiceSummary, amount: str, difference: str | None, at: Moment) -> tuple[Payment, Any]:
    transaction = BankTransaction(
        id=new_id("btx", at.at),
        statement_id=new_id("bst", NOON),
        bank_account_id="main",
        unallocated=Decimal(amount),
        booked_on=NOON.date(),
        direction="credit",
        amount=Decimal(amount),
        currency="EUR",
        created_at=NOON,
        updated_at=NOON,
    )
    wanted = AllocationRequest(
        invoice_id=invoice.id, amount=Decimal(amount), small_difference=Decimal(difference) if difference else None
    )
    found = allocate(transaction, invoice, wanted, new_id("pay", at.at), How("rule", at, small_difference=LIMIT))
    assert found.allocation.small_difference == found.payment.small_difference == wanted.small_difference
    return found.payment, found.document


def paid(invoice: Invoice, amount: str, at: Moment) -> tuple[Payment, Invoice]:
    data = PaymentData(amount=Decimal(amount), date=NOON.date())
    return settle(invoice, new_id("pay", at.at), data, accept_overpayment=True, moment=at)


@pytest.mark.parametrize(
    ("amount", "difference"), [("118.00", "1.01"), ("118.00", "0.99"), ("119.00", "0.01"), ("116.00", "3.00")]
)
def test_only_the_rest_within_the_limit_is_closed(amount: str, difference: str) -> None:
    with pytest.raises(SmallDifferenceNotAllowed):
        allocated(INVOICE, amount, difference, moment(1))
    with pytest.raises(SmallDifferenceNotAllowed):
        allocated(closed(INVOICE, "write_off", moment=moment(0)), "118.00", "1.00", moment(1))


@given(st.lists(st.integers(1, 3_000), max_size=3), st.integers(1, 200), st.integers(1, 250), st.randoms())
def test_reversals_give_the_state_before(parts: list[int], difference: int, more: int, random: Random) -> None:
    """Part payments, one that closes the rest, and one more: in any order of their reversal."""
    now, payments, states = INVOICE, list[Payment](), [state(INVOICE)]
    for number, units in enumerate(parts):
        one, now = paid(now, f"{Decimal(units).scaleb(-2)}", moment(number))
        payments.append(one)
        states.append(state(now))
    small = Decimal(difference).scaleb(-2)
    closing, now = allocated(now, f"{now.due - small}", f"{small}", moment(8))
    assert (now.status, now.close_reason, now.written_off, now.due) == (Status.CLOSED, "small_difference", small, 0)
    assert payable(now) == now.paid + now.written_off
    states.append(state(now))
    late, after = paid(now, f"{Decimal(more).scaleb(-2)}", moment(9))
    if after.status is Status.CLOSED:
        assert state(reverse(after, late, [*payments, closing], reason="error", moment=moment(10))[1]) == states[-1]
    assert state(reverse(now, closing, payments, reason="error", moment=moment(10))[1]) == states[-2]
    everything = [*payments, closing, late]
    for one in random.sample(everything, len(everything)):
        others = [other for other in everything if other.id != one.id]
        gone, after = reverse(after, one, others, reason="returned", moment=moment(11))
        everything = [gone if other.id == one.id else other for other in everything]
        assert payable(after) + after.refund_due == after.paid + after.written_off + after.due
        standing = [other for other in everything if other.reversed_at is None]
        assert after.written_off <= max([other.small_difference or 0 for other in standing], default=0)
    assert state(after) == state(INVOICE)


def test_a_document_closed_by_users_stays_closed() -> None:
    payment, part = paid(INVOICE, "118.00", moment(1))
    by_hand = closed(part, "small_difference", moment=moment(2))
    after = reverse(by_hand, payment, [], reason="error", moment=moment(3))[1]
    assert (after.status, after.written_off) == (Status.CLOSED, Decimal("119.00"))
