"""Direct debits under any interleaving: no invoice has two debits, and no debit is paid or returned twice.

Requests for files meet their repetitions, payments by hand, a credit, a return, the hour of settlement, the upload and
cancellation of a file, canceled invoices and a revoked mandate. A seed decides which of them continues at each call.
The same for credit transfers, which meet refunds by hand: no document pays back more than it owes.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from lxml import etree
from moto.backends import get_backend

from invoicing.core import clock, ids
from invoicing.payments import table as payments
from invoicing.sepa_files import creating
from invoicing.store import retry as retrying
from invoicing.store import transaction
from invoicing.store.transaction import overwrite
from invoicing.transactions import table as claiming
from tests import builders
from tests.aws import TABLE, AwsCalls, account, seed
from tests.aws_events import Listener, listening
from tests.bank import Month, Movement, feed
from tests.collection import collectable_invoice, debtor, overpaid_invoice, ready_to_collect
from tests.conftest import Clock
from tests.events import details
from tests.faults.rules import broken_rules
from tests.faults.snapshots import new_worker, objects, restore, rows, take
from tests.functions.sepa_files.test_create_sepa_file import claims
from tests.gateway import Client
from tests.simulation.effects import REFUSED
from tests.simulation.interleaving import Actor, Interleaving
from tests.simulation.office import Time
from tests.simulation.writers import Company, Day, Message
from tests.unit.test_sepa_files import schema, values
from tests.world import signed_in

LATER = datetime(2026, 3, 19, 12, tzinfo=UTC)
"""A day on which the debits of the first file settle without news of the bank."""
LATE = "2026-03-30"
"""A day on which a debit that is returned on that day can be collected again."""
CONSUMER = "allocate_bank_transactions"
ENTITIES = {"invoice", "transaction", "payment_method"}
UNDER_WAY = {"created", "pending"}


class Debtors(Company):
    """A company with debits and a credit at the bank, files that the bank does not have yet, and documents for more."""

    def __init__(self, api: Client, at: Clock) -> None:
        self.api = api
        ready_to_collect(api)
        api.patch("/tenant", {"collection": {"retry_returned": True}}).ok()
        one, other, once = debtor(api), debtor(api), debtor(api, mandate={"type": "one_off"})
        pending = [collectable_invoice(api, customer) for customer in (one, other)]
        first = self._file(pending)
        self.owed = [overpaid_invoice(api, customer) for customer in (one, other, other)]
        for file in (first, self._file(self.owed[:1], "credit")):
            api.post(f"/sepa-files/{file}/uploaded").ok()
        at.now = LATER
        waiting = collectable_invoice(api, other)
        self.files = [self._file([waiting]), self._file(self.owed[1:2], "credit")]
        ready = [collectable_invoice(api, customer) for customer in (one, other, once, once)]
        self.invoices = [*pending, waiting, *ready]
        [method] = api.get(f"/customers/{other}/payment-methods").ok()["data"]
        self.method = f"/customers/{other}/payment-methods/{method['id']}"
        debits = api.get(f"/sepa-files/{first}").ok()["transactions"]
        returned, credited = (one["end_to_end_id"] for one in debits)
        day = LATER.date().replace(day=16)
        back = Movement(day, Decimal("-122.00"), "Rueckgabe", end_to_end_id=returned, returned="AM04")
        month = Month([back, Movement(day, Decimal("119.00"), "Lastschrift", end_to_end_id=credited)])
        api.post("/bank-transactions", feed(month)).ok()
        self.events = details("bank_transaction.received")
        self.begin = take(at)

    def _file(self, invoices: list[str], type_: str = "debit") -> str:
        return str(self.api.post("/sepa-files", {"type": type_, "invoice_ids": invoices}).ok(201)["id"])


class Watch(Listener):
    """Looks at the table after each commit, whether its response arrives or not.

    An invoice never has two debits under way, and a new debit is of an open invoice and a mandate that is not revoked.
    A document owes at least the amount of its credits under way.
    """

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self._known = {key for key, _ in debits_in(heads())}

    def after(self, name: str, params: Mapping[str, Any], answer: Any) -> None:
        """Look at the table after a transaction."""
        if name != "dynamodb:TransactWriteItems":
            return
        found = heads()
        debits = dict(debits_in(found))
        self.wrong += _not_owed(found)
        counted = Counter(one["invoice_id"].value for one in debits.values() if one["status"].value in UNDER_WAY)
        self.wrong += [f"{id_} has {count} debits under way" for id_, count in counted.items() if count > 1]
        for key in debits.keys() - self._known:
            invoice = found[debits[key]["invoice_id"].value]
            method = found[json.loads(debits[key]["data"].value)["payment_method_id"]]
            due, state = json.loads(invoice["data"].value)["due"], json.loads(method["data"].value)["status"]
            made = (debits[key]["amount"].value, invoice["status"].value, state)
            self.wrong += [] if made == (due, "open", "active") else [f"a debit of {made}, due {due}"]
        self._known |= debits.keys()


def heads() -> dict[str, Any]:
    """The attributes of invoices, transactions and payment methods in the table, by their ids."""
    table = get_backend("dynamodb")["123456789012"]["eu-central-1"].tables[TABLE]
    items = (item for of_key in table.items.values() for item in of_key.values())
    wanted = (item.attrs for item in items if item.attrs["entity"].value in ENTITIES)
    return {json.loads(one["data"].value)["id"]: one for one in wanted}


def debits_in(found: Mapping[str, Any], type_: str = "debit") -> Iterator[tuple[str, Any]]:
    return ((id_, one) for id_, one in found.items() if id_.startswith("txn_") and one["type"].value == type_)


def _not_owed(found: Mapping[str, Any]) -> Iterator[str]:
    owed: Counter[str] = Counter()
    for _, one in debits_in(found, "credit"):
        if one["status"].value in UNDER_WAY:
            owed[one["invoice_id"].value] += int(Decimal(one["amount"].value) * 100)
    for id_, cents in owed.items():
        due = Decimal(json.loads(found[id_]["data"].value)["refund_due"])
        if due * 100 < cents:
            yield f"{id_} owes {due}, its credits pay back {cents} cents"


class Race(Day):
    """The writers that meet at one moment."""

    company: Debtors

    def run(self) -> None:
        """Let some of them meet, and deliver failed messages again until none is left."""
        restore(self.company.begin, self.at, self.stage.aws)
        watch = Watch()
        self.messages = [Message(CONSUMER, event) for event in self.company.events if self.chance.random() < 0.7]
        with listening(watch):
            for number in range(20):
                actors = self._deliveries(faulty=not number)
                if not number:
                    actors += [*self._clients(*[self._chosen] * self.chance.randint(4, 8)), *self._hours()]
                if not actors:
                    break
                new_worker()
                self.chance.shuffle(actors)
                self.stage.run([self._later(one) for one in actors])
            else:
                raise AssertionError("never done")
        assert not watch.wrong, watch.wrong[0]

    def _later(self, actor: Actor) -> Actor:
        """Let an actor begin some turns later: a payment has two calls, and a request for a file has twenty."""
        turns, work = self.chance.randrange(20), actor.work

        def late(one: Actor) -> None:
            for _ in range(turns):
                self.stage.pause()
            work(one)

        actor.work = late
        return actor

    def _hours(self) -> list[Actor]:
        return [self._tick("settle_debits", faulty=True) for _ in range(self.chance.choice((0, 1, 2)))]

    def _chosen(self) -> tuple[str, str, Any]:
        company, chance = self.company, self.chance
        invoice = chance.choice(company.invoices)
        some = {"invoice_ids": chance.sample(company.invoices, 4)}
        body = {"type": "debit", **chance.choice(({}, {"due_on": LATE})), **chance.choice(({}, some))}
        file = ("POST", "/sepa-files", body)
        upload, by_hand = chance.choice(company.files), chance.choice(company.owed)
        refund = {"type": "refund", "amount": chance.choice(["50.00", "20.00"])}
        credit = ("POST", "/sepa-files", {"type": "credit", "invoice_ids": company.owed[1:]})
        return chance.choice(
            [
                credit,
                credit,
                ("POST", f"/invoices/{by_hand}/payments", refund),
                ("POST", f"/invoices/{by_hand}/payments", refund),
                file,
                file,
                file,
                ("POST", f"/invoices/{invoice}/payments", {"amount": chance.choice(["119.00", "19.00"])}),
                ("POST", f"/invoices/{invoice}/payments", {"amount": "119.00"}),
                ("POST", f"/invoices/{invoice}/cancel", {}),
                ("POST", f"/sepa-files/{upload}/cancel", {}),
                ("POST", f"/sepa-files/{upload}/uploaded", {}),
                ("DELETE", company.method, None),
            ]
        )


def violations(day: Race) -> Iterator[str]:
    """The rules of the ledger, and those of direct debits."""
    yield from broken_rules(rows(), objects())
    for request in day.requests:
        good = {one.text for one in request.answers if one.status < 300}
        if len(good) > 1:
            yield f"{request.path} with one key is answered {good}"
        for one in request.answers:
            if one.status >= 400 and one.status not in REFUSED:
                yield f"{request.path} is answered {one.status} {one.text}"
    found = day.api.get("/transactions?limit=100").ok()["data"]
    debits = [one for one in found if one["type"] == "debit"]
    if claims() != Counter(one["invoice_id"] for one in debits if one["status"] in UNDER_WAY):
        yield f"claims of {claims()}"
    alive = Counter(one["invoice_id"] for one in debits if one["status"] in {*UNDER_WAY, "succeeded"})
    yield from (f"{id_} is collected {count} times" for id_, count in alive.items() if count > 1)
    yield from _wrong_payments(day, debits)
    yield from _wrong_refunds(day, [one for one in found if one["type"] == "credit"])
    for file in day.api.get("/sepa-files?limit=100").ok()["data"]:
        yield from _wrong_file(day, file, [one for one in found if one["sepa_file_id"] == file["id"]])


def _wrong_payments(day: Race, debits: list[dict[str, Any]]) -> Iterator[str]:
    """Each settled debit has one payment, each returned one a reversed payment, and no other one has any."""
    found = [one for one in day.api.get("/payments?limit=100").ok()["data"] if one["method"] == "sepa_direct_debit"]
    paid = Counter((one["external_id"], one["reversed_at"] is not None) for one in found)
    expected = Counter((one["id"], one["status"] == "returned") for one in debits if one["payment_id"])
    if paid != expected:
        yield f"payments {paid} instead of {expected}"
    yield from (f"{one['id']} is {one['status']} with a payment" for one in debits
                if one["payment_id"] and one["status"] not in ("succeeded", "returned"))  # fmt: skip


def _wrong_refunds(day: Race, transfers: list[dict[str, Any]]) -> Iterator[str]:
    """Each settled credit has one refund, and no document has more refunds than it owed."""
    refunds = [one for one in day.api.get("/payments?limit=100").ok()["data"] if one["type"] == "refund"]
    paid = sorted(one["external_id"] for one in refunds if one["external_id"])
    expected = sorted(one["id"] for one in transfers if one["status"] == "succeeded")
    if paid != expected:
        yield f"refunds of {paid} instead of {expected}"
    for id_ in day.company.owed:
        total = sum(Decimal(one["amount"]) for one in refunds if one["invoice_id"] == id_)
        if total > 50:
            yield f"{id_} paid back {total} of 50.00"


def _wrong_file(day: Race, file: dict[str, Any], debits: list[dict[str, Any]]) -> Iterator[str]:
    """A complete file has exactly its debits, and passes the schema."""
    kept = [one for one in debits if one["status"] != "canceled"]
    if (file["count"], Decimal(file["total"])) != (len(kept), sum(Decimal(one["amount"]) for one in kept)):
        yield f"{file['id']} counts {file['count']} of {len(kept)} debits"
    if file["status"] == "canceled" and kept:
        yield f"{file['id']} is canceled with debits"
    stored = objects()
    contents = [next(value for name, value in stored.items() if one["id"] in name) for one in file["files"]]
    for content in contents:
        schema(file["format"]).assertValid(etree.fromstring(content))
    written = sorted(one for content in contents for one in values(content, "EndToEndId"))
    if contents and file["status"] != "canceled" and written != sorted(one["end_to_end_id"] for one in kept):
        yield f"{file['id']} has {written}"


class Races:
    """The races of seeds, in one account."""

    def __init__(self, company: Debtors, at: Clock, aws: AwsCalls, time: Time, patch: pytest.MonkeyPatch) -> None:
        self.company, self.at, self.aws, self.time, self.patch = company, at, aws, time, patch
        self.ran: Counter[str] = Counter()
        self.disturbed = 0

    def require_order(self, *numbers: int) -> None:
        """Fail if a seed leads to a violation."""
        for number in numbers:
            self._require(number)

    def _require(self, number: int) -> None:
        chance = random.Random(number)
        self.patch.setattr(clock, "random", chance)
        self.patch.setattr(ids, "secrets", SimpleNamespace(randbits=chance.getrandbits))
        self.time.stage = stage = Interleaving(self.aws, chance)
        day = Race(self.company, self.at, stage)
        day.run()
        self.time.stage = None
        found = list(violations(day))
        assert not found, "\n".join([f"seed {number}", *(one[:500] for one in found[:20])])
        self.ran.update(stage.ran)
        self.disturbed += day.disturbed


@contextmanager
def opened() -> Iterator[Races]:
    at, time = Clock(), Time()
    with pytest.MonkeyPatch.context() as patch, account() as aws:
        patch.setattr(clock, "now", lambda: at.now)
        for module in (clock, retrying, transaction):
            patch.setattr(module, "time", time)
        patch.setattr(ids, "secrets", SimpleNamespace(randbits=random.Random(0).getrandbits))
        company = builders.tenant()
        seed(company.id, company)
        yield Races(Debtors(signed_in(company), at), at, aws, time, patch)


@pytest.fixture(scope="module")
def races() -> Iterator[Races]:
    """A company in an account of its own."""
    with opened() as found:
        yield found


def test_no_race_gives_an_invoice_two_debits(races: Races) -> None:
    races.require_order(*range(16))
    assert races.ran.keys() >= {"create_sepa_file", "record_payment", "settle_debits", CONSUMER}
    assert races.disturbed > 20


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_no_race_of_many_gives_an_invoice_two_debits(races: Races, part: int) -> None:
    races.require_order(*range(100 + part * 50, 150 + part * 50))


def unconditional_claim(patch: pytest.MonkeyPatch) -> None:
    """An invoice is claimed also if it has a claim."""
    patch.setattr(claiming, "put", lambda item, *_, **__: overwrite(item))


def unguarded_refund(patch: pytest.MonkeyPatch) -> None:
    """A refund is recorded also while a credit transfer is under way."""
    patch.setattr(payments, "is_transfer", lambda _: True)


def changed_invoice(patch: pytest.MonkeyPatch) -> None:
    """An invoice is claimed also if it was paid or canceled since it was read."""
    patch.setattr(creating, "rows_unchanged", lambda _: lambda _: iter(()))


@pytest.mark.slow
@pytest.mark.parametrize("bug", [unconditional_claim, unguarded_refund, changed_invoice], ids=lambda bug: bug.__name__)
def test_races_find_a_planted_bug(
    races: Races, bug: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    bug(monkeypatch)
    with pytest.raises(AssertionError, match=r"debit|credit"):
        races.require_order(*range(100))
