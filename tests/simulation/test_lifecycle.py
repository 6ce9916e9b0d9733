"""The whole life of invoices through the real handlers: any actions in any order, with the invariants after each.

To add an action, add a rule that sends its request with `act`, which compares response and state with the lifecycle's
table.
"""

from collections import defaultdict
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from invoicing.core.event import Recorded
from invoicing.core.identity import Caller
from invoicing.invoices.events import InvoiceSent
from invoicing.invoices.lifecycle import LIFECYCLE, Action, Status
from invoicing.invoices.model import InvoiceSummary
from invoicing.store.session import Session
from invoicing.store.store import Store
from tests import builders
from tests.aws import seed
from tests.builders import NOON, customer_json, invoice_json, line_json
from tests.gateway import Response
from tests.unit.credits import ITALIAN_COMPANY
from tests.world import signed_in

Json = dict[str, Any]
SETTLED = ("paid", "cash_discount_taken", "credited", "written_off", "due")
FROZEN = (
    "type", "number", "issue_date", "due_date", "lines", "tax_breakdown", "total", "subtotal", "tax", "customer",
    "seller", "references", "discount", "shipping", "introduction", "closing", "currency", "price_tax_inclusive",
)  # fmt: skip
"""The fields that never change after a document is issued."""
DOCUMENT = st.integers(0, 999)
CENTS = st.integers(1, 30_000).map(lambda cents: f"{Decimal(cents).scaleb(-2)}")
LINES = st.lists(
    st.builds(
        lambda quantity, price, rate: line_json(
            quantity=quantity, unit_price=f"{Decimal(price).scaleb(-2)}", tax={"category": "S", "rate": rate}
        ),
        st.integers(1, 9),
        st.integers(1, 9_999),
        st.sampled_from(["19", "7", "7.7"]),
    ),
    min_size=1,
    max_size=3,
)


ITALIAN = {
    "address": {"line1": "Via Emilia 2", "postal_code": "41121", "city": "Modena", "country": "IT"},
    "tax_id": "IT02241850367",
}
"""A customer to whom Italian companies issue invoices with split payment."""


