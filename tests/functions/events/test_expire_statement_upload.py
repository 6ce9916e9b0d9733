"""bank_statement.upload_requested, 15 minutes later → a statement whose file did not arrive failed"""

from decimal import Decimal

from tests.bank import Month, Movement, announce, arrive, camt_of
from tests.builders import NOON
from tests.events import deliver, details
from tests.gateway import Client
from tests.uploads import put, waiting

CONTENT = camt_of(Month([Movement(NOON.date(), Decimal("119.00"), "INV-2026-000001")]))
CONSUMER, REQUESTED = "expire_statement_upload", "bank_statement.upload_requested"


def status_of(api: Client) -> tuple[str, list[str]]:
    [statement] = api.get("/bank-statements").ok()["data"]
    return statement["status"], [one["code"] for one in statement["problems"]]


def test_a_statement_without_its_file_fails_once(api: Client) -> None:
    announce(api, CONTENT)
    for _ in range(2):
        assert deliver(CONSUMER, *details(REQUESTED)) == []
    assert status_of(api) == ("failed", ["NOT_UPLOADED"])
    assert len(details("bank_statement.failed")) == 1


def test_a_file_that_arrives_late_is_imported(api: Client) -> None:
    announced = announce(api, CONTENT)
    assert deliver(CONSUMER, *details(REQUESTED)) == []
    assert arrive(announced, CONTENT) == []
    assert status_of(api) == ("queued", [])


def test_a_file_that_was_never_read_is_read(api: Client) -> None:
    put(announce(api, CONTENT), CONTENT)
    assert deliver(CONSUMER, *details(REQUESTED)) == []
    assert (status_of(api), waiting()) == (("queued", []), [])


def test_another_announcement_has_more_time(api: Client) -> None:
    announce(api, CONTENT)
    announce(api, CONTENT)
    first, last = details(REQUESTED)
    assert deliver(CONSUMER, first) == []
    assert status_of(api) == ("pending", [])
    assert deliver(CONSUMER, last) == []
    assert status_of(api) == ("failed", ["NOT_UPLOADED"])
