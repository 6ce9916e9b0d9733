"""POST /pages/{page_token}/comments: hazard 17."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from invoicing.aws import parameters
from invoicing.core.activity import MOST_CHARACTERS
from invoicing.invoice_pages.model import form_token
from tests.conftest import Clock
from tests.events import deliver, details
from tests.functions.invoice_pages.test_open_page import BROWSER, HOSTILE, page, text_of, token_of
from tests.gateway import ORIGIN, Client, Response

URL_ENCODED = "application/x-www-form-urlencoded"


def submitted(token: str, name: str, *, origin: str = ORIGIN, **fields: str) -> Response:
    """Send a form of a page as a browser does."""
    form = urlencode({"form_token": form_token(token), **fields})
    headers = {**BROWSER, "Content-Type": URL_ENCODED} | ({"Origin": origin} if origin else {})
    return Client(None).post(f"/pages/{token}/{name}", raw=form.encode(), headers=headers)


def comment(token: str, text: str, **fields: str) -> Response:
    """Send the form for a comment."""
    return submitted(token, "comments", comment=text, **fields)


def comments(api: Client, invoice: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(f"/invoices/{invoice['id']}/comments?action_key=COMMENT").ok()["data"]
    return found


def test_a_customer_comments_on_the_page(api: Client, issued: dict[str, Any]) -> None:
    token = token_of(api, issued)
    [sent_token] = re.findall(r'name="form_token" value="([^"]+)"', page(token).text)
    parameters.forget()  # The worker is not the one that created the link.
    answer = comment(token, "Können wir in Raten zahlen?\r\nDanke!", form_token=sent_token)
    assert (answer.status, answer.headers["Location"], answer.text) == (303, f"../{token}#comments", "")
    [entry] = comments(api, issued)
    assert entry["comment"] == "Können wir in Raten zahlen?\nDanke!"
    assert (entry["public"], entry["by_customer"], entry["user"], entry["mentions"]) == (True, True, None, [])
    [event] = details("invoice.commented")
    assert event["data"]["object"]["by_customer"] is True
    assert event["data"]["details"] == entry["metadata"]
    assert entry["metadata"]["link_id"].startswith("pgl_")
    assert f"Danke! {issued['customer_name']} · 10.03.2026" in text_of(page(token))


def test_hostile_comments_are_shown_as_text(api: Client, issued: dict[str, Any]) -> None:
    token = token_of(api, issued)
    user = api.user.id if api.user else ""
    assert comment(token, f"{HOSTILE}\x00\x1b[31m @{user}").status == 303
    answer = page(token)
    assert "<script" not in answer.text
    assert "<img src=x" not in answer.text
    assert f"{HOSTILE} [31m @{user}" in text_of(answer)
    # A mention would show the name of a user to everyone who guesses an id.
    assert f"@{user}" in comments(api, issued)[0]["comment"]


def test_a_link_takes_five_comments_a_day(api: Client, issued: dict[str, Any], at: Clock) -> None:
    token, other = token_of(api, issued), token_of(api, issued)
    assert [comment(token, f"{number}").status for number in range(6)] == [303] * 5 + [422]
    refused = comment(token, "again")
    assert text_of(refused).startswith("The form was not sent You sent several messages today.")
    assert f'href="../{token}"' in refused.text
    assert comment(other, "Another link").status == 303
    at.now += timedelta(days=1)
    assert comment(token, "Tomorrow").status == 303
    assert len(comments(api, issued)) == 7


def test_a_form_that_is_sent_twice_adds_one_comment(api: Client, issued: dict[str, Any]) -> None:
    token = token_of(api, issued)
    assert [comment(token, text).status for text in ("a", "a", "b", "a")] == [303] * 4
    assert sorted(entry["comment"] for entry in comments(api, issued)) == ["a", "a", "b"]


@pytest.mark.parametrize("origin", ["", "null", "https://evil.test", "https://api.test.evil.test", "http://api.test"])
def test_other_pages_cannot_send_the_form(api: Client, issued: dict[str, Any], origin: str) -> None:
    answer = comment(token_of(api, issued), "Sent by another page", origin=origin)
    assert (answer.status, comments(api, issued)) == (403, [])
    assert text_of(answer).startswith("The form was not sent Please open the page of the document again")


@pytest.mark.parametrize("given", ["", "x", "é", form_token("b" * 43)])
def test_a_form_needs_the_token_of_its_page(api: Client, issued: dict[str, Any], given: str) -> None:
    assert comment(token_of(api, issued), "Forged", form_token=given).status == 403
    assert comments(api, issued) == []


@pytest.mark.parametrize(
    "body",
    [
        b"", b"comment=a&comment=b", b"comment=%ff", b"\xff=a", b"comment=a&" * 30, b"comment=%20",
        urlencode({"comment": "x" * (MOST_CHARACTERS + 1)}).encode(), b"comment=a&public=false",
    ],
)  # fmt: skip
def test_malformed_forms_are_refused(api: Client, issued: dict[str, Any], body: bytes) -> None:
    token = token_of(api, issued)
    raw = f"form_token={form_token(token)}&".encode() + body
    headers = {**BROWSER, "Content-Type": f"{URL_ENCODED}; charset=utf-8", "Origin": ORIGIN}
    answer = Client(None).post(f"/pages/{token}/comments", raw=raw, headers=headers)
    assert (answer.status, comments(api, issued)) == (400, [])


def test_the_longest_comment_has_line_ends_of_browsers(api: Client, issued: dict[str, Any]) -> None:
    assert comment(token_of(api, issued), "x\r\n" * (MOST_CHARACTERS // 2 - 1) + "yz").status == 303


def test_an_expired_page_takes_no_comments(api: Client, issued: dict[str, Any], at: Clock) -> None:
    token = token_of(api, issued, expires_in=60)
    at.now += timedelta(seconds=60)
    assert comment(token, "Too late").status == 410
    assert comment("a" * 43, "Nowhere").status == 404


def test_erasure_removes_the_comments_of_the_customer(api: Client, issued: dict[str, Any]) -> None:
    token = token_of(api, issued)
    comment(token, "Call me: +49 170 1234567")
    api.post(f"/invoices/{issued['id']}/comments", {"comment": "Ours", "public": True}).ok(201)
    api.post(f"/customers/{issued['customer_id']}/erase").ok()
    assert deliver("erase_copies", *details("customer.erased")) == []
    assert {entry["comment"] for entry in comments(api, issued)} == {"Ours", "—"}
