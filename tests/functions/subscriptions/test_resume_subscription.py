"""POST /subscriptions/{subscription_id}/resume."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.builders import item_json
from tests.conftest import Clock
from tests.events import details
from tests.gateway import Client
from tests.subscriptions import bill, bill_at, invoices, now_of, periods, statuses, subscribe


def paused(api: Client, at: Clock, *, since: str) -> dict[str, Any]:
    """A monthly subscription from 2023, paused on 15 January after its first period, with the clock at `since`."""
    at.now = datetime(2023, 1, 1, 12, tzinfo=UTC)
    made = subscribe(api, start_date="2023-01-01")
    bill_at(api, at, "2023-01-01T12:00", made)
    at.now = datetime(2023, 1, 15, 12, tzinfo=UTC)
    api.post(f"/subscriptions/{made['id']}/pause", {}).ok()
    bill_at(api, at, since, made)
    return made


def resume(api: Client, made: dict[str, Any], **body: Any) -> dict[str, Any]:
    found: dict[str, Any] = api.post(f"/subscriptions/{made['id']}/resume", body).ok()
    return found


def test_s02_the_grid_stays_after_a_pause(api: Client, at: Clock) -> None:
    """Row S02 of the published examples: the periods after the pause are those of April and May."""
    made = paused(api, at, since="2023-04-15T12:00")
    after = resume(api, made, bill=False)
    [track] = after["tracks"]
    assert (after["status"], after["paused"]) == ("active", None)
    assert (track["billed_through"], track["next"]["start"], track["next"]["end"]) == (
        "2023-03-31",
        "2023-04-01",
        "2023-04-30",
    )
    bill_at(api, at, "2023-05-01T12:00", made)
    assert [one["lines"][0]["period"] for one in invoices(api, made)][1:] == [
        {"start": "2023-04-01", "end": "2023-04-30"},
        {"start": "2023-05-01", "end": "2023-05-31"},
    ]
    found = [status for _, status in statuses(periods(api, made))]
    assert found == ["draft", "paused", "paused", "draft", "draft"]
    assert (len(details("subscription.paused")), len(details("subscription.resumed"))) == (1, 1)


def test_periods_of_the_pause_are_billed_if_wanted(api: Client, at: Clock) -> None:
    made = paused(api, at, since="2023-04-15T12:00")
    assert resume(api, made, bill=True)["tracks"][0]["next"]["start"] == "2023-02-01"
    bill_at(api, at, "2023-04-15T13:00", made)
    assert [status for _, status in statuses(periods(api, made))] == ["draft"] * 4


def test_a_paused_period_can_be_billed_later(api: Client, at: Clock) -> None:
    made = paused(api, at, since="2023-04-15T12:00")
    resume(api, made)
    period = f"/subscriptions/{made['id']}/periods/1m-advance.2023-02-01"
    assert api.post(period, {"action": "bill"}).ok()["status"] == "draft"
    assert now_of(api, made)["occurrences"]["done"] == 2


def test_more_than_twelve_periods_are_not_billed_at_once(api: Client, at: Clock) -> None:
    made = paused(api, at, since="2024-03-15T12:00")
    answer = api.post(f"/subscriptions/{made['id']}/resume", {"bill": True})
    assert (answer.status, answer.code, answer.json["errors"][0]["pointer"]) == (422, "TOO_MANY_PERIODS", "/bill")


def test_a_scheduled_pause_is_withdrawn(api: Client) -> None:
    made = subscribe(api)
    api.post(f"/subscriptions/{made['id']}/pause", {"from": "2026-05-01", "until": "2026-06-30"}).ok()
    after = resume(api, made)
    assert (after["paused"], periods(api, made), details("subscription.resumed")) == (None, [], [])


@pytest.mark.parametrize("ended", [False, True])
def test_only_a_paused_subscription_is_resumed(api: Client, at: Clock, ended: bool) -> None:
    made = subscribe(api, occurrences={"max": 1})
    if ended:
        bill_at(api, at, "2026-05-01T12:00", made)
    answer = api.post(f"/subscriptions/{made['id']}/resume", {})
    assert (answer.status, answer.code) == (409, "INVALID_STATE")


def test_paused_periods_before_a_billed_one_are_named(api: Client, at: Clock) -> None:
    """The period after the pause was billed ahead, so that those in it are recorded as paused."""
    made = subscribe(api, items=[item_json("Seat", "31.00")], action="finalize", lead_days=20)
    bill(api, made)
    path = f"/subscriptions/{made['id']}"
    api.post(f"{path}/pause", {"from": "2026-04-10", "until": "2026-06-09"}).ok()
    bill_at(api, at, "2026-05-22T12:00", made)
    passed = ["1m-advance.2026-04-10", "1m-advance.2026-05-10"]
    refused = api.post(f"{path}/resume", {"bill": True})
    assert (refused.status, refused.code, refused.json["errors"][0]["pointer"]) == (409, "INVALID_STATE", "/bill")
    assert all(one in refused.json["detail"] for one in passed)
    for one in passed:
        api.post(f"{path}/periods/{one}", {"action": "bill"}).ok()
    api.post(f"{path}/resume", {"bill": True}).ok()
    assert {status for _, status in statuses(periods(api, made))} == {"billed"}
