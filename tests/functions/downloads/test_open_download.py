"""GET /downloads/{token}: A24, D11."""

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from invoicing.aws.clients import client
from invoicing.core.identity import Caller
from invoicing.downloads.table import link_at
from invoicing.downloads.workflow import record_use
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant
from invoicing.users.model import digest
from tests.aws import AwsCalls
from tests.aws_events import client_error
from tests.conftest import Clock
from tests.events import details
from tests.gateway import Client
from tests.reads import FAULTS, deferred, no_writes


def token_of(api: Client, invoice: dict[str, str], **body: object) -> str:
    link = api.post(f"/invoices/{invoice['id']}/download-links", body).ok(201)
    return str(link["url"]).rpartition("/")[2]


def test_a_link_redirects_to_the_stored_file_for_five_minutes(api: Client, rendered: dict[str, str]) -> None:
    answer = Client(None).get(f"/downloads/{token_of(api, rendered)}")
    assert answer.status == 302
    location = answer.headers["Location"]
    query = parse_qs(urlsplit(location).query)
    assert int(query["X-Amz-Expires"][0]) <= 300
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert f"filename*=UTF-8''{rendered['number']}.pdf" in query["response-content-disposition"][0]
    assert requests.get(location, timeout=5).content.startswith(b"%PDF")


def test_a_link_works_to_its_last_second_and_no_longer(api: Client, rendered: dict[str, str], at: Clock) -> None:
    token, made = token_of(api, rendered, expires_in=60), at.now
    at.now = made + timedelta(seconds=59)
    assert Client(None).get(f"/downloads/{token}").status == 302
    at.now = made + timedelta(seconds=60)
    answer = Client(None).get(f"/downloads/{token}")
    assert (answer.status, answer.code) == (410, "LINK_EXPIRED")


def test_a_changed_token_is_not_found(api: Client, rendered: dict[str, str]) -> None:
    token = token_of(api, rendered)
    for place in range(len(token)):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        answer = Client(None).get(f"/downloads/{changed}")
        assert (answer.status, answer.code) == (404, "LINK_NOT_FOUND")
    assert Client(None).get("/downloads/short").code == "LINK_NOT_FOUND"


def uses(token: str, at: Clock) -> int:
    return link_at(Store(Session(Caller.system("-"), at.now)), digest(token)).link.uses


def downloads(api: Client, invoice: dict[str, str]) -> list[dict[str, Any]]:
    timeline = api.get(f"/invoices/{invoice['id']}/comments?action_key=DOWNLOAD").ok()["data"]
    return [entry for entry in timeline if entry["type"] == "downloaded"]


def test_each_use_is_counted_and_recorded_once_an_hour(api: Client, rendered: dict[str, str], at: Clock) -> None:
    token = token_of(api, rendered)
    for minutes in (1, 30, 28, 1, 59, 1):
        at.now += timedelta(minutes=minutes)
        assert Client(None).get(f"/downloads/{token}").status == 302
    used = downloads(api, rendered)
    assert [entry["created_at"][:16] for entry in used] == ["2026-03-10T14:00", "2026-03-10T13:00", "2026-03-10T12:01"]
    assert {entry["metadata"]["network"] for entry in used} == {"203.0.113.0/24"}
    assert [entry["user"] for entry in used] == [None] * 3
    assert len(details("invoice.downloaded")) == 3
    assert uses(token, at) == 6
    other = token_of(api, rendered)
    Client(None).get(f"/downloads/{other}")
    assert (len(downloads(api, rendered)), uses(other, at)) == (4, 1)


def test_the_first_use_marks_the_invoice_as_sent(api: Client, rendered: dict[str, str], at: Clock) -> None:
    at.now += timedelta(minutes=1)
    Client(None).get(f"/downloads/{token_of(api, rendered)}")
    assert api.get(f"/invoices/{rendered['id']}").ok()["sent_at"] == "2026-03-10T12:01:00.000Z"


def test_two_concurrent_uses_are_counted_and_recorded_once(
    api: Client, rendered: dict[str, str], at: Clock, tenant: Tenant
) -> None:
    token = token_of(api, rendered)
    store = Store(Session(Caller.system(tenant.id), at.now))
    found = link_at(store, digest(token))
    for network in ("203.0.113.0/24", "198.51.100.0/24"):
        record_use(store, found, digest(token), network)
    assert [entry["metadata"]["network"] for entry in downloads(api, rendered)] == ["203.0.113.0/24"]
    assert uses(token, at) == 2


def test_a_use_counted_during_a_recording_is_retried(
    api: Client, rendered: dict[str, str], at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_of(api, rendered)
    Client(None).get(f"/downloads/{token}")
    dynamodb, conflicts = client("dynamodb"), iter([True, True])
    update = dynamodb.update_item

    def conflicting(**asked: Any) -> Any:
        if next(conflicts, False):
            raise client_error("UpdateItem", 400, "TransactionConflictException")
        return update(**asked)

    monkeypatch.setattr(dynamodb, "update_item", conflicting)
    assert Client(None).get(f"/downloads/{token}").status == 302
    assert uses(token, at) == 2


def test_a_recorded_use_costs_three_calls_and_no_transaction(
    api: Client, rendered: dict[str, str], aws: AwsCalls
) -> None:
    token = token_of(api, rendered)
    Client(None).get(f"/downloads/{token}")
    with aws.only("open_download") as calls:
        Client(None).get(f"/downloads/{token}")
    assert calls.names == {"dynamodb:BatchGetItem": 1, "dynamodb:GetItem": 1, "dynamodb:UpdateItem": 1}


def test_a_token_is_256_bits(api: Client, rendered: dict[str, str]) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token_of(api, rendered))


def test_a_read_that_cannot_be_recorded_is_left_to_a_consumer(
    api: Client, rendered: dict[str, str], aws: AwsCalls
) -> None:
    token = token_of(api, rendered)
    with no_writes("throttled"):
        assert Client(None).get(f"/downloads/{token}").status == 302
    [event] = deferred(aws)
    assert rendered["id"] in event
    assert token not in event
    assert digest(token) not in event


@pytest.mark.parametrize("fault", FAULTS)
def test_a_download_succeeds_even_if_recording_fails(
    api: Client, rendered: dict[str, str], capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    token = token_of(api, rendered)
    with no_writes(fault, bus=False):
        assert Client(None).get(f"/downloads/{token}").status == 302
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [line] = [line for line in lines if "ReadsNotRecorded" in line]
    assert (line["ReadsNotRecorded"], line["invoice_id"], line["network"]) == ([1.0], rendered["id"], "203.0.113.0/24")
    assert token not in json.dumps(line)
