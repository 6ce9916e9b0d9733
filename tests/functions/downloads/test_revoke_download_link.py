"""DELETE /invoices/{invoice_id}/download-links/{link_id}."""

from tests.events import details
from tests.gateway import Client


def test_a_revoked_link_opens_no_file(api: Client, rendered: dict[str, str]) -> None:
    path = f"/invoices/{rendered['id']}/download-links"
    link = api.post(path).ok(201)
    assert api.delete(f"{path}/{link['id']}").status == 204
    answer = Client(None).get("/downloads/" + link["url"].rpartition("/")[2])
    assert (answer.status, answer.code) == (410, "LINK_EXPIRED")


def test_another_tenants_link_is_not_found(api: Client, stranger: Client, rendered: dict[str, str]) -> None:
    path = f"/invoices/{rendered['id']}/download-links"
    link = api.post(path).ok(201)
    assert stranger.delete(f"{path}/{link['id']}").status == 404


def test_a_link_is_revoked_once(api: Client, rendered: dict[str, str]) -> None:
    path = f"/invoices/{rendered['id']}/download-links"
    link = api.post(path).ok(201)
    for _ in range(2):
        api.delete(f"{path}/{link['id']}").ok(204)
    assert len(details("invoice.link_revoked")) == 1
