"""One month by camt.053, MT940, CSV and feed, in any order, twice and overlapping, ends in the same books (oracle 33).

Bank transactions, payments and open items are those that the month was made of. The profile of the CSV file has columns
for all references, because a file without the one of a batch settles no batch, and one without end-to-end ids returns
no debit. Only camt has the payers of a batch and the charges of an entry: without it, these are left to users.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from tests.aws import AwsCalls
from tests.bank import PROFILE, Month, Movement, camt_of, csv_of, deliver_import, feed, mt940_of, zipped
from tests.builders import NOON
from tests.conftest import Clock
from tests.events import deliver, details, strike
from tests.faults.snapshots import restore, take
from tests.forms import send_form
from tests.gateway import Client
from tests.months import Company, Paid, in_parts, overlapping

Json = dict[str, Any]
WRITERS = {"camt.053": camt_of, "mt940": mt940_of, "csv": csv_of}
FORMATS = (*WRITERS, "feed")
BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)
RECEIVED = "bank_transaction.received"
type Booked = tuple[str, str, str | None, str | None, str]
"""Day, signed amount, other party, end-to-end id and text of a transaction."""


def send(api: Client, part: Month, first: int, source: str, *, packed: bool) -> None:
    """Import a statement, or send its movements by the feed. The same file again is known."""
    if source == "feed":
        api.post("/bank-transactions", feed(part, first)).ok()
        return
    content = WRITERS[source](part)
    fields = {"bank_account_id": "main", **({"csv_profile": json.dumps(PROFILE)} if source == "csv" else {})}
    file = ("statement", zipped(content) if packed else content, "application/octet-stream")
    response = send_form(api, "/bank-statements", fields, [file])
    for one in response.json["data"] if response.status != 200 else ():
        assert deliver_import(one) == []
        # On a slow machine, the next message imports the rest.
        while api.get(f"/bank-statements/{one['id']}").ok()["status"] != "done":
            assert deliver_import(one, received=2) == []


def live(api: Client, random: Random, month: Month, sources: Sequence[str]) -> None:
    """Import the month in disorder and twice. Events are delivered late, in any order, and some of them twice."""
    cut = [(source, in_parts(month, random, by_day=source == "csv")) for source in sources]
    parts = [(part, first, source) for source, some in cut for part, first in some]
    parts.append((*overlapping(month, random), random.choice(sources)))
    parts *= 2
    random.shuffle(parts)
    delivered: set[str] = set()
    for number, (part, first, source) in enumerate(parts, 1):
        send(api, part, first, source, packed=random.random() < 0.5)
        waiting = [one for one in details(RECEIVED) if one["id"] not in delivered]
        random.shuffle(waiting)
        now = waiting if number == len(parts) else waiting[: random.randrange(len(waiting) + 1)]
        delivered.update(one["id"] for one in now)
        for event in [*now, *now[:2]]:
            assert deliver("allocate_bank_transactions", event) == []
    assert strike("settle_debits", api.tenant_id) == []


def booked(found: Json) -> Booked:
    sign = "" if found["direction"] == "credit" else "-"
    text = "".join((found["remittance"] or "").split())
    return (found["booked_on"], f"{sign}{found['amount']}", found["counterparty"]["iban"], found["end_to_end_id"], text)


def expected(month: Month, *, details_: bool) -> Counter[Booked]:
    """The transactions of the month: of each entry, or of each detail that camt has."""

    def parts(one: Movement) -> Iterator[Movement]:
        yield from one.parts if details_ else (one,)

    return Counter(
        (f"{one.day}", f"{one.amount:.2f}", one.iban or None, one.end_to_end_id or None, "".join(one.text.split()))
        for movement in month.movements
        for one in parts(movement)
    )


def payments(api: Client) -> Counter[Paid]:
    """The payments that count: all that are not reversed."""
    found = api.get("/payments?limit=100").ok()["data"]
    assert {one["type"] for one in found} == {"payment"}
    return Counter(
        Paid(one["invoice_id"], one["amount"], one["date"], one["method"], one["cash_discount"])
        for one in found
        if one["reversed_at"] is None
    )


def require_books(api: Client, company: Company, month: Month, sources: Sequence[str]) -> None:
    """The books are those that the month was made of."""
    has_details = "camt.053" in sources
    page = api.get("/bank-transactions?order=asc&limit=100").ok()
    assert not page["has_more"]
    assert Counter(booked(one) for one in page["data"] if one["suspect_of"] is None) == expected(
        month, details_=has_details
    )
    assert payments(api) == company.payments(details=has_details)
    invoices = api.get("/invoices?limit=100").ok()["data"]
    assert {one["id"]: one["due"] for one in invoices} == company.open_items(details=has_details)
    assert {one["refund_due"] for one in invoices} == {"0.00"}


def require_same_books(
    api: Client, at: Clock, aws: AwsCalls, seed: int, orders: Sequence[Sequence[str]], stories: int = 9
) -> None:
    """Each order of some formats ends in the books of the month of a seed."""
    random = Random(seed)
    at.now = BEGIN
    company = Company(api, random, random.choice(("certain", "likely"))).live(stories)
    month, at.now = company.month, NOON
    begin = take(at)
    for sources in orders:
        restore(begin, at, aws)
        live(api, random, month, sources)
        require_books(api, company, month, sources)


@pytest.mark.parametrize(("seed", "alone"), list(enumerate(FORMATS)))
def test_a_month_ends_in_the_same_books(api: Client, at: Clock, aws: AwsCalls, seed: int, alone: str) -> None:
    require_same_books(api, at, aws, seed, [(alone,), FORMATS])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 160))
def test_many_months_end_in_the_same_books(api: Client, at: Clock, aws: AwsCalls, seed: int) -> None:
    pairs = [(one, other) for one in FORMATS for other in FORMATS if one < other]
    require_same_books(api, at, aws, seed, [*((one,) for one in FORMATS), *pairs, FORMATS, FORMATS], 14)
