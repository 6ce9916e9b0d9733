"""Every hour, for each tenant: checks of VAT ids that VIES did not answer are tried again"""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.conftest import Clock
from tests.events import details, strike
from tests.gateway import Client
from tests.servers import Answer, Server, answers
from tests.vies import answer, check, create, known, problem, register_in

HOUR = timedelta(hours=1, seconds=1)


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """VIES, without any answer so far."""
    with register_in(monkeypatch) as server:
        yield server


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (problem("MS_UNAVAILABLE"), "MS_UNAVAILABLE"),
        (problem("MS_MAX_CONCURRENT_REQ", 400), "MS_MAX_CONCURRENT_REQ"),
        (problem("INVALID_INPUT", 400), "INVALID_INPUT"),
        (problem("TIMEOUT", 500), "TIMEOUT"),
        (answers(503, b"<html>"), "ValidationError"),
        (answers(500, b'{"valid": false}'), "HTTP 500"),
        (answers(302, b"{}", Location="http://127.0.0.1:9/"), "HTTP 302"),
        (answers(200, b"{}"), "no result"),
        (answers(200, b'{"valid": false, "userError": "MS_UNAVAILABLE"}'), "an answer about another VAT id"),
        (answer("DE999999999", valid=False), "an answer about another VAT id"),
        (answer(valid="maybe"), "ValidationError"),  # type: ignore[arg-type]
    ],
)
def test_without_an_answer_the_check_is_tried_again(
    api: Client, register: Server, at: Clock, failure: Answer, reason: str
) -> None:
    register.answers = [failure]
    customer = create(api)
    assert check() == []
    pending = known(api, customer)
    assert (pending["status"], pending["checked_at"], pending["retry_at"]) == (
        "pending",
        None,
        "2026-03-10T13:00:00.000Z",
    )
    assert [one["data"]["details"] for one in details("customer.vat_check_deferred")] == [{"reason": reason}]
    assert strike("retry_vat_checks", api.tenant_id) == []
    at.now += HOUR
    register.answers = [answer()]
    for _ in range(2):
        assert strike("retry_vat_checks", api.tenant_id) == []
    assert (known(api, customer)["status"], len(register.asked)) == ("valid", 2)


def test_the_wait_doubles_up_to_a_day(api: Client, register: Server, at: Clock) -> None:
    customer = create(api)
    register.answers = [problem("MS_UNAVAILABLE")]
    assert check() == []
    waits = []
    for _ in range(6):
        at.now += timedelta(days=1, seconds=1)
        register.answers = [problem("MS_UNAVAILABLE")]
        assert strike("retry_vat_checks", api.tenant_id) == []
        found = known(api, customer)
        waits.append(found["retry_at"])
    hours = [2, 4, 8, 16, 24, 24]
    days = [timedelta(days=number, seconds=number) for number in range(1, 7)]
    begin = at.now - days[-1]
    expected = [begin + day + timedelta(hours=hour) for day, hour in zip(days, hours, strict=True)]
    assert waits == [one.isoformat(timespec="milliseconds").replace("+00:00", "Z") for one in expected]
