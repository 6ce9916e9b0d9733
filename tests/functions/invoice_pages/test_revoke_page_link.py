"""DELETE /invoices/{invoice_id}/page-links/{link_id}"""

from typing import Any

from tests.events import details
from tests.functions.invoice_pages.test_open_page import page
from tests.gateway import Client


def test_a_revoked_link_is_gone_at_once(api: Client, rendered: dict[str, Any]) -> None:
    path = f"/invoices/{rendered['id']}/page-links"
    link, other = api.post(path).ok(201), api.post(path).ok(201)
    token = link["url"].rpartition("/")[2]
    assert page(token).status == 200
    for _ in range(2):
        api.delete(f"{path}/{link['id']}").ok(204)
    assert page(token).status == 410
    assert len(details("page_link.revoked")) == 1
    assert page(other["url"].rpartition("/")[2]).status == 200


def test_an_unknown_link_is_not_found(api: Client, rendered: dict[str, Any]) -> None:
    missing = "pgl_01JD8X2V6PZ3QK7M5T9WRC4HBN"
    assert api.delete(f"/invoices/{rendered['id']}/page-links/{missing}").code == "LINK_NOT_FOUND"
