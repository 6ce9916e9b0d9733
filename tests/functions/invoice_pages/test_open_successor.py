"""POST /pages/{page_token}/successor: hazard 17."""

from datetime import timedelta
from typing import Any

from invoicing.aws import parameters
from tests import builders
from tests.conftest import Clock
from tests.events import details
from tests.functions.invoice_pages.test_comment_on_page import submitted
from tests.functions.invoice_pages.test_open_page import page, text_of, token_of
from tests.gateway import Client, Response


def opened(token: str) -> str:
    """The token of the page to which the form leads."""
    parameters.forget()  # The worker is not the one that created the link.
    answer = submitted(token, "successor")
    assert (answer.status, answer.headers["Location"][:3]) == (303, "../")
    return answer.headers["Location"][3:]


def corrected(api: Client, invoice: dict[str, Any], **changes: object) -> dict[str, Any]:
    """The issued correction of an invoice."""
    api.post(f"/invoices/{invoice['id']}/correct", {"reason": "Wrong price"}).ok(201)
    correction = f"/invoices/{api.get(f'/invoices/{invoice["id"]}').ok()['correction_id']}"
    api.patch(correction, changes).ok()
    issued: dict[str, Any] = api.post(f"{correction}/finalize").ok()
    return issued


def test_the_page_of_a_corrected_invoice_opens_its_correction(api: Client, issued: dict[str, Any], at: Clock) -> None:
    token, made = token_of(api, issued, expires_in=3_600), at.now
    number = corrected(api, issued)["number"]
    successors = {opened(token) for _ in range(2)}
    assert [f"Rechnung {number}" in text_of(page(one)) for one in successors] == [True]
    # The second request found the link of the first.
    first, second = details("page_link.created")
    assert first["data"]["details"]["expires_at"] == second["data"]["details"]["expires_at"]
    at.now = made + timedelta(hours=1)
    assert {page(one).status for one in successors} == {410}


def test_pages_lead_on_to_the_newest_correction(api: Client, issued: dict[str, Any]) -> None:
    token = token_of(api, issued)
    first = corrected(api, issued)
    cancellation = {"id": api.get(f"/invoices/{issued['id']}").ok()["cancellation_id"]}
    for other in (token_of(api, cancellation), token):
        assert f"Rechnung {first['number']}" in text_of(page(opened(other)))
    newest = corrected(api, first)["number"]
    of_cancellation = token_of(api, cancellation)
    assert f"Er wird durch {newest} ersetzt." in text_of(page(token))
    assert f"Die korrigierte Rechnung ist {newest}." in text_of(page(of_cancellation))
    for other in (of_cancellation, token):
        assert f"Rechnung {newest}" in text_of(page(opened(other)))


def test_a_canceled_invoice_opens_its_cancellation(api: Client, issued: dict[str, Any]) -> None:
    token = token_of(api, issued)
    api.post(f"/invoices/{issued['id']}/cancel").ok()
    assert text_of(page(opened(token))).startswith("Nordlicht Werkzeuge GmbH Stornorechnung")


def test_a_correction_for_another_customer_stays_closed(api: Client, issued: dict[str, Any]) -> None:
    token = token_of(api, issued)
    other = api.post("/customers", builders.customer_json(name="Somebody else")).ok(201)["id"]
    number = corrected(api, issued, customer_id=other)["number"]
    assert number not in page(token).text
    assert number not in page(opened(token)).text


def test_a_document_without_successor_leads_to_itself(api: Client, issued: dict[str, Any]) -> None:
    token = token_of(api, issued)
    assert opened(token) == token


def test_a_revoked_link_to_the_successor_stays_revoked(api: Client, issued: dict[str, Any]) -> None:
    token = token_of(api, issued)
    correction = corrected(api, issued)
    successor = opened(token)
    links = {event["data"]["object"]["invoice_id"]: event for event in details("page_link.created")}
    link = links[correction["id"]]["data"]["details"]["link_id"]
    api.delete(f"/invoices/{correction['id']}/page-links/{link}").ok(204)
    assert page(opened(token)).status == 410
    assert opened(token) == successor


def test_only_the_page_itself_opens_it(api: Client, issued: dict[str, Any], at: Clock) -> None:
    token = token_of(api, issued, expires_in=60)
    corrected(api, issued)
    refused: list[Response] = [
        submitted(token, "successor", origin="https://evil.test"),
        submitted(token, "successor", form_token="x"),
        submitted("a" * 43, "successor"),
    ]
    at.now += timedelta(seconds=60)
    assert [one.status for one in (*refused, submitted(token, "successor"))] == [403, 403, 404, 410]
    assert len(details("page_link.created")) == 1
