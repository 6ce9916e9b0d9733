"""Each hour, for each tenant: subscriptions that are due are handed on by tens."""

import json
from datetime import UTC, datetime

import pytest

from tests.aws import AwsCalls
from tests.builders import customer_json
from tests.conftest import Clock
from tests.events import strike
from tests.gateway import Client
from tests.reads import deferred
from tests.subscriptions import bill, subscribe


def requested(api: Client, aws: AwsCalls) -> list[list[str]]:
    with aws.only("collect_due") as calls:
        assert strike("collect_due", api.tenant_id) == []
    return [json.loads(one)["detail"]["subscription_ids"] for one in deferred(calls, "subscriptions.due")]


@pytest.mark.parametrize(
    ("moment", "due"), [("2026-03-29T03:59", False), ("2026-03-29T04:00", True), ("2026-04-02T22:00", True)]
)
def test_due_by_date_and_hour_of_the_tenants_zone(
    api: Client, aws: AwsCalls, at: Clock, moment: str, due: bool
) -> None:
    made = subscribe(api, anchor={"day": 29})
    bill(api, made)
    at.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert requested(api, aws) == ([[made["id"]]] if due else [])


def test_they_are_handed_on_by_tens_and_once_billed_no_more(api: Client, aws: AwsCalls) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    made = [subscribe(api, customer_id=customer) for _ in range(11)]
    assert [len(some) for some in requested(api, aws)] == [10, 1]
    bill(api, *made)
    assert requested(api, aws) == []
