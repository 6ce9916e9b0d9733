"""A simulated month of dunning: each message is delivered one to three times in any order, and workers die at any call.

Users of other systems report reminders that were sent twenty times and levels that were skipped. Here each level is
reached once, in order, on its day in the tenant's time zone. Each mail is sent once, and again only if its outcome is
unknown.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from functions.events import render_dunning_document
from tests.aws import AwsCalls
from tests.builders import NOON, rule_json
from tests.conftest import Clock
from tests.events import deliver, details, strike
from tests.faults.deaths import Moment, dies_at
from tests.gateway import Client
from tests.mails import deliver_ses_event
from tests.world import issue

BERLIN = ZoneInfo("Europe/Berlin")
VISIBILITY = timedelta(minutes=6)
HOUR = timedelta(hours=1)
MOST_DELIVERIES = 10
MOST_DEATHS = 2
MOST_CALLS = {"run_dunning": 20, "mark_overdue": 10, "render_dunning_document": 12, "send_email": 13}
"""The call at which a worker dies. A worker with fewer calls survives."""
MOMENTS: tuple[Moment, ...] = ("before", "after")
CONSUMERS = {"dunning.document_created": "render_dunning_document", "email.requested": "send_email"}


@dataclass
class Deaths:
    """The most workers that die over one event, in any of its copies.

    A queue delivers a message ten times, which suffices for two: a mail is sent again after 15 minutes without events
    of SES, and the other copies fail until then.
    """

    count: int = 0


@dataclass
class Message:
    """One copy of an event in a consumer's queue, and how often it was delivered."""

    consumer: str
    hand_out: Callable[[], list[str]]
    deaths: Deaths
    deliveries: int = 0


@dataclass
class Month:
    """The queues, the workers, and SES, which publishes events about some mails soon and about others too late."""

    api: Client
    aws: AwsCalls
    at: Clock
    chance: random.Random
    queue: list[Message] = field(default_factory=list)
    made: set[tuple[str, str]] = field(default_factory=set)
    died: set[tuple[str, str, Moment]] = field(default_factory=set)
    lost: int = 0
    soon: list[tuple[Any, str]] = field(default_factory=list)
    late: list[tuple[Any, str]] = field(default_factory=list)
    known: set[str] = field(default_factory=set)

    def run_hour(self) -> None:
        """Publish the hour to both schedules, and process the resulting messages until its end."""
        for name in ("run_dunning", "mark_overdue"):
            self._enqueue(name, lambda name=name: strike(name, self.api.tenant_id))  # type: ignore[misc]
        until = self.at.now + HOUR
        while self.queue and self.at.now < until:
            self._work_off()
            self.at.now += VISIBILITY
        self.at.now = until

    def _enqueue(self, consumer: str, hand_out: Callable[[], list[str]]) -> None:
        deaths = Deaths()
        self.queue += [Message(consumer, hand_out, deaths) for _ in range(self.chance.randint(1, 3))]

    def _work_off(self) -> None:
        """Deliver each available message once. A failed one is available again after its visibility timeout."""
        now, self.queue = self.queue, []
        to_be_told, self.soon = self.soon, []
        self.chance.shuffle(now)
        before = len(self.aws.calls)
        for message in now:
            message.deliveries += 1
            assert message.deliveries <= MOST_DELIVERIES, f"a message of {message.consumer} ends as a dead letter"
            if self._fails(message):
                self.queue.append(message)
        for told in to_be_told:
            deliver_ses_event("Send", *told)
        if any(call.name == "dynamodb:TransactWriteItems" for call in self.aws.calls[before:]):
            self._publish()

    def _fails(self, message: Message) -> bool:
        call, moment = self._death(message)
        failed: list[str] = ["it died"]
        begun = len(self.aws.calls)
        with dies_at(call, moment, self.aws) as worker:
            failed = message.hand_out()
        if worker.died_at is not None:
            message.deaths.count += 1
            self.died.add((message.consumer, worker.died_at, moment))
            if (worker.died_at, moment) != ("TransactWriteItems", "after"):
                self._lose_answers(begun)
        made = (call.name.partition(":")[2] for call in self.aws.calls[begun:] if call.by == message.consumer)
        self.made |= {(message.consumer, operation) for operation in made}
        return failed != []

    def _death(self, message: Message) -> tuple[int | str, Moment]:
        """The call at which a worker dies, if it does: any, or one at which none has died yet."""
        if message.deaths.count == MOST_DEATHS or self.chance.random() < 0.5:
            return 0, "before"
        untried = [one[1:] for one in sorted(self.every_death() - self.died) if one[0] == message.consumer]
        if untried and self.chance.random() < 0.5:
            return self.chance.choice(untried)
        return self.chance.randint(1, MOST_CALLS[message.consumer]), self.chance.choice(MOMENTS)

    def every_death(self) -> set[tuple[str, str, Moment]]:
        """Before and after each operation of each consumer."""
        return {(consumer, operation, moment) for consumer, operation in self.made for moment in MOMENTS}

    def _lose_answers(self, begun: int) -> None:
        """Publish the events of SES about an accepted mail without a record: after some minutes, or much too late."""
        for call in self.aws.calls[begun:]:
            if call.name == "ses:SendEmail":
                self.lost += 1
                self.chance.choice((self.soon, self.late)).append((call.params, f"lost-{self.lost}"))

    def _publish(self) -> None:
        for event in details(*CONSUMERS):
            if event["id"] not in self.known:
                self.known.add(event["id"])
                name = CONSUMERS[event["type"]]
                self._enqueue(name, lambda name=name, event=event: deliver(name, event))  # type: ignore[misc]


