"""PUT /test-clock: D27, a tenant's own clock, in the embedded stack only."""

from datetime import timedelta
from typing import Any

import pytest

from invoicing import config
from invoicing.tenants.model import Tenant
from tests.aws import AwsCalls
from tests.builders import NOON
from tests.conftest import Clock
from tests.events import deliver, details
from tests.gateway import Client, Response
from tests.world import issue

MONTH = timedelta(days=31)


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The functions run as in the embedded stack."""
    monkeypatch.setattr(config, "test_clocks", lambda: True)


def set_clock(api: Client, by: timedelta, **more: Any) -> Response:
    return api.put("/test-clock", {"now": (NOON + by).isoformat()}, **more)


@pytest.mark.usefixtures("embedded")
def test_the_clock_skips_a_month_and_continues(api: Client, at: Clock, issued: dict[str, Any]) -> None:
    assert issued["overdue"] is False
    assert set_clock(api, MONTH).ok()["now"] == "2026-04-10T12:00:00.000Z"
    at.now += timedelta(seconds=5)
    assert api.get(f"/invoices/{issued['id']}").ok()["overdue"] is True
    comment = api.post(f"/invoices/{issued['id']}/comments", {"comment": "Mahnen?"}).ok(201)
    assert comment["created_at"] == "2026-04-10T12:00:05.000Z"
    set_clock(api, 2 * MONTH).ok()
    assert issue(api)["issue_date"] == "2026-05-11"


@pytest.mark.usefixtures("embedded")
def test_consumers_use_the_test_clock_too(api: Client, issued: dict[str, Any]) -> None:
    set_clock(api, MONTH).ok()
    assert deliver("render_document", *details("invoice.finalized")) == []
    [rendered] = details("document.rendered")
    assert rendered["occurred_at"] == "2026-04-10T12:00:00.000Z"


@pytest.mark.usefixtures("embedded")
def test_a_link_expires_by_the_clock_of_its_tenant(api: Client, rendered: dict[str, Any]) -> None:
    link = api.post(f"/invoices/{rendered['id']}/download-links").ok(201)
    opened = f"/downloads/{link['url'].rpartition('/')[2]}"
    assert Client(None).get(opened).status == 302
    set_clock(api, MONTH).ok()
    assert Client(None).get(opened).code == "LINK_EXPIRED"


@pytest.mark.usefixtures("embedded")
def test_the_clock_of_another_tenant_does_not_change(api: Client, stranger: Client) -> None:
    set_clock(api, MONTH).ok()
    assert issue(stranger)["issue_date"] == "2026-03-10"


@pytest.mark.usefixtures("embedded")
def test_credentials_expire_by_the_real_time(api: Client, tenant: Tenant, at: Clock) -> None:
    user = api.get("/users").ok()["data"][0]["id"]
    soon = (at.now + timedelta(days=1)).isoformat()
    key = api.post("/api-keys", {"name": "a day", "user_id": user, "expires_at": soon}).ok(201)
    set_clock(api, MONTH).ok()
    assert Client(key["secret"], tenant_id=tenant.id).get("/tenant").status == 200


@pytest.mark.usefixtures("embedded")
def test_a_clock_can_only_be_set_forward(api: Client) -> None:
    set_clock(api, MONTH).ok()
    answer = set_clock(api, timedelta(days=30))
    assert (answer.status, answer.code) == (422, "CLOCK_GOES_BACK")


@pytest.mark.usefixtures("embedded")
def test_setting_it_twice_with_one_key_sets_it_once(api: Client, at: Clock) -> None:
    first = set_clock(api, MONTH, headers={"Idempotency-Key": "k"}).ok()
    at.now += timedelta(seconds=5)
    again = set_clock(api, MONTH, headers={"Idempotency-Key": "k"})
    assert (again.ok(), again.headers["Idempotency-Replayed"]) == (first, "true")


@pytest.mark.usefixtures("embedded")
def test_a_stale_version_does_not_set_the_clock(api: Client) -> None:
    set_clock(api, MONTH).ok()
    assert set_clock(api, 2 * MONTH, headers={"If-Match": '"7"'}).code == "VERSION_MISMATCH"


def test_a_real_stage_has_no_test_clock(api: Client, aws: AwsCalls) -> None:
    set_clock(api, MONTH).ok()
    before = len(aws.calls)
    invoice = issue(api)
    assert invoice["issue_date"] == "2026-03-10"
    with aws.only("get_invoice") as asked:
        api.get(f"/invoices/{invoice['id']}").ok()
    assert asked.names == {"dynamodb:Query": 1}
    assert not [call for call in aws.calls[before:] if "#CLOCK" in str(call.params)]
