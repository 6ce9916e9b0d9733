"""The reports of any life of a document add up at each moment: its tax per rate to the cent, and its open items."""

import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any, NamedTuple

import pytest

from invoicing.core.activity import Activity
from invoicing.core.errors import DomainError
from invoicing.core.identity import Moment
from invoicing.core.ids import new_id
from invoicing.invoices.model import Invoice
from invoicing.payments.model import Payment, PaymentData
from invoicing.reports.balance import BalanceChange, as_of, change_of
from invoicing.reports.facts.credits import credits_of
from invoicing.reports.facts.model import Credits, Fact, facts_of
from invoicing.reports.model import open_items
from invoicing.reports.statement import accounts
from invoicing.settlement.closing import closed, reactivated, reopened, voided
from invoicing.settlement.credit import Credited
from invoicing.settlement.credit_note import IssuedCredit, cancellation, credit_note
from invoicing.settlement.deposits import deposit_of
from invoicing.settlement.model import reverse, settle
from tests.builders import NOON, invoice_json, line_json
from tests.simulation.tax import tax_of
from tests.unit.credits import BY, asked, issued

STEPS = 12
SHAPES = ("plain", "final", "small final", "prepaid", "other deposit", "debt", "rounded", *["split"] * 3)


class Owed(NamedTuple):
    """The amounts due less those owed to the customer at a moment, with the number of changes until then."""

    at: datetime
    counts: Mapping[str, int]
    balance: Decimal


class Lived:
    """An invoice with its credit notes, and the changes of their balances."""

    def __init__(self, dice: random.Random) -> None:
        self.dice, self.at = dice, NOON
        self.documents: dict[str, Invoice] = {}
        self.changes: defaultdict[str, list[BalanceChange]] = defaultdict(list)
        self.rows: dict[str, Credited] = {}
        self.payments: dict[str, Payment] = {}
        self.expected: list[Any] = []
        self.owed: list[Owed] = []
        self.invoice = issued_invoice(dice)
        self.record(None, self.invoice, "finalized")
        for _ in range(dice.randint(1, STEPS)):
            self.look()
            self.at += timedelta(days=dice.randint(0, 3))
            with suppress(DomainError):
                dice.choice((self.pay, self.pay, self.refund, self.reverse, self.credit, self.void, self.cancel,
                             self.reactivate, self.close))()  # fmt: skip
        self.look()

    @property
    def moment(self) -> Moment:
        return Moment(BY, self.at, "UTC")

    def look(self) -> None:
        """The tax at this moment, with the number of changes until then."""
        shown = [json.loads(one.model_dump_json()) for one in self.documents.values()]
        counts = {id_: len(changes) for id_, changes in self.changes.items()}
        self.expected.append((counts, tax_of(shown), self.documents[self.invoice.id]))
        owed = sum((one.due - one.refund_due for one in self.documents.values()), Decimal(0))
        self.owed.append(Owed(self.at, counts, owed))

    def record(self, before: Invoice | None, after: Invoice, type_: str, **stated: Any) -> None:
        entry = Activity(
            id=new_id("act", self.at), invoice_id=after.id, type=type_, action_key="STATUS", metadata=stated,
            created_at=self.at,
        )  # fmt: skip
        self.documents[after.id] = after
        changes = self.changes[after.id]
        change = change_of(before, after, [entry], len(changes) + 1)
        if change is not None:
            changes.append(change)

    def changed(self, after: Invoice, type_: str, **stated: Any) -> None:
        self.record(self.documents[after.id], after, type_, **stated)

    @property
    def now(self) -> Invoice:
        return self.documents[self.invoice.id]

    def settle(self, kind: str, amount: Decimal, discount: Decimal | None = None) -> None:
        data = PaymentData.model_validate(
            {"amount": amount, "date": self.at.date(), "type": kind, "cash_discount": discount}, strict=False
        )
        id_ = new_id("pay", self.at)
        payment, after = settle(self.now, id_, data, accept_overpayment=True, moment=self.moment)
        self.payments[id_] = payment
        self.changed(after, "payment_recorded", date=f"{self.at.date()}")

    def pay(self) -> None:
        rest = self.now.due + self.now.written_off
        saved = (self.now.total / 50).quantize(Decimal("0.01")) if self.dice.random() < 0.3 else None
        saved = saved or None
        some = Decimal(self.dice.randint(1, 30_000)).scaleb(-2)
        self.settle("payment", self.dice.choice([some, max(rest - (saved or 0), Decimal("0.01"))]), saved)

    def refund(self) -> None:
        part = Decimal(self.dice.randint(1, 3_000)).scaleb(-2)
        if self.now.refund_due:
            self.settle("refund", self.dice.choice([self.now.refund_due, min(part, self.now.refund_due)]))

    def reverse(self) -> None:
        standing = [one for one in self.payments.values() if one.reversed_at is None]
        if standing:
            one = self.dice.choice(standing)
            gone, after = reverse(self.now, one, self.payments.values(), reason="error", moment=self.moment)
            self.payments[one.id] = gone
            self.changed(after, "payment_deleted")

    def credit(self) -> None:
        data = asked(self.dice, self.now)
        day = self.at.date()
        done = credit_note(self.now, [*self.rows.values()], data, "CN", day=day, moment=self.moment)
        self.credited(done, "credited", credit_note_id=done.document.id)

    def cancel(self) -> None:
        done = cancellation(self.now, [*self.rows.values()], "C", day=self.at.date(), moment=self.moment)
        self.credited(done, "canceled")

    def credited(self, done: IssuedCredit, type_: str, **stated: Any) -> None:
        self.rows[done.document.id] = done.credited
        self.record(None, done.document, "finalized")
        self.changed(done.invoice, type_, **stated)

    def void(self) -> None:
        counting = [
            one for one in self.rows.values() if not one.void and one.credit_note_id in self.now.credit_note_ids
        ]
        if counting:
            row = self.dice.choice(counting)
            note, after, gone = voided(self.now, self.documents[row.credit_note_id], row, moment=self.moment)
            self.rows[row.credit_note_id] = gone
            self.changed(note, "canceled")
            self.changed(after, "credit_voided", credit_note_id=note.id)

    def reactivate(self) -> None:
        if self.now.cancellation_id is None:
            self.changed(reopened(self.now, moment=self.moment), "reactivated")
            return
        row, document = self.rows[self.now.cancellation_id], self.documents[self.now.cancellation_id]
        after, gone, void = reactivated(self.now, document, row, corrected=False, moment=self.moment)
        self.rows[row.credit_note_id] = void
        self.changed(after, "reactivated")
        self.changed(gone, "canceled")

    def close(self) -> None:
        reason: Any = self.dice.choice(["write_off", "settled_elsewhere"])
        self.changed(closed(self.now, reason, moment=self.moment), "closed")

    def facts(self) -> dict[str, list[list[Fact]]]:
        """The facts of each change, by document. They need the credits as they are at the end only."""
        found = {}
        for id_, changes in self.changes.items():
            document = self.documents[id_]
            whose = credits_of(document, changes, self.rows.values()) if id_ == self.invoice.id else map(_none, changes)
            found[id_] = [
                list(facts_of(change, document, credits_, "UTC"))
                for change, credits_ in zip(changes, whose, strict=True)
            ]
        return found


