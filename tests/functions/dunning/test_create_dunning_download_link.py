"""POST /dunning-documents/{document_id}/download-links"""

from datetime import timedelta
from typing import Any

from tests.builders import rule_json
from tests.conftest import Clock
from tests.dunning import reach, written
from tests.gateway import Client


def test_a_link_opens_the_letter_and_marks_it_sent(api: Client, rendered: dict[str, Any], at: Clock) -> None:
    api.post("/dunning-rules", rule_json()).ok(201)
    at.now += timedelta(days=30)
    document = reach(api.tenant_id, rendered["id"], at.now)
    path = f"/dunning-documents/{document['id']}"
    assert api.post(f"{path}/download-links").code == "FILE_NOT_READY"
    written()
    link = api.post(f"{path}/download-links", {"expires_in": 60}).ok(201)
    opened = Client(None).get("/downloads/" + link["url"].rpartition("/")[2])
    assert opened.status == 302
    letter = api.get(path).ok()
    assert letter["status"] == "sent"
    assert letter["pdf"]["sha256"] in opened.headers["Location"]
    assert "DUN-2026-000001.pdf" in opened.headers["Location"]
    assert api.get(f"/invoices/{rendered['id']}").ok()["sent_at"] is None, "the letter was, not the invoice"
    Client(None).get("/downloads/" + link["url"].rpartition("/")[2])
    entries = api.get(f"/invoices/{rendered['id']}/comments?action_key=DOWNLOAD").ok()["data"]
    assert len(entries) >= 2