@pytest.fixture
def month(api: Client, aws: AwsCalls, at: Clock, monkeypatch: pytest.MonkeyPatch) -> Month:
    """A tenant in Berlin, whose clocks go forward on 29 March. Other tests check the letters."""
    monkeypatch.setattr(render_dunning_document, "render_dunning_letter", lambda *_, **__: b"%PDF-1.7 a stand-in")
    api.patch("/tenant", {"base_rates": [{"valid_from": "2026-01-01", "rate": "1.27"}]}).ok()
    api.post("/dunning-rules", rule_json(days_overdue=4, due_in_days=3)).ok(201)
    api.post("/dunning-rules", rule_json(level=0, days_overdue=-3, due_in_days=3)).ok(201)
    costly = {"type": "dunning", "fees": {"EUR": "5.00"}, "interest": {"points": "9"}}
    api.post("/dunning-rules", rule_json(level=2, days_overdue=4, due_in_days=5, **costly)).ok(201)
    return Month(api, aws, at, random.Random(2011_7))


def days_of_levels(due: date) -> list[date]:
    """Four days after the due date; the letter is due three days later, so level 2 comes the day after that."""
    return [due + timedelta(days=4), due + timedelta(days=8)]


def hours(begin: datetime, days: int, of_day: range) -> Iterator[datetime]:
    for hour in range(24 * days):
        now = begin + hour * HOUR
        if now.hour in of_day:
            yield now


# Short form: only the hours around midnight in Berlin.
@pytest.mark.parametrize(
    ("invoices", "days", "of_day"),
    [(3, 11, range(22, 24)), pytest.param(100, 30, range(24), marks=pytest.mark.slow)],
)
def test_each_level_and_its_mail_happen_once_on_the_right_day(
    month: Month, invoices: int, days: int, of_day: range
) -> None:
    api, at = month.api, month.at
    due: dict[str, date] = {}
    for number in range(invoices):
        at.now = NOON + timedelta(days=number % 5)
        issued = issue(api)
        due[issued["id"]] = date.fromisoformat(issued["due_date"])
    paid_on = {id_: day + timedelta(days=6) for id_, day in list(due.items())[::10]}
    unpaid = dict(paid_on)

    for now in hours(datetime(2026, 3, 24, tzinfo=NOON.tzinfo), days, of_day):
        at.now = now
        for id_ in [id_ for id_, day in unpaid.items() if day <= now.date()]:
            del unpaid[id_]
            api.post(f"/invoices/{id_}/payments", {"amount": "119.00"}).ok(201)
        month.run_hour()
    assert (month.queue, month.soon) == ([], [])

    _each_invoice_was_told_overdue_once_on_its_day(due)
    levels = {id_: days_of_levels(day)[: 1 if id_ in paid_on else 2] for id_, day in due.items()}
    _each_level_was_reached_once_in_order_on_its_day(api, levels)
    # The simulation begins on the due date of the first invoices, which is too late to remind of it.
    reminded = sorted(id_ for id_, day in due.items() if day > date(2026, 3, 24))
    _each_due_date_was_reminded_once_before_it(reminded, due)
    mails = len(reminded) + sum(len(days) for days in levels.values())
    _each_mail_went_once_and_again_only_where_nobody_knew(month, mails)
    if invoices == 100:
        assert month.died == month.every_death()


def _each_invoice_was_told_overdue_once_on_its_day(due: dict[str, date]) -> None:
    told = sorted((event["resource"]["id"], _day_in_berlin(event)) for event in details("invoice.overdue"))
    assert told == sorted((id_, day + timedelta(days=1)) for id_, day in due.items())


def _each_level_was_reached_once_in_order_on_its_day(api: Client, levels: dict[str, list[date]]) -> None:
    created = details("dunning.document_created")
    reached = sorted((one["resource"]["id"], one["data"]["details"]["level"], _day_in_berlin(one)) for one in created)
    assert reached == sorted((id_, level, day) for id_, all_ in levels.items() for level, day in enumerate(all_, 1))
    for one in created:
        document = api.get(f"/dunning-documents/{one['data']['details']['document_id']}").ok()
        assert document["issue_date"] == _day_in_berlin(one).isoformat()
    numbers = sorted(one["data"]["details"]["number"] for one in created)
    assert numbers == [f"DUN-2026-{number:06d}" for number in range(1, len(created) + 1)]


def _each_due_date_was_reminded_once_before_it(reminded: list[str], due: dict[str, date]) -> None:
    requests = [one for one in details("email.requested") if "document_id" not in one["data"]["details"]]
    assert sorted(one["resource"]["id"] for one in requests) == reminded
    for one in requests:
        day = due[one["resource"]["id"]]
        assert day - timedelta(days=3) <= _day_in_berlin(one) < day


def _each_mail_went_once_and_again_only_where_nobody_knew(month: Month, expected: int) -> None:
    went = Counter(_mail_of(call.params) for call in month.aws.calls if call.name == "ses:SendEmail")
    unknown = Counter(_mail_of(params) for params, _ in month.late)
    assert len(went) == len(details("email.requested")) == expected
    for mail, times in went.items():
        assert 1 <= times <= 1 + unknown[mail]
    # The late events of SES show at the end how often each mail was sent.
    for told in month.late:
        deliver_ses_event("Send", *told)
    ids: dict[str, set[str]] = defaultdict(set)
    for event in details("email.sent"):
        ids[event["data"]["details"]["mail_id"]].add(event["data"]["details"]["message_id"])
    assert {mail: len(found) for mail, found in ids.items()} == dict(went)


def _mail_of(params: Any) -> str:
    return next(str(tag["Value"]) for tag in params["EmailTags"] if tag["Name"] == "mail_id")


def _day_in_berlin(event: Any) -> date:
    return datetime.fromisoformat(event["occurred_at"]).astimezone(BERLIN).date()
