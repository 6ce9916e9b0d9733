"""GET /number-series/{name}/gaps: A29."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.aws.clients import client
from invoicing.numbering import table as numbers
from invoicing.numbering.report import gaps
from invoicing.numbering.table import count_sort, series_key
from invoicing.store.rows.items import keyed
from invoicing.tenants.model import Tenant
from tests.aws import TABLE, AwsCalls
from tests.builders import customer_json, invoice_json
from tests.gateway import Client, route


def report(api: Client, query: str = "", name: str = "invoice") -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/number-series/{name}/gaps{query}").ok()
    return found


@pytest.fixture
def counted(api: Client, tenant: Tenant) -> Tenant:
    """A tenant that has issued five invoices."""
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    for _ in range(5):
        draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
        api.post(f"/invoices/{draft}/finalize").ok()
    return tenant


def lose(tenant: Tenant, *counts: int) -> None:
    """Delete counts without the service."""
    for count in counts:
        key = series_key(tenant.id, "invoice", 2026).at(count_sort(count))
        where = key.address
        client("dynamodb").delete_item(TableName=TABLE, Key=where)


def test_a_complete_series_is_reported_complete(api: Client, counted: Tenant) -> None:
    found = report(api)
    assert (found["first"], found["next"], found["documents"], found["gaps"]) == (1, 6, 5, [])
    assert (found["checked_from"], found["checked_to"], found["next_start"]) == (1, 5, None)


def test_missing_numbers_are_named(api: Client, counted: Tenant) -> None:
    lose(counted, 1, 3, 4)
    found = report(api)
    assert (found["documents"], found["gaps"]) == (2, [{"first": 1, "last": 1}, {"first": 3, "last": 4}])
    lose(counted, 5)
    assert report(api, "?start=3")["gaps"] == [{"first": 3, "last": 5}], "also at the end"


def test_a_failed_finalization_leaves_no_gap(api: Client, counted: Tenant) -> None:
    empty = api.post("/invoices", {"customer": {"name": "x"}}).ok(201)["id"]
    assert api.post(f"/invoices/{empty}/finalize").status == 422
    assert (report(api)["next"], report(api)["gaps"]) == (6, [])


def test_a_series_that_has_not_begun_has_no_gap(api: Client) -> None:
    found = report(api, name="credit_note")
    assert (found["first"], found["next"], found["documents"], found["gaps"]) == (1, 1, 0, [])
    assert found["next_start"] is None
    assert report(api, "?year=2020")["year"] == 2020


def test_a_long_series_is_checked_in_parts(
    api: Client, counted: Tenant, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose(counted, 4)
    declared: Any = route("GET", "/number-series/invoice/gaps")[0].declaration
    monkeypatch.setitem(declared.handle.__globals__, "CHECKED", 2)
    seen, begin = [], 1
    while begin:
        with aws.only("find_number_gaps") as calls:
            found = report(api, f"?start={begin}")
        assert calls.names == {"dynamodb:GetItem": 1, "dynamodb:BatchGetItem": 1, "dynamodb:Query": 1}
        assert found["checked_to"] - found["checked_from"] < 2
        seen += [range(gap["first"], gap["last"] + 1) for gap in found["gaps"]]
        begin = found["next_start"]
    assert seen == [range(4, 5)]


def test_the_counts_of_one_report_are_read_in_one_query(aws: AwsCalls, tenant: Tenant) -> None:
    """A query reads a megabyte, which is more than the counts of a report."""
    key = series_key(tenant.id, "cancellation_of_a_long_named_group", 2026).at(count_sort(10**12))
    item = keyed(key, "count") | {"invoice_id": {"S": "inv_" + "0" * 26}}
    size = sum(len(name) + len(next(iter(value.values()))) for name, value in item.items())
    assert size * numbers.CHECKED < 1_000_000


def test_an_unknown_series_is_not_found(api: Client) -> None:
    for name in ("receipt", "INVOICE", "%20"):
        answer = api.get(f"/number-series/{name}/gaps")
        assert (answer.status, answer.code) == (404, "SERIES_NOT_FOUND")


@given(st.sets(st.integers(1, 60)), st.integers(1, 30), st.integers(1, 60))
def test_gaps_are_exactly_the_missing_numbers(found: set[int], first: int, last: int) -> None:
    within = sorted(count for count in found if first <= count <= last)
    named = [count for gap in gaps(within, first, last) for count in range(gap.first, gap.last + 1)]
    assert named == sorted(set(range(first, last + 1)) - found)
