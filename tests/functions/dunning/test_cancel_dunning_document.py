"""POST /dunning-documents/{document_id}/cancel: A26."""

from datetime import timedelta
from typing import Any

from tests.builders import rule_json
from tests.conftest import Clock
from tests.dunning import deliver_letters, reach, written
from tests.events import deliver, details
from tests.gateway import Client


def test_canceling_waives_the_fee_and_stops_dunning(api: Client, rendered: dict[str, Any], at: Clock) -> None:
    costly = {"type": "dunning", "fees": {"EUR": "5.00"}}
    for level in (1, 2, 3):
        api.post("/dunning-rules", rule_json(level=level, days_overdue=8, **costly)).ok(201)
    documents = []
    for _ in range(2):
        at.now += timedelta(days=30)
        documents.append(reach(api.tenant_id, rendered["id"], at.now))
        deliver_letters(api, at.now)
    path = f"/dunning-documents/{documents[1]['id']}/cancel"
    canceled = api.post(path, {"reason": "paid in cash"}).ok()
    assert (canceled["status"], canceled["cancel_reason"]) == ("canceled", "paid in cash")
    dunning = api.get(f"/invoices/{rendered['id']}/dunning").ok()
    assert (dunning["disabled"], dunning["level"], dunning["fees_due"]) == (True, 2, "5.00")
    assert dunning["obstacle"] == "disabled"
    [told] = details("dunning.document_canceled")
    assert told["data"]["details"]["reason"] == "paid in cash"
    assert api.post(path).code == "DOCUMENT_CANCELED"


def test_a_canceled_letter_is_not_mailed_any_more(api: Client, rendered: dict[str, Any], at: Clock) -> None:
    api.post("/dunning-rules", rule_json()).ok(201)
    at.now += timedelta(days=30)
    document = reach(api.tenant_id, rendered["id"], at.now)
    requested = written()
    api.post(f"/dunning-documents/{document['id']}/cancel").ok()
    assert deliver("send_email", *requested) == []
    assert details("email.sent") == []
    [failed] = details("email.failed")
    assert failed["data"]["details"]["reason"] == "NOTHING_DUE"
