"""All writers concurrently, switched at each call to AWS: the books are correct in any order, with any faults."""

import pytest

from infra.discovery import discover
from invoicing.http.declaration import Endpoint
from tests.simulation.office import Office
from tests.simulation.writers import CANCELED, COMPLETED, DELIVERY, HOURLY, PUBLISHER, SCHEDULES, SUBSCRIBERS

SEEDS = 20
SOME = {
    "advance_run", "allocate_bank_transactions", "announce_direct_debits", "bill_units", "create_sepa_file",
    "deliver_webhook", "expire_mandates", "fan_out_webhooks", "finalize_invoice", "import_bank_statement",
    "invoice_completed_order", "publish_outbox", "record_payment", "refuse_debits", "retry_webhooks", "run_dunning",
    "send_email", "settle_debits", "sweep_outbox", "upload_bank_statement",
}  # fmt: skip
"""Functions of each kind that any five days reach."""
_FILES = "It changes one file only; tests/faults repeats it after each fault."
_HOURS = "A day has one tenant, whose hours come from the test."
ABSENT = {
    "authorize": "It writes nothing.",
    "delete_unreferenced_file": "It writes no row. After each day it looks at all files.",
    "publish_hour_part": _HOURS,
    "publish_hourly_tick": _HOURS,
    "quarantine_file": _FILES,
    "receive_bank_statement": "The imports of its statements have their own tests; tests/faults repeats it.",
    "receive_upload": _FILES,
    "record_email_status": "Mails have their own simulation in tests/simulation/test_mails.py.",
}
"""The consumers and schedules that take no part, each with the reason."""
PARTS = 10
SEEDS_OF_A_PART = 100


@pytest.mark.parametrize("part", range(4))
def test_the_books_are_in_order_after_a_day(office: Office, part: int) -> None:
    assert office.require_order(range(SEEDS)[part::4]) >= SOME


def test_each_consumer_and_schedule_takes_part_or_has_a_reason() -> None:
    declared = {one.name for one in discover() if not isinstance(one.declaration, Endpoint)}
    simulated = {*SUBSCRIBERS, *HOURLY, *SCHEDULES, PUBLISHER, COMPLETED, CANCELED, DELIVERY}
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
