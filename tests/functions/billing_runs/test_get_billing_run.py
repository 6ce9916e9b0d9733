"""GET /billing-runs/{run_id}"""

from invoicing.core.ids import new_id
from tests import billing
from tests.aws import AwsCalls
from tests.builders import NOON, line_json
from tests.gateway import Client


def test_a_run_shows_its_counts_totals_and_numbers(api: Client, aws: AwsCalls) -> None:
    buyer = billing.customer(api)
    ids = billing.drafts(api, 2, customer_id=buyer)
    ids.append(billing.draft(api, customer_id=buyer, currency="CHF", lines=[line_json(quantity="4")]))
    ids.append(billing.draft(api, customer_id=buyer, issue_date="2025-12-30"))
    run = billing.finished(api, aws, billing.start(api, [*ids, billing.refused_draft(api)], send=True))
    assert run["status"] == "completed"
    counts = {"selected": 5, "finalized": 4, "sent": 4, "refused": 1}
    assert {name: count for name, count in run["counts"].items() if count} == counts
    assert run["totals"] == {
        "CHF": {"net": "200.00", "tax": "38.00", "total": "238.00"},
        "EUR": {"net": "300.00", "tax": "57.00", "total": "357.00"},
    }
    assert run["numbers"] == [
        {"series": "invoice", "year": 2026, "from": "INV-2026-000001", "to": "INV-2026-000003"},
        {"series": "invoice", "year": 2025, "from": "INV-2025-000001", "to": "INV-2025-000001"},
    ]
    assert run["date_range"] == {"from": "2025-12-30", "to": "2026-03-10"}
    assert run["ended_at"] == "2026-03-10T12:00:00.000Z"


def test_an_unknown_run_is_not_found(api: Client, stranger: Client) -> None:
    run = billing.start(api, billing.drafts(api, 1))
    for client, id_ in ((api, new_id("brn", NOON)), (stranger, run["id"])):
        response = client.get(f"/billing-runs/{id_}")
        assert (response.status, response.code) == (404, "RUN_NOT_FOUND")