def _none(_: BalanceChange) -> Credits:
    return Credits()


def issued_invoice(dice: random.Random) -> Invoice:
    """An invoice with some rates: a usual one, one with deposits, prepaid money or a rounding."""
    shape = dice.choice(SHAPES)
    split = shape == "split"
    lines = [
        line_json(
            quantity="1", unit_price=f"{Decimal(dice.randint(1, 9_999)).scaleb(-2)}", tax=_rate(dice, split=split)
        )
        for _ in range(dice.randint(1, 3))
    ]
    more: dict[str, Any] = {"price_tax_inclusive": dice.random() < 0.3}
    if split:
        lines[0]["tax"] = {"category": "B", "rate": "22"}
        shape = dice.choice(("plain", "prepaid", "debt", "rounded"))
    if shape == "prepaid":
        more["prepaid"] = {"amount": f"{Decimal(dice.randint(1, 5_000)).scaleb(-2)}"}
    if shape == "other deposit":
        tax = {"category": "S", "rate": "7", "taxable": "20.00", "tax": "1.40"}
        reference = {"number": "AR-1", "issue_date": "2026-03-01", "tax_breakdown": [tax]}
        amount = dice.choice(["21.40", "30.00"])
        more["prepaid"] = {"amount": amount, "references": [reference, {"number": "AR-2"}]}
    if shape == "debt":
        more["prepaid"] = {"amount": f"{Decimal(dice.randint(-5_000, -1)).scaleb(-2)}"}
    if shape == "rounded":
        more["rounding"] = dice.choice(["-0.02", "0.01"])
    invoice = issued(invoice_json(lines=lines, **more))
    if "final" not in shape:
        return invoice
    price = f"{Decimal(dice.randint(1, 9_999 if shape == 'final' else 50_000)).scaleb(-2)}"
    asked_before = issued(
        invoice_json(purpose="deposit", lines=[line_json(quantity="1", unit_price=price, tax=_rate(dice))])
    )
    return issued(invoice_json(lines=lines, **more), deposit_of(asked_before, ()))


