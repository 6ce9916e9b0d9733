"""GET /reports/revenue"""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from invoicing.core.identity import Role
from invoicing.reports import facts
from invoicing.store import keys
from invoicing.store.keys import IndexPartition
from invoicing.store.listing import KeyRange, items_from
from tests.builders import invoice_json, line_json
from tests.conftest import Clock
from tests.functions.reports.test_list_open_items import record
from tests.gateway import Client
from tests.world import issue


def rows(api: Client, query: str = "") -> list[dict[str, Any]]:
    record(api)
    found: list[dict[str, Any]] = api.get(f"/reports/revenue?{query}").ok()["data"]
    return found


def test_corrections_reduce_the_revenue_on_their_own_dates(api: Client, issued: dict[str, Any], at: Clock) -> None:
    at.now += timedelta(days=30)
    api.post(f"/invoices/{issued['id']}/credit", {"amount": "11.90"}).ok(201)
    api.post(f"/invoices/{issued['id']}/close", {"reason": "write_off"}).ok()
    april, march = rows(api, "from=2026-03-01&to=2026-04-30")
    assert march == {
        "object": "revenue", "period": "2026-03", "customer_id": None, "customer_name": None, "country": None,
        "currency": "EUR", "documents": 1, "invoiced": "119.00", "credited": "0.00", "cash_discount": "0.00",
        "written_off": "0.00", "net": "100.00", "tax": "19.00", "gross": "119.00",
    }  # fmt: skip
    assert (april["period"], april["documents"], april["credited"], april["written_off"]) == (
        "2026-04", 1, "11.90", "107.10",
    )  # fmt: skip
    assert (april["net"], april["tax"], april["gross"]) == ("-100.00", "-19.00", "-119.00")


def test_a_debt_settled_elsewhere_is_no_loss(api: Client, issued: dict[str, Any]) -> None:
    api.post(f"/invoices/{issued['id']}/close", {"reason": "settled_elsewhere"}).ok()
    [row] = rows(api)
    assert (row["written_off"], row["gross"]) == ("0.00", "119.00")


def test_a_voided_credit_note_counts_no_longer(api: Client, issued: dict[str, Any], at: Clock) -> None:
    note = api.post(f"/invoices/{issued['id']}/credit", {"amount": "11.90"}).ok(201)["id"]
    at.now += timedelta(days=30)
    api.post(f"/invoices/{note}/cancel", {}).ok()
    assert [(row["period"], row["credited"], row["gross"]) for row in rows(api, "from=2026-03-01")] == [
        ("2026-04", "-11.90", "11.90"), ("2026-03", "11.90", "107.10"),
    ]  # fmt: skip


def test_rows_have_one_or_two_groups(api: Client, issued: dict[str, Any], at: Clock) -> None:
    other = issue(api)["customer_id"]
    found = rows(api, "group_by=week,customer&order=asc")
    assert {(row["period"], row["customer_id"]) for row in found} == {
        ("2026-W11", issued["customer_id"]), ("2026-W11", other),
    }  # fmt: skip
    assert {row["customer_name"] for row in found} == {"Bäckerei Süß & Söhne"}
    [by_country] = rows(api, "group_by=country")
    assert (by_country["country"], by_country["documents"], by_country["gross"]) == ("DE", 2, "238.00")
    assert rows(api, f"group_by=year&customer_id={other}")[0]["gross"] == "119.00"
    assert rows(api, "country=AT") == rows(api, "currency=CHF") == []


def test_currencies_have_their_own_rows(api: Client, issued: dict[str, Any]) -> None:
    draft = api.post("/invoices", invoice_json(customer_id=issued["customer_id"], currency="CHF")).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize", {}).ok()
    assert [(row["currency"], row["gross"]) for row in rows(api, "order=asc")] == [("CHF", "119.00"), ("EUR", "119.00")]


def test_the_service_period_can_count(api: Client, issued: dict[str, Any]) -> None:
    body = invoice_json(
        customer_id=issued["customer_id"], service_period={"start": "2026-01-01", "end": "2026-01-31"},
        lines=[line_json(unit_price="10.00")],
    )  # fmt: skip
    draft = api.post("/invoices", body).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize", {}).ok()
    found = rows(api, "basis=service&from=2026-01-01&order=asc")
    assert [row["period"] for row in found] == ["2026-01", "2026-03"]
    assert rows(api, "from=2026-01-01&to=2026-02-28") == []


def test_pages_join_without_gaps_or_duplicates(api: Client, at: Clock) -> None:
    made = [issue(api)["customer_id"] for _ in range(5)]
    record(api)
    path = "/reports/revenue?group_by=customer&limit=2"
    page = api.get(path).ok()
    seen = [*page["data"]]
    while page["has_more"]:
        page = api.get(f"{path}&cursor={page['next_cursor']}").ok()
        seen += page["data"]
    assert [row["customer_id"] for row in seen] == sorted(made, reverse=True)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("from=2026-03-11&to=2026-03-10", "?from"),
        ("from=2000-01-01", "?from"),
        ("group_by=month,month", "?group_by"),
        ("group_by=month,week,day", "?group_by"),
    ],
)
def test_a_wrong_query_is_refused(api: Client, query: str, pointer: str) -> None:
    answer = api.get(f"/reports/revenue?{query}")
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, pointer)


def test_more_changes_than_one_report_adds_up_are_refused(
    api: Client, issued: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    record(api)
    monkeypatch.setattr("invoicing.reports.sums.MOST_FACTS", 0)
    answer = api.get("/reports/revenue")
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "?from")


@pytest.mark.parametrize("role", list(Role))
def test_bookkeepers_and_auditors_may_read_the_revenue(sign_in: Callable[..., Client], role: Role) -> None:
    allowed = role in (Role.ADMIN, Role.BOOKKEEPER, Role.AUDITOR)
    assert sign_in(role).get("/reports/revenue").status == (200 if allowed else 403)


def test_the_query_of_an_export_finds_the_stored_amounts(api: Client, issued: dict[str, Any]) -> None:
    record(api)
    guide = (Path(facts.__file__).parents[1] / "README.md").read_text()
    partition = keys.of(api.tenant_id, "FACTS", "issued", "2026-03").partition
    [item] = items_from(KeyRange(IndexPartition(None, partition)))
    fact = json.loads(item["data"]["S"])
    assert item["entity"]["S"] == "fact"
    assert re.fullmatch("T#.*#FACTS#issued#.*", item["PK"]["S"])
    named = set(re.findall(r"'\$\.(\w+)'", guide))
    assert named == {"customer_id", "currency", "taxable", "rates", "date"}
    assert named <= {*fact, *fact["rates"][0]}
