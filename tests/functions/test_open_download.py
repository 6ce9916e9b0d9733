"""GET /downloads/{token}: A24, D11."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import requests

from invoicing.adapters.dynamodb.commit import Session
from invoicing.adapters.dynamodb.store import Store
from invoicing.domain.identity import Caller
from invoicing.domain.user import digest
from tests.conftest import Clock
from tests.gateway import Client


def token_of(api: Client, invoice: dict[str, str], **body: object) -> str:
    link = api.post(f"/invoices/{invoice['id']}/download-links", body).ok(201)
    return str(link["url"]).rpartition("/")[2]


def test_a_link_leads_to_the_stored_bytes_for_five_minutes(api: Client, rendered: dict[str, str]) -> None:
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


def test_a_changed_token_opens_nothing(api: Client, rendered: dict[str, str]) -> None:
    token = token_of(api, rendered)
    for place in range(len(token)):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        answer = Client(None).get(f"/downloads/{changed}")
        assert (answer.status, answer.code) == (404, "LINK_NOT_FOUND")
    assert Client(None).get("/downloads/short").code == "LINK_NOT_FOUND"


def test_a_use_is_counted_noted_and_makes_the_invoice_sent(api: Client, rendered: dict[str, str], at: Clock) -> None:
    token = token_of(api, rendered)
    for minute in (1, 2):
        at.now = at.now.replace(minute=minute)
        Client(None).get(f"/downloads/{token}")
    timeline = api.get(f"/invoices/{rendered['id']}/comments?action_key=DOWNLOAD").ok()["data"]
    used = [entry for entry in timeline if entry["type"] == "downloaded"]
    assert [entry["metadata"]["network"] for entry in used] == ["203.0.113.0/24"] * 2
    assert {entry["user"] for entry in used} == {None}
    assert Store(Session(Caller.system("-"), at.now)).link(digest(token))[1].uses == 2
    assert api.get(f"/invoices/{rendered['id']}").ok()["sent_at"] == "2026-03-10T12:01:00.000Z"


def test_a_token_is_256_bits(api: Client, rendered: dict[str, str]) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token_of(api, rendered))
