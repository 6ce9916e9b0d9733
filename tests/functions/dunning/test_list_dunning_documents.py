"""GET /dunning-documents"""

from datetime import timedelta

import pytest

from invoicing.core.identity import Role
from tests.builders import rule_json
from tests.conftest import Clock
from tests.dunning import deliver_letters, reach
from tests.gateway import Client
from tests.world import issue


def test_documents_are_filtered_by_reference_level_and_status(api: Client, at: Clock) -> None:
    for level in (1, 2):
        api.post("/dunning-rules", rule_json(level=level, days_overdue=8)).ok(201)
    one, other = issue(api), issue(api)
    at.now += timedelta(days=30)
    first = reach(api.tenant_id, one["id"], at.now)["id"]
    deliver_letters(api, at.now)
    at.now += timedelta(days=1)
    second = reach(api.tenant_id, other["id"], at.now)["id"]
    at.now += timedelta(days=30)
    third = reach(api.tenant_id, one["id"], at.now)["id"]
    api.post(f"/dunning-documents/{second}/cancel").ok()

    def listed(query: str) -> list[str]:
        return [entry["id"] for entry in api.get(f"/dunning-documents?{query}").ok()["data"]]

    assert listed("") == [third, second, first]
    assert listed(f"invoice_id={one['id']}&order=asc") == [first, third]
    assert listed(f"customer_id={other['customer_id']}") == [second]
    assert listed("level=2") == [third]
    assert listed("status=canceled") == [second]


@pytest.mark.parametrize("customer", [None, "of their own"])
def test_a_portal_user_sees_sent_documents_only(api: Client, sign_in: object, at: Clock, customer: str | None) -> None:
    api.post("/dunning-rules", rule_json()).ok(201)
    invoice = issue(api)
    at.now += timedelta(days=30)
    reach(api.tenant_id, invoice["id"], at.now)
    portal = sign_in(Role.CUSTOMER, customer_id=customer and invoice["customer_id"])  # type: ignore[operator]
    assert portal.get("/dunning-documents").ok()["data"] == []
