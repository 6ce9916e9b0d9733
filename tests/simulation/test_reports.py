"""The reports of any lives of invoices add up to their documents, on every day and however the events are delivered."""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from functions.events.record_balance import handler
from infra.reports import rebuild
from invoicing.core import clock
from invoicing.invoices.lifecycle import Action
from invoicing.reports.facts.table import facts_from
from invoicing.reports.table import months_since
from tests.aws import AwsCalls
from tests.builders import NOON, customer_json, invoice_json
from tests.conftest import Clock
from tests.events import deliver, details
from tests.faults.deaths import dies_at
from tests.gateway import Client
from tests.simulation.tax import Amounts, tax_of
from tests.simulation.test_lifecycle import DOCUMENT, LINES, Life

Json = dict[str, Any]
Sums = Mapping[str, Decimal]
TaxByRate = Mapping[tuple[str, str, Decimal], Amounts]
AT = Clock()
BUYER = {name: value for name, value in customer_json().items() if name != "payment_terms"}


def open_items(api: Client, query: str = "") -> Iterator[Json]:
    """The rows of all pages of the report."""
    path = f"/reports/open-items?limit=1{query}"
    page = api.get(path).ok()
    yield from page["data"]
    while page["has_more"]:
        page = api.get(f"{path}&cursor={page['next_cursor']}").ok()
        yield from page["data"]


