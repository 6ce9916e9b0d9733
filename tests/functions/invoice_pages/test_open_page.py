"""GET /pages/{token}: hazard 17."""

import hashlib
import re
from base64 import b64encode
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from invoicing.documents.pages.style import STYLE
from tests import builders
from tests.aws import AwsCalls
from tests.builders import rule_json
from tests.conftest import Clock
from tests.dunning import reach
from tests.events import details
from tests.gateway import Client, Response
from tests.reads import FAULTS, deferred, no_writes

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Firefox/130.0", "Accept": "text/html,*/*;q=0.8"}
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def token_of(api: Client, invoice: dict[str, Any], **body: object) -> str:
    link = api.post(f"/invoices/{invoice['id']}/page-links", body).ok(201)
    return str(link["url"]).rpartition("/")[2]


def page(token: str, **headers: str) -> Response:
    return Client(None).get(f"/pages/{token}", headers={**BROWSER, **headers})


def text_of(answer: Response) -> str:
    """The visible text, with single spaces."""
    body = re.sub(r"<(style|title)>.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).replace("\u00a0", " ").split())


def views(api: Client, invoice: dict[str, Any]) -> list[dict[str, Any]]:
    timeline = api.get(f"/invoices/{invoice['id']}/comments?action_key=DOWNLOAD").ok()["data"]
    return [entry for entry in timeline if entry["type"] == "viewed"]


def test_a_page_shows_the_amount_due_and_the_account(api: Client, rendered: dict[str, Any]) -> None:
    answer = page(token_of(api, rendered))
    assert answer.status == 200
    assert text_of(answer) == (
        "Nordlicht Werkzeuge GmbH Rechnung INV-2026-000001 Jetzt zu zahlen 119,00 € Fällig am 24.03.2026 "
        "Zahlung Bitte zahlen Sie 119,00 € bis zum 24.03.2026. 2 % Skonto bei Zahlung bis zum 17.03.2026. "
        "Kontoinhaber Nordlicht Werkzeuge GmbH IBAN DE75 5121 0800 1245 1261 99 BIC SOGEDEFFXXX "
        "Verwendungszweck INV-2026-000001 Betrag 119,00 € Dateien PDF herunterladen "
        "Nachrichten Ihre Nachricht an Nordlicht Werkzeuge GmbH "
        "Alle, die einen Link zu diesem Beleg haben, können sie lesen. Nachricht senden "
        "Nordlicht Werkzeuge GmbH, Hafenstraße 12, 20457 Hamburg rechnung@nordlicht.example"
    )
    assert '<html lang="de">' in answer.text
    assert 'alt="QR-Code für Banking-Apps: 119,00\u00a0€ an Nordlicht Werkzeuge GmbH"' in answer.text


def test_browsers_run_nothing_of_a_page(api: Client, rendered: dict[str, Any]) -> None:
    answer = page(token_of(api, rendered))
    style = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'sha256-{style}'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script|\son\w+=|\sstyle=", answer.text)


def test_hostile_texts_are_shown_as_text(api: Client) -> None:
    customer = api.post("/customers", builders.customer_json(language="en")).ok(201)["id"]
    draft = api.post("/invoices", builders.invoice_json(customer_id=customer, payment_terms_text=HOSTILE)).ok(201)
    api.post(f"/invoices/{draft['id']}/comments", {"comment": HOSTILE, "public": True}).ok(201)
    answer = page(token_of(api, api.post(f"/invoices/{draft['id']}/finalize").ok()))
    assert "<script" not in answer.text
    assert "<img src=x" not in answer.text
    assert text_of(answer).count("<script>alert(1)</script>") == 2


def test_a_page_shows_the_amounts_of_the_moment(api: Client, rendered: dict[str, Any], at: Clock) -> None:
    token, path = token_of(api, rendered), f"/invoices/{rendered['id']}"
    api.post(f"{path}/payments", {"amount": "100.00"}).ok(201)
    assert "Jetzt zu zahlen 19,00 € Fällig am" in text_of(page(token))
    at.now += timedelta(days=60)
    assert "Überfällig seit 24.03.2026" in text_of(page(token))
    api.post(f"{path}/payments", {"amount": "19.00"}).ok(201)
    shown = text_of(page(token))
    assert "Nichts zu zahlen" in shown
    assert "IBAN" not in shown


def test_fees_of_dunning_are_due_too(api: Client, rendered: dict[str, Any], at: Clock) -> None:
    api.patch("/tenant", {"base_rates": [{"valid_from": "2026-01-01", "rate": "1.27"}]}).ok()
    api.post("/dunning-rules", rule_json(type="dunning", fees={"EUR": "5.00"}, interest={"points": "9"})).ok(201)
    token = token_of(api, rendered)
    at.now += timedelta(days=44)
    reach(api.tenant_id, rendered["id"], at.now)
    shown = text_of(page(token))
    assert "Jetzt zu zahlen 160,00 € Überfällig seit 24.03.2026" in shown
    assert "Gebühren und Verzugszinsen 41,00 €" in shown
    assert "Betrag 160,00 €" in shown
    assert "119,00" not in shown


def test_a_corrected_invoice_names_its_successor(api: Client, rendered: dict[str, Any]) -> None:
    token = token_of(api, rendered)
    api.post(f"/invoices/{rendered['id']}/correct", {"reason": "Wrong price"}).ok(201)
    shown = text_of(page(token))
    assert "Dieser Beleg wurde storniert. Bitte zahlen Sie ihn nicht. Stornorechnung" in shown
    correction = api.get(f"/invoices/{rendered['id']}").ok()["correction_id"]
    number = api.post(f"/invoices/{correction}/finalize").ok()["number"]
    assert f"Er wird durch {number} ersetzt. Rechnung {number} öffnen" in text_of(page(token))


def test_a_credit_note_asks_for_nothing(api: Client, rendered: dict[str, Any]) -> None:
    credit = api.post(f"/invoices/{rendered['id']}/credit", {"amount": "19.00", "reason": "other"}).ok(201)
    credit_note = credit.get("credit_note", credit)
    shown = text_of(page(token_of(api, credit_note)))
    assert "Gesamtbetrag 19,00 €" in shown
    assert "zu zahlen" not in shown


def test_a_page_shows_public_comments_only(api: Client, rendered: dict[str, Any]) -> None:
    path = f"/invoices/{rendered['id']}/comments"
    api.post(path, {"comment": "For us only"}).ok(201)
    api.post(path, {"comment": "We ship on Monday", "public": True}).ok(201)
    deleted = api.post(path, {"comment": "A mistake", "public": True}).ok(201)
    api.delete(f"{path}/{deleted['id']}").ok(204)
    shown = text_of(page(token_of(api, rendered)))
    assert "We ship on Monday" in shown
    assert "For us only" not in shown
    assert "A mistake" not in shown


def test_a_view_is_recorded_once_a_day(api: Client, rendered: dict[str, Any], at: Clock) -> None:
    token = token_of(api, rendered)
    for hours in (0, 1, 3, 20, 1):
        at.now += timedelta(hours=hours)
        page(token)
    assert [entry["created_at"][:10] for entry in views(api, rendered)] == ["2026-03-11", "2026-03-10"]
    assert {entry["metadata"]["network"] for entry in views(api, rendered)} == {"203.0.113.0/24"}
    assert len(details("invoice.viewed")) == 2
    assert api.get(f"/invoices/{rendered['id']}").ok()["sent_at"] == "2026-03-10T12:00:00.000Z"


@pytest.mark.parametrize(
    "agent", [None, "curl/8.5.0", "Slackbot-LinkExpanding 1.0", "Mozilla/5.0 (compatible; BarracudaCentral scanner)"]
)
def test_scanners_of_mails_do_not_count_as_viewers(api: Client, rendered: dict[str, Any], agent: str | None) -> None:
    answer = Client(None).get(f"/pages/{token_of(api, rendered)}", headers={"User-Agent": agent} if agent else {})
    assert answer.status == 200
    assert views(api, rendered) == []
    assert api.get(f"/invoices/{rendered['id']}").ok()["sent_at"] is None


def test_head_reads_headers_and_records_no_view(api: Client, rendered: dict[str, Any], at: Clock) -> None:
    token = token_of(api, rendered, expires_in=3_600)
    paths = {f"/pages/{token}": 200, f"/pages/{token}/pdf": 302, f"/pages/{'a' * 43}": 404}
    for path, status in paths.items():
        head, read = (Client(None)(method, path, headers={"Accept": "text/html"}) for method in ("HEAD", "GET"))
        assert (head.status, head.text) == (read.status, "") == (status, "")
        assert head.headers.keys() == read.headers.keys()
    assert Client(None)("HEAD", f"/pages/{token}", headers=BROWSER).status == 200
    assert views(api, rendered) == []
    at.now += timedelta(hours=1)
    assert Client(None)("HEAD", f"/pages/{token}", headers=BROWSER).status == 410


@pytest.mark.parametrize("fault", FAULTS)
def test_the_viewer_gets_the_page_while_the_table_is_busy(
    api: Client, rendered: dict[str, Any], aws: AwsCalls, fault: str
) -> None:
    token = token_of(api, rendered)
    with no_writes(fault):
        assert page(token).status == 200
    assert len(deferred(aws)) == 1
    assert views(api, rendered) == []


def test_a_link_works_to_its_last_second_and_no_longer(api: Client, rendered: dict[str, Any], at: Clock) -> None:
    token, made = token_of(api, rendered, expires_in=60), at.now
    at.now = made + timedelta(seconds=59)
    assert page(token).status == 200
    at.now = made + timedelta(seconds=60)
    gone = page(token, **{"Accept-Language": "fr-CH, fr;q=0.9, en;q=0.8"})
    assert (gone.status, gone.headers["Content-Type"]) == (410, "text/html; charset=utf-8")
    assert text_of(gone).startswith("Ce lien a expiré Nous pouvons envoyer un nouveau lien")
    assert gone.headers["X-Request-Id"] in text_of(gone)
    assert Client(None).get(f"/pages/{token}").code == "LINK_EXPIRED"


def test_a_changed_token_is_not_found(api: Client, rendered: dict[str, Any]) -> None:
    token = token_of(api, rendered)
    for place in range(len(token)):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert (page(changed).status, Client(None).get(f"/pages/{changed}").code) == (404, "LINK_NOT_FOUND")
    assert text_of(page("short")).startswith("This page does not exist Please ask the sender")


def test_a_page_opens_its_own_document_only(api: Client, rendered: dict[str, Any]) -> None:
    other = api.post("/invoices", builders.invoice_json(customer_id=rendered["customer_id"])).ok(201)
    other = api.post(f"/invoices/{other['id']}/finalize").ok()
    shown = page(token_of(api, rendered)).text
    assert other["number"] not in shown
    assert other["id"] not in shown
    assert rendered["id"] not in shown