def _rate(dice: random.Random, *, split: bool = False) -> dict[str, str]:
    if split:
        return dice.choice([{"category": "B", "rate": "10"}, {"category": "B", "rate": "22"}, {"category": "Z"}])
    return {"category": "S", "rate": dice.choice(["19", "7", "7.7"])}


def by_rate(facts: Iterator[Fact]) -> tuple[Counter[Any], Counter[Any]]:
    """The amounts of facts by rate: issued ones, and paid ones."""
    issued_, paid = Counter[Any](), Counter[Any]()
    for fact in facts:
        for rate in fact.rates:
            sums = issued_ if fact.basis == "issued" else paid
            sums[fact.currency, rate.category, rate.rate, "net"] += rate.taxable  # type: ignore[assignment]
            sums[fact.currency, rate.category, rate.rate, "tax"] += rate.tax  # type: ignore[assignment]
    return issued_, paid


def check_open_items(lived: Lived, seed: int) -> None:
    """Open items at each moment are the amounts of the documents, and each statement leads from one to the other."""
    changes = [one for some in lived.changes.values() for one in some]
    last = [some[-1] for some in lived.changes.values() if some and some[-1].after.is_open]

    def after(moment: Owed) -> list[BalanceChange]:
        return [one for one in changes if one.revision > moment.counts.get(one.document_id, 0)]

    for moment in lived.owed:
        found = open_items(as_of(last, after(moment)), moment.at.date(), currency="EUR", listed=False)
        assert (found.balance if found else 0) == moment.balance, seed
        assert found is None or found.due == sum(dict(found.aging).values()), seed
    # The last moment of each day.
    days = list({one.at.date(): one for one in lived.owed}.values())
    first, end = sorted(lived.dice.choices(days, k=2))
    [*shown] = accounts(last, after(first), end.at + timedelta(seconds=1), "UTC")
    assert sum(one.opening_balance for one in shown) == first.balance, seed
    assert sum(one.closing_balance for one in shown) == end.balance, seed
    for one in shown:
        entries = [entry.amount for entry in one.entries]
        assert list(accumulate(entries, initial=one.opening_balance))[-1] == one.closing_balance, seed


def live(seed: int) -> None:
    lived = Lived(random.Random(seed))
    check_open_items(lived, seed)
    facts = lived.facts()
    for counts, expected, invoice in lived.expected:
        until = (one for id_, count in counts.items() for some in facts[id_][:count] for one in some)
        issued_, paid = by_rate(until)
        wanted = {
            (*key, name): amount
            for key, both in expected.items()
            for name, amount in zip(("net", "tax"), both, strict=True)
        }
        assert {key: amount for key, amount in issued_.items() if amount} == {k: v for k, v in wanted.items() if v}, (
            seed
        )
        if not (invoice.due or invoice.refund_due) and invoice.close_reason != "settled_elsewhere":
            assert {key: amount for key, amount in issued_.items() if amount} == {
                key: amount for key, amount in paid.items() if amount
            }, seed
        before = invoice.prepaid.amount if invoice.prepaid else Decimal(0)
        if not (invoice.rounding or invoice.written_off or before < 0) and invoice.refund_due <= invoice.credited:
            elsewhere = sum(one.total or 0 for one in invoice.prepaid.deposits) if invoice.prepaid else 0
            money = invoice.paid + before - elsewhere - (invoice.prepaid_refunded or 0)
            owed = sum(amount for (_, category, _, name), amount in paid.items() if (category, name) != ("B", "tax"))
            assert owed == money, seed


@pytest.mark.parametrize("seeds", [[*range(60), 4_736], *(
    pytest.param(range(first, first + 1_250), marks=pytest.mark.slow) for first in range(100, 5_100, 1_250)
)])  # fmt: skip
def test_facts_add_up_at_each_moment_of_any_life(seeds: Sequence[int]) -> None:
    for seed in seeds:
        live(seed)
