"""Every mail is sent at least once, and twice only if its outcome is unknown, when workers die at any AWS call.

Users of other systems report reminders that were sent twenty times. SES cannot detect duplicates, so a mail is claimed
first, and after the death of a worker the events of SES decide whether it was sent.
"""

from datetime import timedelta
from typing import Any, get_args

import pytest

from invoicing.aws import parameters
from tests.aws import AwsCalls
from tests.conftest import Clock
from tests.events import deliver, details
from tests.faults.deaths import Moment, dies_at
from tests.gateway import Client
from tests.mails import deliver_ses_event, sent

CALLS = (
    "Query", "GetItem", "BatchGetItem", "Query",  # the action, the recipient, the document
    "GetParameter", "GetObject",  # the address of its page, the files
    "UpdateItem", "Encrypt", "TransactWriteItems", "SendEmail",  # counted, claimed with the link to the page, sent
    "GetItem", "GetItem", "TransactWriteItems",  # noted
)  # fmt: skip
SENDING = CALLS.index("SendEmail") + 1
NOTING = len(CALLS)
VISIBILITY = timedelta(minutes=6)
"""The time after which the queue delivers the messages of a dead worker again."""
DELIVERIES = 10
LOST = "0100-lost"


def each_death(test: Any) -> Any:
    """At each call, before it reached AWS and before its response came back."""
    moments = pytest.mark.parametrize("moment", get_args(Moment))
    return moments(pytest.mark.parametrize("call", range(1, len(CALLS) + 1), ids=lambda n: f"{n}-{CALLS[n - 1]}")(test))


def die(event: dict[str, Any], call: int, moment: Moment, aws: AwsCalls) -> None:
    parameters.forget()  # A worker of its own.
    with dies_at(call, moment, aws) as worker:
        deliver("send_email", event)
    assert worker.died_at == CALLS[call - 1]


def deliver_until_settled(event: dict[str, Any], at: Clock) -> None:
    """Deliver like the queue: again after each visibility timeout, until the consumer succeeds."""
    for _ in range(1, DELIVERIES):
        at.now += VISIBILITY
        if deliver("send_email", event) == []:
            break
    else:
        pytest.fail("it ends in the dead-letter queue")
    for _ in range(3):
        assert deliver("send_email", event) == []


def ids_noted() -> list[str]:
    return [event["data"]["details"]["message_id"] for event in details("email.sent")]


def test_an_undisturbed_worker_makes_exactly_these_calls(requested: dict[str, Any], aws: AwsCalls) -> None:
    parameters.forget()
    with dies_at(0, "before", aws) as worker:
        assert deliver("send_email", requested) == []
    assert (worker.calls, worker.died_at) == (len(CALLS), None)


@each_death
def test_with_a_send_event_each_mail_is_sent_once(
    requested: dict[str, Any], aws: AwsCalls, at: Clock, call: int, moment: Moment
) -> None:
    die(requested, call, moment, aws)
    for mail in sent(aws):
        deliver_ses_event("Send", mail, LOST)
        deliver_ses_event("Delivery", mail, LOST)
    deliver_until_settled(requested, at)
    assert len(sent(aws)) == len(details("invoice.sent")) == 1
    # If the record was written and only the response was lost, the event of SES adds its own id.
    assert ids_noted().count(LOST) <= 1


@each_death
def test_without_a_send_event_only_a_late_crash_sends_twice(
    api: Client, requested: dict[str, Any], aws: AwsCalls, at: Clock, call: int, moment: Moment
) -> None:
    die(requested, call, moment, aws)
    deliver_until_settled(requested, at)
    unknown = (call, moment) >= (SENDING, "after") and (call, moment) not in ((SENDING, "before"), (NOTING, "after"))
    assert len(sent(aws)) == (2 if unknown else 1)
    assert len(details("invoice.sent")) == 1
    if unknown:
        # The late events of SES show that it was sent twice.
        deliver_ses_event("Send", sent(aws)[0], LOST)
        notes = [event["data"]["details"] for event in details("email.sent")]
        assert [note["attempts"] for note in notes] == [2, 2]
        entries = api.get(f"/invoices/{requested['resource']['id']}/comments?action_key=MAIL").ok()["data"]
        assert LOST in [entry["metadata"].get("message_id") for entry in entries]


@pytest.mark.parametrize("first", [SENDING, SENDING + 1])
@pytest.mark.parametrize("second", range(1, len(CALLS) + 1), ids=lambda n: CALLS[n - 1])
def test_a_worker_that_dies_twice_still_ends_with_the_mail_sent(
    requested: dict[str, Any], aws: AwsCalls, at: Clock, first: int, second: int
) -> None:
    die(requested, first, "before", aws)
    for _ in range(3):
        at.now += VISIBILITY
        with dies_at(second, "before", aws):
            deliver("send_email", requested)
    deliver_until_settled(requested, at)
    assert 1 <= len(sent(aws)) <= 3
    assert len(details("invoice.sent")) == 1
