"""The rules that the books keep after any simulated day, besides those of the ledger."""

from collections import Counter
from collections.abc import Iterator

from tests.faults.rules import broken_rules
from tests.faults.snapshots import objects, rows
from tests.simulation.requests import Request
from tests.simulation.writers import Day
from tests.uploads import check_stored_files

REFUSED = {404, 409, 412, 422}
EFFECTS = {
    "/comments": "invoice.commented",
    "/payments": "invoice.payment_recorded",
}
"""Operations whose accepted requests are as many as the events of a type."""


def violations(day: Day) -> list[str]:
    """The violations after a day; empty if the books are correct."""
    assert check_stored_files(day.api.tenant_id) == []
    found = broken_rules(rows(), objects(), day.events)
    for request in day.requests:
        found += _wrong_answers(request)
    return [*found, *_wrong_effects(day), *_wrong_mails(day), *_unpublished(day)]


def _wrong_answers(request: Request) -> Iterator[str]:
    about = f"{request.method} {request.path}"
    good = {(one.status, one.text) for one in request.answers if one.status < 300}
    if len(good) > 1 and not any("secret" in text or "url" in text for _, text in good):
        yield f"{about} with one key is answered {good}"
    for one in request.answers:
        # A refusal is not stored: its twin may arrive later, when the request is allowed.
        if one.status >= 400 and one.status not in REFUSED:
            yield f"{about} is answered {one.status} {one.text}"


def _wrong_effects(day: Day) -> Iterator[str]:
    stored = Counter(row.get("entity") for row in rows())["payment"]
    paid = _accepted(day, "/payments")
    if stored != paid:
        yield f"{paid} payments were accepted, {stored} are stored"
    types = Counter(event["type"] for event in day.events.values())
    for suffix, type_ in EFFECTS.items():
        expected = _accepted(day, suffix)
        if types[type_] != expected:
            yield f"{suffix}: {expected} accepted, {types[type_]} {type_}"


def _accepted(day: Day, suffix: str) -> int:
    return sum(one.accepted for one in day.requests if one.method == "POST" and one.path.endswith(suffix))


def _wrong_mails(day: Day) -> Iterator[str]:
    sent = Counter(
        next(tag["Value"] for tag in call.params["EmailTags"] if tag["Name"] == "mail_id")
        for call in day.stage.aws.calls
        if call.name == "ses:SendEmail"
    )
    requests = [event for event in day.events.values() if event["type"] == "email.requested"]
    asked = {event["data"]["details"]["mail_id"] for event in requests}
    yield from (f"{mail} was sent and never requested" for mail in sent.keys() - asked)
    if sum(sent.values()) > len(sent) + day.disturbed:
        yield f"mails were sent twice: {sent}"
    invoices = Counter(one["resource"]["id"] for one in requests if "document_id" not in one["data"]["details"])
    yield from (f"{invoice} was requested {times} times" for invoice, times in invoices.items() if times > 1)


def _unpublished(day: Day) -> Iterator[str]:
    """Events that the bus never got, and rows that were left in the outbox."""
    yield from (f"{event['type']} is not published" for id_, event in day.events.items() if id_ not in day.published)
    left = [row["PK"] for row in rows() if str(row.get("GSI7PK", "")).startswith("OUTBOX")]
    yield from (f"{partition} is still in the outbox" for partition in left)
