"""POST /invoices/{invoice_id}/download-links: A24, D11, D20."""

from collections.abc import Callable

import pytest

from tests.builders import invoice_json
from tests.gateway import Client


def test_a_link_expires_after_seven_days_by_default(api: Client, rendered: dict[str, str]) -> None:
    path = f"/invoices/{rendered['id']}/download-links"
    link = api.post(path).ok(201)
    assert (link["file"], link["expires_at"], link["uses"]) == ("pdf", "2026-03-17T12:00:00.000Z", 0)
    assert link["url"].startswith("https://api.test/v1/downloads/")
    assert api.post(path, {"expires_in": 5}).ok(201)["expires_at"] == "2026-03-10T12:00:05.000Z"


@pytest.mark.parametrize("seconds", [4, 604_801, "60", True])
def test_the_lifetime_of_a_link_is_limited(api: Client, rendered: dict[str, str], seconds: object) -> None:
    answer = api.post(f"/invoices/{rendered['id']}/download-links", {"expires_in": seconds})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/expires_in")


def test_a_missing_file_gets_no_link(api: Client, issued: dict[str, str]) -> None:
    answer = api.post(f"/invoices/{issued['id']}/download-links")
    assert (answer.status, answer.code) == (409, "FILE_NOT_READY")


def test_a_draft_gets_no_link(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)
    assert api.post(f"/invoices/{draft['id']}/download-links").code == "INVALID_STATE"


def test_the_url_is_returned_once(api: Client, rendered: dict[str, str], stored_text: Callable[[], str]) -> None:
    path, headers = f"/invoices/{rendered['id']}/download-links", {"Idempotency-Key": "l"}
    first = api.post(path, headers=headers).ok(201)
    again = api.post(path, headers=headers)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.ok(201) == {**first, "url": None}
    assert first["url"].rpartition("/")[2] not in stored_text()
