"""GET /dunning-documents/{document_id}"""

from datetime import timedelta
from typing import Any

from invoicing.core.identity import Role
from tests.aws import AwsCalls
from tests.builders import rule_json
from tests.conftest import Clock
from tests.dunning import reach, written
from tests.events import deliver
from tests.gateway import Client


def test_a_document_has_its_own_number_and_the_amount_due(api: Client, rendered: dict[str, Any], at: Clock) -> None:
    """B31, B32."""
    api.patch("/tenant", {"base_rates": [{"valid_from": "2026-01-01", "rate": "1.27"}]}).ok()
    api.post("/dunning-rules", rule_json(type="dunning", fees={"EUR": "5.00"}, interest={"points": "9"})).ok(201)
    at.now += timedelta(days=44)
    document = reach(api.tenant_id, rendered["id"], at.now)
    shown = api.get(f"/dunning-documents/{document['id']}").ok()
    expected = {
        "number": "DUN-2026-000001", "level": 1, "invoice_id": rendered["id"], "open": "119.00", "fee": "5.00",
        "flat_fee": "35.00", "fees": "40.00", "interest": "1.00", "total": "160.00", "status": "open",
        "issue_date": "2026-04-23", "due_date": "2026-04-30",
        "charges": [
            {"kind": "fee", "level": 1, "amount": "5.00", "set_off": None},
            {"kind": "flat_fee", "level": 1, "amount": "35.00", "set_off": "5.00"},
        ],
    }  # fmt: skip
    assert {name: shown[name] for name in expected} == expected
    assert shown["interest_periods"] == [
        {"start": "2026-03-25", "end": "2026-04-23", "days": 30, "amount": "119.00", "rate": "10.27"}
    ]
    assert api.get(f"/invoices/{rendered['id']}").ok()["dunning"]["fees_due"] == "41.00"


def test_portal_users_see_their_own_after_they_are_sent(
    api: Client, sign_in: Any, rendered: dict[str, Any], at: Clock, aws: AwsCalls
) -> None:
    api.post("/dunning-rules", rule_json()).ok(201)
    at.now += timedelta(days=30)
    document = reach(api.tenant_id, rendered["id"], at.now)
    path = f"/dunning-documents/{document['id']}"
    theirs = sign_in(Role.CUSTOMER, customer_id=rendered["customer_id"])
    another = sign_in(Role.CUSTOMER, customer_id=api.post("/customers", {"name": "X"}).ok(201)["id"])
    assert theirs.get(path).code == "ACCESS_DENIED"
    assert deliver("send_email", *written()) == []
    assert theirs.get(path).ok()["status"] == "sent"
    assert another.get(path).code == "ACCESS_DENIED"
    assert [len(one.get("/dunning-documents").ok()["data"]) for one in (api, theirs, another)] == [1, 1, 0]