class Life(RuleBasedStateMachine):
    """One tenant with one customer, and the states of their documents."""

    @initialize(italian=st.booleans())
    def begin(self, italian: bool) -> None:
        company = builders.tenant(**(ITALIAN_COMPANY if italian else {}))
        self.italian = italian
        seed(company.id, company)
        self.api = signed_in(company)
        self.store = Store(Session(Caller.system(company.id), NOON))
        self.customer = self.api.post("/customers", customer_json(**(ITALIAN if italian else {}))).ok(201)["id"]
        self.order: list[str] = []
        self.known: dict[str, Json] = {}
        self.issued: dict[str, Json] = {}
        self.keys = count()

    # Requests

    def act(self, action: Action, method: str, path: str, body: Any = None, *, on: str) -> Response:
        """Send a request about a document. The table defines whether it is allowed, and the next status."""
        before, entries = self.known[on], self.entries(on)
        moves = LIFECYCLE[before["type"]].get(action, {})
        headers = {"Idempotency-Key": f"k{next(self.keys)}"}
        answer = self.api(method, path, body, headers=headers)
        self.look()
        if answer.status >= 400:
            assert self.known.get(on) == before
            assert answer.status in (404, 409, 422), answer.text
            if Status(before["status"]) not in moves:
                assert (answer.status, answer.code) == (409, "INVALID_STATE")
                assert action not in answer.json["allowed_actions"]
            return answer
        assert Status(before["status"]) in moves, f"{action} of a {before['type']} that is {before['status']}"
        assert self.known[on]["status"] in moves[Status(before["status"])], (action, before["status"])
        assert self.entries(on) > entries
        state = {**self.known}
        again = self.api(method, path, body, headers=headers)
        assert (again.status, again.text, again.headers["Idempotency-Replayed"]) == (answer.status, answer.text, "true")
        self.look()
        assert self.known == state
        return answer

    def look(self) -> None:
        """The current state of all documents."""
        found = {one["id"]: one for one in self.api.get("/invoices?limit=100").ok()["data"]}
        # Ids of one moment have no order, but a run must be reproducible.
        new = sorted(found.keys() - set(self.order), key=lambda id_: (found[id_]["type"], found[id_]["status"]))
        self.order = [*(id_ for id_ in self.order if id_ in found), *new]
        self.known = {id_: self.api.get(f"/invoices/{id_}").ok() for id_ in self.order}

    def entries(self, id_: str) -> int:
        found: int = self.api.get(f"/invoices/{id_}/comments?limit=1").ok()["total"]
        return found

    def pick(self, number: int, *statuses: str) -> str:
        """One of the documents, in one of these states if there is one."""
        ids = [id_ for id_, one in self.known.items() if one["status"] in statuses] or self.order
        return ids[number % len(ids)]

    # Actions

    @precondition(lambda self: len(self.known) < 12)
    @rule(lines=LINES, inclusive=st.booleans(), discount=st.none() | st.just({"percent": "10"}), ship=st.booleans())
    def issue(self, lines: list[Json], inclusive: bool, discount: Json | None, ship: bool) -> None:
        more = {"shipping": {"amount": "4.90"}} if ship else {}
        if self.italian:
            lines = [{**line, "tax": {**line["tax"], "category": "B"}} for line in lines]
        body = invoice_json(
            customer_id=self.customer, lines=lines, price_tax_inclusive=inclusive, discount=discount, **more
        )
        draft = self.api.post("/invoices", body).ok(201)["id"]
        self.look()
        self.act(Action.FINALIZE, "POST", f"/invoices/{draft}/finalize", {}, on=draft)

    @precondition(lambda self: len(self.known) < 12)
    @rule(amount=CENTS, negative=st.booleans())
    def adjust(self, amount: str, negative: bool) -> None:
        body = {"customer_id": self.customer, "amount": f"{'-' * negative}{amount}", "description": "Ausgleich"}
        tax = {"category": "B" if self.italian else "S", "rate": "19"}
        self.api.post("/invoices/adjustments", {**body, "tax": tax}).ok(201)
        self.look()

    @precondition(lambda self: self.known)
    @rule(number=DOCUMENT)
    def finalize(self, number: int) -> None:
        id_ = self.pick(number, "draft")
        self.act(Action.FINALIZE, "POST", f"/invoices/{id_}/finalize", {}, on=id_)

    @precondition(lambda self: self.known)
    @rule(number=DOCUMENT, amount=CENTS | st.none(), early=st.booleans())
    def pay(self, number: int, amount: str | None, early: bool) -> None:
        id_ = self.pick(number, "open", "closed")
        one = self.known[id_]
        saved = (Decimal(one["total"]) / 50).quantize(Decimal("0.01")) if early else Decimal(0)
        rest = Decimal(one["due"]) + Decimal(one["written_off"]) - saved
        body = {"amount": amount or f"{max(rest, Decimal('0.01'))}", "accept_overpayment": amount is not None}
        discount = {"cash_discount": f"{saved}"} if saved else {}
        self.act(Action.PAY, "POST", f"/invoices/{id_}/payments", {**body, **discount}, on=id_)

    @precondition(lambda self: self.known)
    @rule(number=DOCUMENT, all_of_it=st.booleans())
    def refund(self, number: int, all_of_it: bool) -> None:
        id_ = self.pick(number, "paid", "canceled", "open")
        owed = self.known[id_]["refund_due"] if all_of_it else "0.01"
        body = {"amount": owed if Decimal(owed) else "0.01", "type": "refund"}
        self.act(Action.REFUND, "POST", f"/invoices/{id_}/payments", body, on=id_)

    @precondition(lambda self: self.known)
    @rule(giver=DOCUMENT, taker=DOCUMENT)
    def apply(self, giver: int, taker: int) -> None:
        owing = [id_ for id_, one in self.known.items() if Decimal(one["refund_due"])] or self.order
        from_, to = owing[giver % len(owing)], self.pick(taker, "open")
        amount = min(Decimal(self.known[from_]["refund_due"]), Decimal(self.known[to]["due"])) or Decimal("0.01")
        body = {"amount": f"{amount}", "method": "credit", "source_id": from_}
        self.act(Action.PAY, "POST", f"/invoices/{to}/payments", body, on=to)

    @precondition(lambda self: self.known)
    @rule(number=DOCUMENT, which=DOCUMENT)
    def reverse(self, number: int, which: int) -> None:
        id_ = self.pick(number, "paid", "open", "canceled")
        payments = self.api.get(f"/invoices/{id_}/payments").ok()["data"]
        if payments:
            payments.sort(key=lambda payment: (payment["amount"], payment["type"], payment["reversed_at"] is None))
            payment = payments[which % len(payments)]["id"]
            self.act(Action.REVERSE, "DELETE", f"/invoices/{id_}/payments/{payment}?reason=returned", on=id_)

    @precondition(lambda self: self.known and len(self.known) < 25)
    @rule(number=DOCUMENT, amount=CENTS | st.none(), line=st.booleans())
    def credit(self, number: int, amount: str | None, line: bool) -> None:
        id_ = self.pick(number, "open", "paid")
        body: Json = {"amount": amount} if amount else {}
        if amount and line:
            first = self.known[id_]["lines"][0]
            body = {"lines": [{"line_id": first["id"], "quantity": "1"}]}
        self.act(Action.CREDIT, "POST", f"/invoices/{id_}/credit", body, on=id_)

    @precondition(lambda self: self.known and len(self.known) < 25)
    @rule(number=DOCUMENT, how=st.sampled_from([Action.CANCEL, Action.CORRECT]))
    def cancel(self, number: int, how: Action) -> None:
        id_ = self.pick(number)
        self.act(how, "POST", f"/invoices/{id_}/{how}", {}, on=id_)

    @precondition(lambda self: self.known)
    @rule(number=DOCUMENT)
    def reactivate(self, number: int) -> None:
        id_ = self.pick(number, "canceled", "closed")
        self.act(Action.REACTIVATE, "POST", f"/invoices/{id_}/reactivate", on=id_)

    @precondition(lambda self: self.known)
    @rule(number=DOCUMENT)
    def close(self, number: int) -> None:
        id_ = self.pick(number, "open")
        self.act(Action.CLOSE, "POST", f"/invoices/{id_}/close", {"reason": "other"}, on=id_)

    @precondition(lambda self: self.known)
    @rule(number=DOCUMENT)
    def send(self, number: int) -> None:
        id_ = self.pick(number)
        if self.known[id_]["status"] != "draft":
            self.store.record(Recorded(self.store.get(InvoiceSummary, id_).sent(NOON), InvoiceSent()))
            self.look()

    # Invariants

    @invariant()
    def each_document_adds_up(self) -> None:
        for one in getattr(self, "known", {}).values():
            money = {name: Decimal(value) for name, value in one.items() if _is_amount(value)}
            assert (
                money["total"] == money["subtotal"] - money["discount_amount"] + money["shipping_cost"] + money["tax"]
            )
            # A final invoice below its deposits asks for less than nothing.
            assert min(value for name, value in money.items() if name != "payable") >= 0, one
            assert not (money["due"] and money["refund_due"])
            if one["status"] != "draft":
                assert money["payable"] + money["refund_due"] == sum(money[name] for name in SETTLED), one

    @invariant()
    def issued_documents_stay_as_they_are(self) -> None:
        for id_, one in getattr(self, "known", {}).items():
            if one["status"] != "draft":
                frozen = {name: one[name] for name in FROZEN}
                assert self.issued.setdefault(id_, frozen) == frozen
        assert set(getattr(self, "issued", {})) <= set(getattr(self, "known", {}))

    @invariant()
    def numbers_have_no_gap_and_no_double(self) -> None:
        series = defaultdict(list)
        for one in getattr(self, "known", {}).values():
            if one["number"]:
                name, _, counted = one["number"].rpartition("-")
                series[name].append(int(counted))
        for numbers in series.values():
            assert sorted(numbers) == list(range(1, len(numbers) + 1))

    @invariant()
    def what_is_credited_is_what_its_documents_say(self) -> None:
        for id_, one in getattr(self, "known", {}).items():
            if one["type"] != "invoice" or one["status"] == "draft":
                continue
            notes = [
                note
                for note in self.known.values()
                if note["type"] != "invoice" and note["status"] != "canceled" and note["references"][:1] != []
                if note["references"][0]["invoice_id"] == id_
            ]
            assert Decimal(one["credited"]) == sum(_owed(note) for note in notes)
            if sum(Decimal(note["total"]) for note in notes) == Decimal(one["total"]):
                assert _by_rate(notes) == _by_rate([one])

    @invariant()
    def what_is_paid_is_what_its_payments_say(self) -> None:
        for id_, one in getattr(self, "known", {}).items():
            payments = self.api.get(f"/invoices/{id_}/payments?limit=100").ok()["data"]
            standing = [payment for payment in payments if payment["reversed_at"] is None]
            came = sum(Decimal(payment["amount"]) * (-1) ** (payment["type"] == "refund") for payment in standing)
            alone = one["type"] == "credit_note" and one["origin"] == "adjustment" and one["status"] in ("open", "paid")
            prepaid = Decimal(one["prepaid_refunded"])
            assert Decimal(one["paid"]) == came + prepaid + (_owed(one) if alone else 0)


def _is_amount(value: Any) -> bool:
    return isinstance(value, str) and value.count(".") == 1 and value.replace(".", "").lstrip("-").isdigit()


def _owed(document: Json) -> Decimal:
    """The total without the tax of a split payment, which is never due."""
    return Decimal(document["total"]) - Decimal(document["split_tax"] or 0)


def _by_rate(documents: list[Json]) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    found: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    for entry in (entry for document in documents for entry in document["tax_breakdown"]):
        key = entry["category"], entry["rate"]
        net, tax = found.get(key, (Decimal(0), Decimal(0)))
        found[key] = net + Decimal(entry["taxable"]), tax + Decimal(entry["tax"])
    return found


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("lives", [4, pytest.param(40, marks=pytest.mark.slow)])
def test_any_life_of_invoices_keeps_the_books_in_order(lives: int) -> None:
    run_state_machine_as_test(Life, settings=settings(max_examples=lives, stateful_step_count=20))
