"""Texts that documents print: their line breaks are limited when a client sends them, not only when it finalizes."""

from collections.abc import Callable
from typing import Any

import pytest

from invoicing.core.model import MOST_LINE_BREAKS
from tests.aws import TABLE
from tests.builders import invoice_json, line_json, order_json
from tests.gateway import Client
from tests.newer import change_row

MOST = "x\n" * MOST_LINE_BREAKS + "x"
TOO_MANY = f"x\n{MOST}"

Sent = tuple[str, str, dict[str, Any]]


def changes(api: Client, text: str) -> dict[str, Sent]:
    """Every request that puts a printed text into a draft or an order: the pointer to the text is its name."""
    draft = api.post("/invoices", invoice_json()).ok(201)
    order = api.post("/orders", order_json(customer_id=customer(api))).ok(201)["id"]
    invoice, line = f"/invoices/{draft['id']}", f"/invoices/{draft['id']}/lines/{draft['lines'][0]['id']}"
    lines = [line_json(description=text)]
    texts = ("introduction", "note", "closing")
    return {
        **{f"create /{name}": ("POST", "/invoices", invoice_json(**{name: text})) for name in texts},
        **{f"update /{name}": ("PATCH", invoice, {name: text}) for name in texts},
        **{f"set_note /{name}": ("PUT", f"{invoice}/note", {name: text}) for name in texts},
        "update_line /description": ("PATCH", line, {"description": text}),
        "create /lines/0/description": ("POST", "/invoices", invoice_json(lines=lines)),
        "update /lines/0/description": ("PATCH", invoice, {"lines": lines}),
        "add_lines /lines/0/description": ("POST", f"{invoice}/lines", {"lines": lines}),
        "create_order /note": ("POST", "/orders", order_json(customer_id=customer(api), note=text)),
        "create_order /lines/0/description": ("POST", "/orders", order_json(customer_id=customer(api), lines=lines)),
        "update_order /note": ("PATCH", f"/orders/{order}", {"note": text}),
        "invoice_order /note": ("POST", f"/orders/{order}/invoices", {"note": text}),
    }


def customer(api: Client) -> str:
    return str(api.post("/customers", {"name": "Süß AG"}).ok(201)["id"])


def test_texts_with_too_many_line_breaks_are_refused(api: Client) -> None:
    for name, (method, path, body) in changes(api, TOO_MANY).items():
        answer = api(method, path, body)
        assert (answer.status, answer.code) == (400, "VALIDATION_ERROR"), name
        assert name.split()[1] in [one["pointer"] for one in answer.json["errors"]], name


def test_texts_with_the_most_line_breaks_are_accepted(api: Client) -> None:
    for name, (method, path, body) in changes(api, MOST).items():
        assert api(method, path, body).status in (200, 201), name


def test_texts_that_are_not_printed_may_have_more(api: Client) -> None:
    draft = api.post("/invoices", invoice_json(internal_note=TOO_MANY)).ok(201)
    assert draft["internal_note"] == TOO_MANY
    api.post("/customers", {"name": "Süß AG", "note": TOO_MANY}).ok(201)


@pytest.fixture
def old_draft(api: Client, issued: dict[str, Any]) -> str:
    """A draft of an earlier release, which did not limit line breaks."""
    draft = api.post("/invoices", invoice_json(customer_id=issued["customer_id"])).ok(201)["id"]
    change_row(TABLE, "invoice_content", draft, lambda row: row | {"note": TOO_MANY})
    return str(draft)


def test_a_draft_of_an_earlier_release_is_refused_with_a_warning(
    api: Client, old_draft: str, read: Callable[[str], dict[str, Any]]
) -> None:
    draft = read(old_draft)
    assert draft["note"] == TOO_MANY
    assert ("/note", "TEXT_TOO_LONG") in [(one["pointer"], one["code"]) for one in draft["warnings"]]
    refused = api.post(f"/invoices/{old_draft}/finalize")
    assert (refused.status, refused.code) == (422, "NOT_PRINTABLE")
    api.patch(f"/invoices/{old_draft}", {"note": MOST}).ok()
    api.post(f"/invoices/{old_draft}/finalize").ok()
