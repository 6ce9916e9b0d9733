"""A company on a busy day: clients, consumers and schedules write concurrently, and each of them has faults.

A round begins with requests, messages and ticks, and ends when all of them are done or failed. Failed work and
published events are delivered in the next round, each once or twice.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from infra.discovery import discover
from invoicing.consumers.bus_events import BusEvents
from invoicing.consumers.consumer import Consumer
from invoicing.consumers.hourly import HourlyTicks
from tests.aws import called_by
from tests.builders import customer_json, invoice_json, line_json, rule_json
from tests.conftest import Clock
from tests.events import deliver, details, function, outbox, stream_event, strike
from tests.faults.injection import Fault, Kind
from tests.faults.ledger import broken_rules
from tests.faults.snapshots import new_worker, objects, restore, rows, take
from tests.gateway import Client, Response, answered, authorized
from tests.simulation.interleaving import Actor, Interleaving
from tests.uploads import check_stored_files

Json = dict[str, Any]
VISIBILITY = timedelta(minutes=6)
MOST_ROUNDS = 40
MOST_ATTEMPTS = 8
REPEATED = {409, 429, 500, 503}
REFUSED = {404, 409, 412, 422}
CONSUMERS = [(one.name, one.declaration.source) for one in discover() if isinstance(one.declaration, Consumer)]
HOURLY = [name for name, source in CONSUMERS if isinstance(source, HourlyTicks)]
SCHEDULES = ("resend_deferred_emails",)
SUBSCRIBERS = [(name, source) for name, source in CONSUMERS if isinstance(source, BusEvents)]
"""The consumers of events on the bus."""


@dataclass
class Request:
    """A request of a client, sent with its key until it gets a response; twice at the same time if `twins`."""

    method: str
    path: str
    body: Any
    key: str
    answers: list[Response] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        """Whether the service accepted it."""
        return any(one.status < 300 for one in self.answers)


def events() -> list[Json]:
    """All events in the table."""
    return [json.loads(row["detail"]["S"]) for row in outbox() if "detail" in row]


def consumers_of(event: Json) -> list[str]:
    """The consumers whose rules match an event of the bus."""
    found = event["data"].get("details", {})
    return [
        name
        for name, source in SUBSCRIBERS
        if event["type"] in source.events and all((key in found) is there for key, there in source.present.items())
    ]


class Company:
    """A tenant with issued invoices, a draft and dunning, as it is at the beginning of each day."""

    def __init__(self, api: Client, at: Clock) -> None:
        self.api = api
        api.post("/dunning-rules", rule_json()).ok(201)
        self.customers = [api.post("/customers", customer_json()).ok(201)["id"] for _ in range(2)]
        self.issued = [self._issued(number) for number in range(2)]
        at.now += timedelta(days=30)
        self.issued.append(self._issued(0))
        self.drafts = [self._draft(number) for number in range(4)]
        self.known = {event["id"] for event in events()}
        self.begin = take(at)

    def _issued(self, number: int) -> str:
        draft = self._draft(number)
        self.api.post(f"/invoices/{draft}/finalize").ok()
        return draft

    def _draft(self, number: int) -> str:
        body = invoice_json(customer_id=self.customers[number % 2], lines=[line_json(), line_json(quantity="1")])
        return str(self.api.post("/invoices", body).ok(201)["id"])


class Day:
    """The events of one day, decided by a seed."""

    def __init__(self, company: Company, at: Clock, stage: Interleaving) -> None:
        self.company, self.at, self.stage, self.chance = company, at, stage, stage.chance
        self.api = company.api
        self.requests: list[Request] = []
        self.published: set[str] = set()
        self.messages: list[tuple[str, Any]] = []
        self.disturbed = 0
        self.met: Counter[str] = Counter()

    def run(self, *, rounds: int = 2, requests: int = 7) -> None:
        """Run the day until no work is left."""
        restore(self.company.begin, self.at, self.stage.aws)
        for number in range(MOST_ROUNDS):
            busy = number < rounds
            actors = [*self._clients(requests if busy else 0), *self._deliveries(faulty=busy)]
            if number in (0, rounds - 1):
                actors += [self._tick(name, faulty=busy) for name in HOURLY for _ in range(2)]
                actors += [self._scheduled(name, faulty=busy) for name in SCHEDULES]
            if not actors and not self._new_messages():
                break
            new_worker()
            self.chance.shuffle(actors)
            self.stage.run(actors)
            self.at.now += VISIBILITY
        else:
            raise AssertionError(f"never done: {[name for name, _ in self.messages]}")

    def wrong(self) -> list[str]:
        """The violations after the day; empty if the books are correct."""
        assert check_stored_files(self.api.tenant_id) == []
        found = broken_rules(rows(), objects())
        for request in self.requests:
            found += self._wrong_answers(request)
        found += self._wrong_effects()
        found += self._wrong_mails()
        return [*found, *self._unpublished()]

    # The work of the day

    def _clients(self, number: int) -> Iterator[Actor]:
        for _ in range(number):
            function, request = self._request()
            self.requests.append(request)
            for _ in range(self.chance.choice((1, 1, 2))):
                yield Actor(function, lambda actor, one=request: self._ask(actor, one), self._fault())  # type: ignore[misc]

    def _request(self) -> tuple[str, Request]:
        method, path, body = self.chance.choice(REQUESTS)(self)
        key = f"k{len(self.requests)}"
        found, _ = self.api.request(method, path, body)
        return found.name, Request(method, path, body, key)

    def _ask(self, actor: Actor, request: Request) -> None:
        found, event = self.api.request(
            request.method, request.path, request.body, headers={"Idempotency-Key": request.key}
        )
        _, event["requestContext"]["authorizer"] = authorized(event)
        for _ in range(MOST_ATTEMPTS):
            answer = self.stage.attempt(actor, lambda: answered(found, event))
            if answer is not None and (answer.status < 400 or not self._repeats(answer)):
                request.answers.append(answer)
                return
        raise AssertionError(f"{request.method} {request.path} is never answered: {answer and answer.text}")

    def _repeats(self, answer: Response) -> bool:
        conflict = answer.status == 409 and answer.code in {"CONCURRENT_MODIFICATION", "IDEMPOTENCY_IN_PROGRESS"}
        return conflict or answer.status in REPEATED - {409}

    def _new_messages(self) -> bool:
        before = len(self.messages)
        for event in events():
            if event["id"] not in self.company.known | self.published:
                self.published.add(event["id"])
                self.messages += [(name, event) for name in consumers_of(event)]
        return len(self.messages) > before

    def _deliveries(self, *, faulty: bool) -> list[Actor]:
        self._new_messages()
        now, self.messages = self.messages, []
        return [
            self._delivery(name, event, faulty=faulty) for name, event in now for _ in range(self.chance.choice((1, 2)))
        ]

    def _delivery(self, name: str, event: Any, *, faulty: bool) -> Actor:
        def work(actor: Actor) -> None:
            if self.stage.attempt(actor, lambda: deliver(name, event)) != []:
                self.messages.append((name, event))

        return Actor(name, work, self._fault() if faulty else None)

    def _tick(self, name: str, *, faulty: bool) -> Actor:
        def work(actor: Actor) -> None:
            for _ in range(3):
                if self.stage.attempt(actor, lambda: strike(name, self.api.tenant_id)) == []:
                    return

        return Actor(name, work, self._fault() if faulty else None)

    def _scheduled(self, name: str, *, faulty: bool) -> Actor:
        def run() -> None:
            with called_by(name):
                function(name).declaration({}, None)

        def work(actor: Actor) -> None:
            try:
                self.stage.attempt(actor, run)
            except Exception:  # noqa: BLE001 — a failed run; the next one does the rest
                self.met["failed runs"] += 1

        return Actor(name, work, self._fault() if faulty else None)

    def _fault(self) -> Fault | None:
        if self.chance.random() < 0.6:
            return None
        self.disturbed += 1
        return Fault(self.chance.randint(1, 8), self.chance.choice(list(Kind)))

    # Invariants

    def _wrong_answers(self, request: Request) -> Iterator[str]:
        about = f"{request.method} {request.path}"
        good = {(one.status, one.text) for one in request.answers if one.status < 300}
        if len(good) > 1 and not any("secret" in text or "url" in text for _, text in good):
            yield f"{about} with one key is answered {good}"
        for one in request.answers:
            # A refusal is not stored: its twin may arrive later, when the request is allowed.
            if one.status >= 400 and one.status not in REFUSED:
                yield f"{about} is answered {one.status} {one.text}"

    def _wrong_effects(self) -> Iterator[str]:
        entities = Counter(row.get("entity") for row in rows())
        paid = self._accepted("POST", "/payments")
        if entities["payment"] != paid:
            yield f"{paid} payments were accepted, {entities['payment']} are stored"
        types = Counter(event["type"] for event in events())
        for suffix, type_ in EFFECTS.items():
            expected = self._accepted("POST", suffix)
            if types[type_] - self.company_events[type_] != expected:
                yield f"{suffix}: {expected} accepted, {types[type_] - self.company_events[type_]} {type_}"

    @property
    def company_events(self) -> Counter[str]:
        """The events that the day began with."""
        return Counter(event["type"] for event in events() if event["id"] in self.company.known)

    def _accepted(self, method: str, suffix: str) -> int:
        return sum(one.accepted for one in self.requests if one.method == method and one.path.endswith(suffix))

    def _wrong_mails(self) -> Iterator[str]:
        sent = Counter(
            next(tag["Value"] for tag in call.params["EmailTags"] if tag["Name"] == "mail_id")
            for call in self.stage.aws.calls
            if call.name == "ses:SendEmail"
        )
        asked = {event["data"]["details"]["mail_id"] for event in details("email.requested")}
        yield from (f"{mail} was sent and never requested" for mail in sent.keys() - asked)
        if sum(sent.values()) > len(sent) + self.disturbed:
            yield f"mails were sent twice: {sent}"
        requests = [event for event in events() if event["type"] == "email.requested"]
        invoices = Counter(one["resource"]["id"] for one in requests if "document_id" not in one["data"]["details"])
        yield from (f"{invoice} was requested {times} times" for invoice, times in invoices.items() if times > 1)

    def _unpublished(self) -> Iterator[str]:
        """Publish all events as the stream and the sweeper do, and find those that the bus never got."""
        expected = {event["id"] for event in events()}
        self.stage.aws.calls.clear()
        with called_by("publish_outbox"):
            function("publish_outbox").declaration(stream_event(outbox()), None)
        calls = [call.params["Entries"] for call in self.stage.aws.calls if call.name == "events:PutEvents"]
        published = Counter(json.loads(entry["Detail"])["id"] for entries in calls for entry in entries)
        if published != Counter(expected):
            yield f"published {published - Counter(expected)}, missing {Counter(expected) - published}"
        left = [row["PK"] for row in rows() if str(row.get("GSI7PK", "")).startswith("OUTBOX")]
        yield from (f"{partition} is still in the outbox" for partition in left)


EFFECTS = {
    "/comments": "invoice.commented",
    "/payments": "invoice.payment_recorded",
}


def _invoice(day: Day) -> str:
    """Usually an issued one."""
    return str(day.chance.choice([*day.company.issued, *day.company.issued, *day.company.drafts]))


def _draft(day: Day) -> str:
    """Usually a draft."""
    return str(day.chance.choice([*day.company.drafts, *day.company.drafts, *day.company.issued]))


def _pay(day: Day) -> tuple[str, str, Json]:
    return "POST", f"/invoices/{_invoice(day)}/payments", {"amount": day.chance.choice(["1.00", "50.00", "178.50"])}


def _credit(day: Day) -> tuple[str, str, Json]:
    return "POST", f"/invoices/{_invoice(day)}/credit", day.chance.choice([{"amount": "10.00"}, {}])


def _do(
    action: str, body: Json | None = None, on: Callable[[Day], str] = _invoice
) -> Callable[[Day], tuple[str, str, Json]]:
    return lambda day: ("POST", f"/invoices/{on(day)}/{action}", body or {})


def _patch(day: Day) -> tuple[str, str, Json]:
    return "PATCH", f"/invoices/{_draft(day)}", {"title": f"Title {day.chance.randint(1, 9)}"}


def _customer(day: Day) -> tuple[str, str, Json]:
    return "PATCH", f"/customers/{day.chance.choice(day.company.customers)}", {"name": f"Name {day.chance.random()}"}


REQUESTS: list[Callable[[Day], tuple[str, str, Json]]] = [
    _pay, _pay, _pay, _credit, _credit, _patch, _customer,
    _do("cancel"), _do("close", {"reason": "write_off"}), _do("reactivate"), _do("correct"),
    _do("finalize", {"send": True}, _draft), _do("finalize", {"send": True}, _draft), _do("finalize", on=_draft),
    _do("lines", {"lines": [line_json()]}, _draft),
    _do("comments", {"comment": "x"}), _do("duplicate"),
]  # fmt: skip
"""The requests of clients, with equal probability."""
