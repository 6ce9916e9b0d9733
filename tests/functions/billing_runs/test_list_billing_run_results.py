"""GET /billing-runs/{run_id}/results"""

from typing import Any

import pytest

from invoicing.billing_runs import block, results
from invoicing.core.ids import new_id
from tests import billing
from tests.aws import AwsCalls
from tests.builders import NOON
from tests.gateway import Client


@pytest.fixture
def run(api: Client, aws: AwsCalls, issued: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A run over five drafts, two of which are refused, and an issued invoice, in blocks of two documents."""
    monkeypatch.setattr(block, "MAX_WRITES", 15)
    ids = billing.drafts(api, 3)
    wanted = [ids[0], billing.refused_draft(api), issued["id"], ids[1], billing.refused_draft(api), ids[2]]
    return billing.finished(api, aws, billing.start(api, wanted))


def test_each_document_has_its_result(api: Client, run: dict[str, Any]) -> None:
    found = billing.results(api, run)
    assert [one["outcome"] for one in found] == ["finalized", "refused", "skipped", "finalized", "refused", "finalized"]
    assert [one["number"] for one in found if one["number"]] == [f"INV-2026-00000{count}" for count in (2, 3, 4)]
    assert (found[0]["total"], found[0]["currency"], found[0]["code"]) == ("119.00", "EUR", None)
    assert found[2]["code"] == "INVALID_STATE"


def test_a_refused_document_names_the_rules(api: Client, run: dict[str, Any]) -> None:
    refused = billing.results(api, run, "outcome=refused")
    assert [one["code"] for one in refused] == ["BR-16", "BR-16"]
    assert [(rule["code"], rule["pointer"]) for rule in refused[0]["rules"]] == [("BR-16", "/lines")]
    assert api.get(f"/invoices/{refused[0]['invoice_id']}").ok()["status"] == "draft"
    assert billing.results(api, run, "code=INVALID_STATE")[0]["outcome"] == "skipped"


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6])
def test_pages_have_each_result_once(api: Client, run: dict[str, Any], order: str, limit: int) -> None:
    path, found, cursor = f"/billing-runs/{run['id']}/results?limit={limit}&order={order}", [], ""
    while True:
        page = api.get(path + cursor).ok()
        found += page["data"]
        if not page["has_more"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    expected = billing.results(api, run)
    assert found == (expected if order == "asc" else expected[::-1])


def test_a_page_reads_a_bounded_number_of_blocks(
    api: Client, run: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "EXAMINED", 1)
    page = api.get(f"/billing-runs/{run['id']}/results?code=NONE&limit=1").ok()
    assert (page["data"], page["has_more"]) == ([], True)


def test_results_of_an_unknown_run_are_not_found(api: Client) -> None:
    response = api.get(f"/billing-runs/{new_id('brn', NOON)}/results")
    assert (response.status, response.code) == (404, "RUN_NOT_FOUND")


def test_a_run_without_results_has_an_empty_page(api: Client) -> None:
    assert billing.results(api, billing.start(api, billing.drafts(api, 1))) == []
