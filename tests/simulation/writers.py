"""A company on a busy day: clients, consumers and schedules write concurrently, and each of them has faults.

A round begins with requests, messages and ticks, and ends when all of them are done or failed. The stream of the table
brings new entries to the publisher, and each entry that the bus accepts goes to the consumers of its rule in the next
round, once or twice, as does failed work.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from infra.discovery import discover
from invoicing.consumers.bus_events import BusEvents
from invoicing.consumers.consumer import Consumer
from invoicing.consumers.hourly import HourlyTicks
from invoicing.consumers.internal_events import InternalEvents
from invoicing.consumers.run_steps import RunSteps
from invoicing.core.event import SOURCE
from tests.aws import called_by
from tests.builders import (
    customer_json,
    invoice_json,
    line_json,
    order_json,
    outside_event,
    rule_json,
    subscription_json,
)
from tests.conftest import Clock
from tests.events import deliver, deliver_raw, function, outbox, stream_event, strike
from tests.faults.injection import Fault, Kind
from tests.faults.snapshots import new_worker, restore, rows, take
from tests.gateway import Client, Response, answered, authorized
from tests.simulation.bank import Bank
from tests.simulation.interleaving import Actor, Interleaving
from tests.simulation.receiver import Receiver
from tests.simulation.requests import REQUESTS, Choice, Request, Resources, upload
from tests.webhooks import listen

Json = dict[str, Any]
Wanted = Callable[[], tuple[str, str, Any]]
"""A request that is chosen when a client sends it."""
VISIBILITY = timedelta(minutes=6)
BUSY_ROUNDS, MOST_ROUNDS = 2, 60
REQUESTS_A_ROUND = 7
MOST_ATTEMPTS = 8
ENDPOINTS: dict[str | None, list[str]] = {
    "https://example.com/webhooks": ["invoice.payment_recorded", "transaction.*"],
    None: ["bank_transaction.*", "sepa_file.*"],
}
"""The events of each webhook endpoint, by its URL; the one without is polled."""
REPEATED = {409, 429, 500, 503}
CONSUMERS = {one.name: one.declaration.source for one in discover() if isinstance(one.declaration, Consumer)}
HOURLY = [name for name, source in CONSUMERS.items() if isinstance(source, HourlyTicks)]
SCHEDULES = ("resend_deferred_emails", "retry_webhooks", "sweep_outbox")
SUBSCRIBERS = {
    name: source for name, source in CONSUMERS.items() if isinstance(source, (BusEvents, InternalEvents, RunSteps))
}
"""The consumers of events of this service."""
PUBLISHER = "publish_outbox"
COMPLETED, CANCELED = "invoice_completed_order", "cancel_order"
DELIVERY = "deliver_webhook"


class Message(NamedTuple):
    """A message in the queue of a consumer: an event of this service, or the body of another message."""

    consumer: str
    event: Json | None
    body: str = ""


def consumers_of(event: Json, sender: str = SOURCE) -> list[str]:
    """The consumers whose rules match an event of the bus."""
    found = event.get("data", {}).get("details", {})
    return [
        name
        for name, source in SUBSCRIBERS.items()
        if sender in source.senders
        and (event["type"] in source.events or not source.events)
        and all((key in found) is there for key, there in getattr(source, "present", {}).items())
    ]


class Company:
    """A tenant with issued invoices, drafts, orders, subscriptions and dunning, as it is when each day begins."""

    def __init__(self, api: Client, at: Clock) -> None:
        self.api = api
        api.post("/dunning-rules", rule_json()).ok(201)
        customers = [api.post("/customers", customer_json()).ok(201)["id"] for _ in range(2)]
        self.customers = customers
        issued = [self._issued(number) for number in range(2)]
        bank = Bank.of(api, issued[0], [api.get(f"/invoices/{one}").ok()["number"] for one in issued])
        self.endpoints = [listen(api, url, events=events)["id"] for url, events in ENDPOINTS.items()]
        at.now += timedelta(days=30)
        issued.append(self._issued(0))
        drafts = [self._draft(number) for number in range(4)]
        orders = [api.post("/orders", order_json(customer_id=one)).ok(201)["id"] for one in customers]
        start = (at.now - timedelta(days=31)).date().isoformat()
        subscriptions = [
            api.post(
                "/subscriptions",
                subscription_json(customer_id=customers[0], start_date=start, catch_up="bill", action=action),
            ).ok(201)["id"]
            for action in ("draft", "send")
        ]
        self.resources = Resources(customers, issued, drafts, orders, subscriptions, f"1m-advance.{start}", bank)
        with called_by(PUBLISHER):
            function(PUBLISHER).declaration(stream_event(outbox()), None)
        self.begin = take(at)
        self.paid = sum(row.get("entity") == "payment" for row in rows())
        """The payments that are recorded when a day begins."""

    def _issued(self, number: int) -> str:
        draft = self._draft(number)
        self.api.post(f"/invoices/{draft}/finalize").ok()
        return draft

    def _draft(self, number: int) -> str:
        body = invoice_json(customer_id=self.customers[number % 2], lines=[line_json(), line_json(quantity="1")])
        return str(self.api.post("/invoices", body).ok(201)["id"])


class Day:
    """The events of one day, decided by a seed."""

    def __init__(self, company: Company, at: Clock, stage: Interleaving, choices: Sequence[Choice] = REQUESTS) -> None:
        self.company, self.at, self.stage, self.chance, self.choices = company, at, stage, stage.chance, choices
        self.api = company.api
        self.requests: list[Request] = []
        self.messages: list[Message] = []
        self.receiver = Receiver(stage)
        self.completed: list[str] = []
        """The orders that another system completed."""
        self.streamed: set[str] = set()
        self.events: dict[str, Json] = {}
        """All events of the day by id, from the outbox and from the bus."""
        self.published: Counter[str] = Counter()
        self.disturbed = 0
        self.met: Counter[str] = Counter()

    def run(self) -> None:
        """Run the day until no work is left."""
        restore(self.company.begin, self.at, self.stage.aws)
        for number in range(MOST_ROUNDS):
            busy = number < BUSY_ROUNDS
            actors = [
                *self._clients(*(self._wanted() if busy else ())),
                *self._deliveries(faulty=busy),
                *self._stream(faulty=busy),
            ]
            if number in (0, BUSY_ROUNDS - 1):
                actors += [self._tick(name, faulty=busy) for name in HOURLY for _ in range(2)]
                actors += [self._scheduled(name, faulty=busy) for name in SCHEDULES]
                actors += [self._delivery(message, faulty=busy) for message in self._orders()]
            self.receiver.fails = busy
            if not actors:
                if self._left():
                    actors = [self._scheduled("sweep_outbox", faulty=False)]
                elif due := self._next_delivery():
                    self.at.now = max(self.at.now, due)
                    actors = [self._scheduled("retry_webhooks", faulty=False)]
                else:
                    break
            new_worker()
            self.chance.shuffle(actors)
            self.stage.run(actors)
            self._hear()
            self.at.now += VISIBILITY
        else:
            raise AssertionError(f"never done: {[message.consumer for message in self.messages]}")

    # The work of the day

    def _wanted(self) -> list[Wanted]:
        """The requests of a round, one upload of a bank statement among them."""
        choices = [upload, *self.chance.choices(self.choices, k=REQUESTS_A_ROUND)]
        return [partial(choice, self.company.resources, self.chance) for choice in choices]

    def _clients(self, *requests: Wanted) -> Iterator[Actor]:
        for wanted in requests:
            function, request = self._request(*wanted())
            self.requests.append(request)
            for _ in range(self.chance.choice((1, 1, 2))):
                yield Actor(function, lambda actor, one=request: self._ask(actor, one), self._fault())  # type: ignore[misc]

    def _request(self, method: str, path: str, body: Any) -> tuple[str, Request]:
        request = Request(method, path, body, f"k{len(self.requests)}")
        return request.to(self.api)[0].name, request

    def _ask(self, actor: Actor, request: Request) -> None:
        found, event = request.to(self.api)
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

    def _hear(self) -> None:
        """Put each entry that the bus accepted into the queues of its consumers."""
        for row in self._left():
            event = json.loads(row["detail"]["S"])
            self.events[event["id"]] = event
        bodies, self.stage.queued = self.stage.queued, []
        self.messages += [Message(DELIVERY, None, body) for body in bodies]
        entries, self.stage.entries = self.stage.entries, []
        for number, entry in enumerate(entries):
            event = json.loads(entry["Detail"])
            if entry["Source"] == SOURCE:
                self.events[event["id"]] = event
                self.published[event["id"]] += 1
                self.messages += [Message(name, event) for name in consumers_of(event)]
                continue
            body = {"id": f"internal-{self.at.now.isoformat()}-{number}", "source": entry["Source"], "detail": event}
            names = consumers_of({"type": entry["DetailType"]}, entry["Source"])
            self.messages += [Message(name, None, json.dumps(body)) for name in names]

    def _left(self) -> list[Mapping[str, Any]]:
        """The rows whose event is not marked as published."""
        return [row for row in outbox() if "detail" in row]

    def _next_delivery(self) -> datetime | None:
        """When the next attempt of a webhook's delivery is due, if there is one."""
        due = [row["GSI7SK"].partition("#")[0] for row in rows() if row.get("GSI7PK", "").startswith("DUE#WEBHOOKS")]
        return datetime.fromisoformat(min(due)) if due else None

    def _deliveries(self, *, faulty: bool) -> list[Actor]:
        now, self.messages = self.messages, []
        return [self._delivery(message, faulty=faulty) for message in now for _ in range(self.chance.choice((1, 2)))]

    def _delivery(self, message: Message, *, faulty: bool) -> Actor:
        name, event, body = message

        def work(actor: Actor) -> None:
            delivered = self.stage.attempt(actor, lambda: deliver(name, event) if event else deliver_raw(name, body))
            if delivered != []:
                self.messages.append(message)

        return Actor(name, work, self._fault() if faulty else None)

    def _orders(self) -> Iterator[Message]:
        """The messages of the system that takes orders: it completes one, and cancels one of before."""
        if self.completed:
            order: Json = {"external_id": self.chance.choice(self.completed), "reason": "Kunde hat widerrufen"}
            yield self._of_order(CANCELED, "order.canceled", order)
        external_id = f"SO-{self.chance.randint(1, 2)}"
        self.completed.append(external_id)
        customer_id = self.company.customers[0]
        order = {"external_id": external_id, "customer_id": customer_id, "currency": "EUR", "lines": [line_json()]}
        yield self._of_order(COMPLETED, "order.completed", order)

    def _of_order(self, consumer: str, type_: str, order: Json) -> Message:
        event = {"id": str(self.chance.random()), "time": self.at.now.isoformat()}
        detail = {"tenant_id": self.api.tenant_id, "order": order}
        return Message(consumer, None, outside_event(type_, detail, **event))

    def _stream(self, *, faulty: bool) -> Iterator[Actor]:
        """The publisher with the new rows of the table's stream, if there are any."""
        new = [row for row in self._left() if row["SK"]["S"] not in self.streamed]
        if new:
            self.streamed |= {row["SK"]["S"] for row in new}
            yield Actor(PUBLISHER, lambda actor: self._publish(actor, new), self._fault() if faulty else None)

    def _publish(self, actor: Actor, rows: Sequence[Mapping[str, Any]]) -> None:
        """The stream repeats a batch until the publisher returns."""

        def work() -> Any:
            with called_by(PUBLISHER):
                return function(PUBLISHER).declaration(stream_event(rows), None)

        for _ in range(MOST_ATTEMPTS):
            if self._run(actor, work) == {"batchItemFailures": []}:
                return
        raise AssertionError("the stream is never read")

    def _run(self, actor: Actor, work: Callable[[], Any]) -> Any:
        """One run of a function that raises where AWS repeats it; None if it failed or its worker died."""
        try:
            return self.stage.attempt(actor, work)
        except Exception:  # noqa: BLE001 — the next run does the rest
            self.met["failed runs"] += 1
            return None

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

        return Actor(name, lambda actor: self._run(actor, run), self._fault() if faulty else None)

    def _fault(self) -> Fault | None:
        if self.chance.random() < 0.6:
            return None
        self.disturbed += 1
        return Fault(self.chance.randint(1, 8), self.chance.choice(list(Kind)))
