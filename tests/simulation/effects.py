"""The rules that the books keep after any simulated day, besides those of the ledger."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal

from invoicing.webhooks.subscribable import subscribes
from tests.faults.ledger import Ledger
from tests.faults.rules import broken_in
from tests.faults.snapshots import objects, rows
from tests.simulation.requests import Request
from tests.simulation.writers import ENDPOINTS, Day
from tests.uploads import check_stored_files

REFUSED = {404, 409, 412, 422}
MAILED = {"collection.announced", "email.requested"}
"""The events that request mails about documents."""


def violations(day: Day) -> list[str]:
    """The violations after a day; empty if the books are correct."""
    assert check_stored_files(day.api.tenant_id) == []
    ledger = Ledger(rows(), objects(), day.events)
    found = broken_in(ledger)
    for request in day.requests:
        found += _wrong_answers(request)
    checks = (_wrong_effects, _wrong_imports, _wrong_deliveries, _unpublished)
    return [*found, *_wrong_mails(day), *(one for check in checks for one in check(day, ledger))]


def _wrong_answers(request: Request) -> Iterator[str]:
    about = f"{request.method} {request.path}"
    good = {(one.status, one.text) for one in request.answers if one.status < 300}
    if len(good) > 1 and not any("secret" in text or "url" in text for _, text in good):
        yield f"{about} with one key is answered {good}"
    for one in request.answers:
        # A refusal is not stored: its twin may arrive later, when the request is allowed.
        if one.status >= 400 and one.status not in REFUSED:
            yield f"{about} is answered {one.status} {one.text}"


def _wrong_effects(day: Day, ledger: Ledger) -> Iterator[str]:
    payments = ledger.of("payment")
    recorded = sum(not str(one.get("external_id")).startswith(("btx_", "txn_")) for one in payments)
    if recorded != (paid := _accepted(day, "/payments")):
        yield f"{paid} payments were accepted, {recorded} are stored"
    types = Counter(event["type"] for event in day.events.values())
    expected = {
        "invoice.commented": _accepted(day, "/comments"),
        "invoice.payment_recorded": len(payments) - day.company.paid,
    }
    yield from (
        f"{types[type_]} {type_} instead of {number}" for type_, number in expected.items() if types[type_] != number
    )


def _wrong_imports(day: Day, ledger: Ledger) -> Iterator[str]:
    """An entry is stored once, however often statements of different formats and the feed contain it."""
    movements = Counter((str(one.day), abs(one.amount), one.text) for one in day.company.resources.bank.month.movements)
    stored = Counter(
        (one["booked_on"], Decimal(one["amount"]), one.get("remittance")) for one in ledger.of("bank_transaction")
    )
    yield from (f"{entry} is stored {stored[entry]} times" for entry in movements if stored[entry] > movements[entry])
    statements = Counter(one.get("status", "queued") for one in ledger.of("bank_statement"))
    if statements.keys() != {"done"}:
        yield f"statements are {statements}"


def _wrong_deliveries(day: Day, ledger: Ledger) -> Iterator[str]:
    """Each event has one delivery to each endpoint that subscribes to it, which arrives at last, always the same."""
    deliveries: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for one in ledger.of("webhook_delivery"):
        deliveries[one["endpoint_id"]][one["event"]["id"]] = one.get("status", "pending")
    for id_, patterns in zip(day.company.endpoints, ENDPOINTS.values(), strict=True):
        wanted = {event["id"] for event in day.events.values() if subscribes(patterns, event["type"])}
        if deliveries[id_].keys() != wanted:
            yield f"{id_} has or lacks deliveries: {sorted(deliveries[id_].keys() ^ wanted)}"
    pushed = deliveries[day.company.endpoints[0]]
    if left := {event: status for event, status in pushed.items() if status != "succeeded"}:
        yield f"deliveries did not arrive: {left}"
    if day.receiver.bodies.keys() != pushed.keys():
        yield f"events arrived or are missing: {sorted(day.receiver.bodies.keys() ^ pushed.keys())}"
    yield from (f"{event} differs" for event, bodies in day.receiver.bodies.items() if len({*bodies}) > 1)


def _accepted(day: Day, suffix: str) -> int:
    return sum(one.accepted for one in day.requests if one.method == "POST" and one.path.endswith(suffix))


def _wrong_mails(day: Day) -> Iterator[str]:
    sent = Counter(
        next(tag["Value"] for tag in call.params["EmailTags"] if tag["Name"] == "mail_id")
        for call in day.stage.aws.calls
        if call.name == "ses:SendEmail"
    )
    requests = [event for event in day.events.values() if event["type"] in MAILED]
    asked = {event["data"]["details"]["mail_id"] for event in requests}
    yield from (f"{mail} was sent and never requested" for mail in sent.keys() - asked)
    if sum(sent.values()) > len(sent) + day.disturbed:
        yield f"mails were sent twice: {sent}"
    invoices = Counter(
        (one["resource"]["id"], one["type"]) for one in requests if "document_id" not in one["data"]["details"]
    )
    yield from (f"{id_} {type_} was requested {times} times" for (id_, type_), times in invoices.items() if times > 1)


def _unpublished(day: Day, ledger: Ledger) -> Iterator[str]:
    """Events that the bus never got, and rows that were left in the outbox."""
    yield from (f"{event['type']} is not published" for id_, event in day.events.items() if id_ not in day.published)
    left = [row["PK"] for row in ledger.rows if str(row.get("GSI7PK", "")).startswith("OUTBOX")]
    yield from (f"{partition} is still in the outbox" for partition in left)
