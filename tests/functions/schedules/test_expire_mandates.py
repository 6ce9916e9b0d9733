"""Each hour, for each tenant: mandates without a debit for 36 months expire."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.aws import AwsCalls
from tests.collection import method_json, methods_path
from tests.conftest import Clock
from tests.events import details, strike
from tests.faults.deaths import Moment, strike_through_a_death
from tests.gateway import Client

# Signed on 1 March 2026. 2 March 2029 begins in Berlin at 23:00 UTC.
THE_DAY = datetime(2029, 3, 1, 23, tzinfo=UTC)


def run(api: Client) -> list[str]:
    """The payment methods that expired so far."""
    assert strike("expire_mandates", api.tenant_id) == []
    return [one["resource"]["id"] for one in details("payment_method.expired")]


def test_an_unused_mandate_expires_once(api: Client, at: Clock) -> None:
    path = methods_path(api)
    method = api.post(path, method_json(default=True)).ok(201)
    api.post(path, method_json(signed_on="2026-03-05")).ok(201)
    api.post(path, method_json(signed_on=None)).ok(201)
    revoked = api.post(path, method_json()).ok(201)
    api.delete(f"{path}/{revoked['id']}").ok()
    at.now = THE_DAY - timedelta(minutes=1)
    assert run(api) == []
    at.now = THE_DAY
    assert run(api) == [method["id"]]
    assert run(api) == [method["id"]]
    shown = api.get(f"{path}/{method['id']}").ok()
    assert (shown["status"], shown["default"], shown["ended_on"]) == ("expired", False, "2029-03-02")
    assert api.patch(f"{path}/{method['id']}", {"blocked": True}).json["code"] == "PAYMENT_METHOD_ENDED"
    other = api.post(path, method_json(signed_on="2029-03-01", default=True)).ok(201)
    assert other["default"] is True


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_that_dies_expires_a_mandate_once(api: Client, at: Clock, aws: AwsCalls, moment: Moment) -> None:
    method = api.post(methods_path(api), method_json(default=True)).ok(201)
    at.now = THE_DAY
    strike_through_a_death("expire_mandates", api.tenant_id, 5, moment, aws)
    assert run(api) == [method["id"]]
