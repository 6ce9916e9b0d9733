"""All writers concurrently, switched at each call to AWS: the books are correct in any order, with any faults."""

import pytest

from infra.discovery import discover
from invoicing.http.declaration import Endpoint
from tests.simulation.office import Office
from tests.simulation.writers import COMPLETED, HOURLY, PUBLISHER, SCHEDULES, SUBSCRIBERS

SEEDS = 20
SOME = {
    "advance_run", "bill_units", "finalize_invoice", "invoice_completed_order", "publish_outbox", "record_payment",
    "run_dunning", "send_email", "sweep_outbox",
}  # fmt: skip
"""Functions of each kind that any five days reach."""
_WEBHOOKS = "The company has no webhook endpoints here; tests/faults repeats it after each fault."
_FILES = "It changes one file only; tests/faults repeats it after each fault."
ABSENT = {
    "authorize": "It writes nothing.",
    "cancel_order": "It is the same kind of writer as invoice_completed_order.",
    "delete_unreferenced_file": _FILES,
    "deliver_webhook": _WEBHOOKS,
    "publish_hour_part": "A day has one tenant, whose hours come from the test.",
    "publish_hourly_tick": "A day has one tenant, whose hours come from the test.",
    "quarantine_file": _FILES,
    "receive_upload": _FILES,
    "record_email_status": "Mails have their own simulation in tests/simulation/test_mails.py.",
    "retry_webhooks": _WEBHOOKS,
}
"""The consumers and schedules that take no part, each with the reason."""
PARTS = 10
SEEDS_OF_A_PART = 100


@pytest.mark.parametrize("part", range(4))
def test_the_books_are_in_order_after_a_day(office: Office, part: int) -> None:
    assert office.require_order(range(SEEDS)[part::4]) >= SOME


def test_each_consumer_and_schedule_takes_part_or_has_a_reason() -> None:
    declared = {one.name for one in discover() if not isinstance(one.declaration, Endpoint)}
    simulated = {*SUBSCRIBERS, *HOURLY, *SCHEDULES, PUBLISHER, COMPLETED}
    assert simulated & ABSENT.keys() == set()
    assert declared == simulated | ABSENT.keys()


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_the_books_are_in_order_after_many_days(office: Office, part: int) -> None:
    office.require_order(range(part * SEEDS_OF_A_PART, (part + 1) * SEEDS_OF_A_PART))


def test_chosen_days_can_be_repeated(office: Office, request: pytest.FixtureRequest) -> None:
    text = request.config.getoption("--seeds", default=None) or "=20"
    numbers = [int(text.removeprefix("="))] if text.startswith("=") else range(int(text))
    office.require_order(numbers)
