"""POST /invoices/{invoice_id}/page-links"""

from typing import Any

import pytest

from tests import builders
from tests.conftest import Clock
from tests.events import details
from tests.gateway import Client


def test_a_link_is_valid_for_180_days(api: Client, issued: dict[str, Any], at: Clock) -> None:
    link = api.post(f"/invoices/{issued['id']}/page-links").ok(201)
    assert link["id"].startswith("pgl_")
    assert link["object"] == "page_link"
    assert link["expires_at"] == "2026-09-06T12:00:00.000Z"
    assert "/pages/" in link["url"]
    [event] = details("page_link.created")
    assert event["data"]["details"] == {"link_id": link["id"], "expires_at": link["expires_at"]}


def test_the_url_is_shown_once(api: Client, issued: dict[str, Any]) -> None:
    path, key = f"/invoices/{issued['id']}/page-links", {"Idempotency-Key": "once"}
    first = api.post(path, headers=key).ok(201)
    again = api.post(path, headers=key)
    assert again.ok(201) == first | {"url": None}
    assert again.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("seconds", [59, 31_536_001])
def test_other_durations_are_refused(api: Client, issued: dict[str, Any], seconds: int) -> None:
    answer = api.post(f"/invoices/{issued['id']}/page-links", {"expires_in": seconds})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/expires_in")


def test_a_draft_has_no_page(api: Client) -> None:
    customer = api.post("/customers", builders.customer_json()).ok(201)["id"]
    draft = api.post("/invoices", builders.invoice_json(customer_id=customer)).ok(201)
    answer = api.post(f"/invoices/{draft['id']}/page-links")
    assert (answer.status, answer.code) == (409, "INVALID_STATE")