def sums_of(documents: list[Json]) -> Sums:
    """The amounts due less those owed to customers, by currency."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in documents:
        if one["status"] != "draft":
            found[one["currency"]] += Decimal(one["due"]) - Decimal(one["refund_due"])
    return {currency: amount for currency, amount in found.items() if amount}


class Reported(Life):
    """Lives over many days, in two currencies, whose events are delivered at the end."""

    aws: AwsCalls

    def __init__(self) -> None:
        super().__init__()
        AT.now = NOON
        self.days: dict[date, Sums] = {}
        self.taxes: dict[date, TaxByRate] = {}

    def look(self) -> None:
        super().look()
        self.days[AT.now.date()] = sums_of(list(self.known.values()))
        self.taxes[AT.now.date()] = tax_of(self.known.values())

    @rule(days=st.integers(1, 40))
    def wait(self, days: int) -> None:
        AT.now += timedelta(days=days)
        self.store.session.now = AT.now
        # Documents become overdue with the time.
        super().look()

    @precondition(lambda self: len(self.known) < 12)
    @rule()
    def issue_to_a_buyer_who_is_not_stored(self) -> None:
        body = invoice_json(customer=BUYER, currency="CHF", due_date=f"{AT.now.date() + timedelta(days=9)}")
        draft = self.api.post("/invoices", body).ok(201)["id"]
        self.api.post(f"/invoices/{draft}/finalize", {}).ok()
        self.look()

    @precondition(lambda self: len(self.known) < 12)
    @rule(lines=LINES)
    def ask_for_a_deposit(self, lines: list[Json]) -> None:
        self.issue_deposit_or_final(lines=lines, purpose="deposit")

    @precondition(lambda self: len(self.known) < 12 and self.deductible)
    @rule(lines=LINES, number=DOCUMENT)
    def deduct_deposits(self, lines: list[Json], number: int) -> None:
        some = self.deductible[: 1 + number % 2]
        self.issue_deposit_or_final(lines=lines, deposits=[{"invoice_id": id_} for id_ in some])

    def issue_deposit_or_final(self, **fields: Any) -> None:
        draft = self.api.post("/invoices", invoice_json(customer_id=self.customer, **fields)).ok(201)["id"]
        self.look()
        self.act(Action.FINALIZE, "POST", f"/invoices/{draft}/finalize", {}, on=draft)

    @property
    def deductible(self) -> list[str]:
        """The deposit invoices that a final invoice can deduct."""
        return [
            id_
            for id_, one in self.known.items()
            if one["purpose"] == "deposit" and one["status"] in ("open", "paid") and one["final_invoice_id"] is None
            if Decimal(one["credited"]) < Decimal(one["total"])
        ]

    def teardown(self) -> None:
        if not self.days:
            return
        self.deliver()
        for day, expected in self.days.items():
            rows = list(open_items(self.api, f"&as_of={day}"))
            assert len({(row["customer_id"], row["currency"]) for row in rows}) == len(rows)
            assert _added(rows) == expected, day
            for row in rows:
                assert Decimal(row["due"]) == sum(map(Decimal, row["aging"].values()))
        assert _added(list(open_items(self.api))) == sums_of(list(self.known.values()))
        for day, expected_tax in self.taxes.items():
            assert reported_tax(self.api, day) == expected_tax, day
        self.check_settled_documents()
        for day in self.days:
            self.check_statement(day)
        for month in months_since(NOON, AT.now):
            rebuilt = rebuild(self.api.tenant_id, month, check=True)
            assert rebuilt.was_equal, rebuilt

    def check_settled_documents(self) -> None:
        """A document that is settled was paid in exactly the rates that were issued, less its credits."""
        found: defaultdict[str, defaultdict[Any, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        notes = {
            id_: one["references"][0]["invoice_id"]
            for id_, one in self.known.items()
            if one["type"] != "invoice" and one["references"] and one["origin"] != "adjustment"
        }
        for basis, sign in (("issued", 1), ("paid", -1)):
            for fact in facts_from(self.api.tenant_id, basis, NOON.date(), AT.now.date()):  # type: ignore[arg-type]
                for rate in fact.rates:
                    sums = found[notes.get(fact.document_id, fact.document_id)]
                    sums[rate.category, rate.rate, "net"] += sign * rate.taxable
                    sums[rate.category, rate.rate, "tax"] += sign * rate.tax
        for id_, one in self.known.items():
            if one["type"] == "invoice" and not (Decimal(one["due"]) or Decimal(one["refund_due"])):
                assert not any(found[id_].values()), (one, found[id_])

    def check_statement(self, day: date) -> None:
        """The statement from a day on leads from the open items before it to the present ones."""
        statement = self.api.get(f"/customers/{self.customer}/statement?from={day}&to={AT.now.date()}").ok()
        before = open_items(self.api, f"&as_of={day - timedelta(days=1)}&customer_id={self.customer}")
        accounts = {one["currency"]: one for one in statement["accounts"]}
        assert _filled({name: one["opening_balance"] for name, one in accounts.items()}) == _added(list(before))
        now = _added(list(open_items(self.api, f"&customer_id={self.customer}")))
        assert _filled({name: one["closing_balance"] for name, one in accounts.items()}) == now
        for one in accounts.values():
            balance = Decimal(one["opening_balance"])
            for entry in one["entries"]:
                balance += Decimal(entry["amount"])
                assert Decimal(entry["balance"]) == balance
            assert Decimal(one["closing_balance"]) == balance

    def deliver(self) -> None:
        """Deliver each event three times, in any order, to a worker that dies at some calls."""
        chance = random.Random(len(self.days))
        events = [one for one in details(*handler.source.events) if one["tenant_id"] == self.api.tenant_id]
        for event in chance.sample(events * 3, 3 * len(events)):
            with dies_at(chance.randint(1, 12), chance.choice(("before", "after")), self.aws) as worker:
                deliver("record_balance", event)
            if worker.died_at:
                deliver("record_balance", event)


def reported_tax(api: Client, day: date) -> TaxByRate:
    """The tax of all rows until a day, in the form of the one of the documents."""
    rows = api.get(f"/reports/tax?from={NOON.date()}&to={day}&limit=100").ok()["data"]
    found = {
        (row["currency"], row["category"], Decimal(row["rate"]).normalize()): (
            Decimal(row["taxable"]),
            Decimal(row["tax"]),
        )
        for row in rows
    }
    assert len(found) == len(rows)
    return {key: amounts for key, amounts in found.items() if any(amounts)}


def _filled(balances: Mapping[str, str]) -> Sums:
    return {currency: Decimal(amount) for currency, amount in balances.items() if Decimal(amount)}


def _added(rows: list[Json]) -> Sums:
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        found[row["currency"]] += Decimal(row["balance"])
    return {currency: amount for currency, amount in found.items() if amount}


@pytest.mark.parametrize("lives", [3, pytest.param(25, marks=pytest.mark.slow)])
def test_open_items_add_up_on_every_day_of_any_life(lives: int, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Reported, "aws", aws, raising=False)
    monkeypatch.setattr(clock, "now", lambda: AT.now)
    run_state_machine_as_test(Reported, settings=settings(max_examples=lives, stateful_step_count=20))
