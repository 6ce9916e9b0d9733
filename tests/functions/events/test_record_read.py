"""A read that could not be recorded when it happened → the timeline, and the link's count."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from invoicing.core.identity import Role
from tests.aws import AwsCalls
from tests.builders import rule_json
from tests.conftest import Clock
from tests.dunning import reach, write
from tests.events import deliver_raw, details
from tests.functions.downloads.test_open_download import downloads, token_of, uses
from tests.gateway import Client
from tests.reads import FAULTS, deferred, no_writes

DELIVER = "record_read"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_download_is_recorded_later_at_its_time(
    api: Client, rendered: dict[str, Any], at: Clock, aws: AwsCalls, fault: str
) -> None:
    token = token_of(api, rendered)
    at.now += timedelta(minutes=1)
    with no_writes(fault):
        assert Client(None).get(f"/downloads/{token}").status == 302
    assert (downloads(api, rendered), uses(token, at)) == ([], 0)
    at.now += timedelta(hours=2)
    [event] = deferred(aws)
    assert deliver_raw(DELIVER, event) == []
    [entry] = downloads(api, rendered)
    assert (entry["created_at"], entry["metadata"]["network"]) == ("2026-03-10T12:01:00.000Z", "203.0.113.0/24")
    assert uses(token, at) == 1
    assert api.get(f"/invoices/{rendered['id']}").ok()["sent_at"] == "2026-03-10T12:01:00.000Z"


def test_a_further_download_of_the_hour_is_counted_later(
    api: Client, rendered: dict[str, Any], at: Clock, aws: AwsCalls
) -> None:
    token = token_of(api, rendered)
    Client(None).get(f"/downloads/{token}")
    with no_writes("throttled"):
        assert Client(None).get(f"/downloads/{token}").status == 302
    assert uses(token, at) == 1
    assert deliver_raw(DELIVER, *deferred(aws)) == []
    assert (uses(token, at), len(downloads(api, rendered))) == (2, 1)


def test_a_read_in_the_portal_is_recorded_later(
    api: Client, issued: dict[str, Any], at: Clock, aws: AwsCalls, sign_in: Callable[..., Client]
) -> None:
    portal = sign_in(Role.CUSTOMER, customer_id=issued["customer_id"])
    at.now += timedelta(minutes=1)
    portal.get("/invoices").ok()
    with no_writes("throttled"):
        assert portal.get(f"/invoices/{issued['id']}").ok()["sent_at"] is None
    event = deferred(aws)[-1]
    assert deliver_raw(DELIVER, event, event) == []
    assert api.get(f"/invoices/{issued['id']}").ok()["sent_at"] == "2026-03-10T12:01:00.000Z"
    assert len(details("invoice.sent")) == 1


def test_a_dunning_letter_read_by_link_is_sent_later(
    api: Client, rendered: dict[str, Any], at: Clock, aws: AwsCalls
) -> None:
    api.post("/dunning-rules", rule_json()).ok(201)
    at.now += timedelta(days=30)
    document = reach(api.tenant_id, rendered["id"], at.now)
    write(api.tenant_id, document["id"], at.now)
    link = api.post(f"/dunning-documents/{document['id']}/download-links").ok(201)
    token = str(link["url"]).rpartition("/")[2]
    with no_writes("conflict"):
        assert Client(None).get(f"/downloads/{token}").status == 302
    assert deliver_raw(DELIVER, *deferred(aws)) == []
    assert uses(token, at) == 1


def test_a_read_through_a_deleted_link_is_dropped(api: Client, rendered: dict[str, Any], aws: AwsCalls) -> None:
    token = token_of(api, rendered)
    with no_writes("throttled"):
        Client(None).get(f"/downloads/{token}")
    [event] = deferred(aws)
    [link_id] = [part for part in event.split('"') if part.startswith("dl_")]
    assert deliver_raw(DELIVER, event.replace(link_id, "dl_01ARZ3NDEKTSV4RRFFQ69G5FAV")) == []
    assert downloads(api, rendered) == []


def test_a_busy_table_leaves_it_in_the_queue(
    api: Client, rendered: dict[str, Any], aws: AwsCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_of(api, rendered)
    with no_writes("throttled"):
        Client(None).get(f"/downloads/{token}")
    [event] = deferred(aws)
    monkeypatch.setattr("invoicing.store.retry.RETRY_SECONDS", 0.0)
    with no_writes("throttled"):
        assert deliver_raw(DELIVER, event) == ["0"]
    assert deliver_raw(DELIVER, event) == []
    assert len(downloads(api, rendered)) == 1
