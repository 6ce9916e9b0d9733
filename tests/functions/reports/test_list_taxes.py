"""GET /reports/tax"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from invoicing.core.identity import Role
from tests.builders import customer_json, invoice_json, line_json
from tests.conftest import Clock
from tests.functions.reports.test_list_open_items import record
from tests.gateway import Client

Json = dict[str, Any]


def rows(api: Client, query: str = "") -> list[Json]:
    record(api)
    found: list[Json] = api.get(f"/reports/tax?order=asc&{query}").ok()["data"]
    return found


def amounts(api: Client, query: str = "") -> list[tuple[str, str, str]]:
    return [(row["rate"], row["taxable"], row["tax"]) for row in rows(api, query)]


def issue(api: Client, *taxes: Json, customer: str | None = None, **fields: Any) -> Json:
    """An issued invoice with a line of 100.00 for each tax."""
    customer = customer or api.post("/customers", customer_json()).ok(201)["id"]
    lines = [line_json(quantity="1", unit_price="100.00", tax=tax) for tax in taxes]
    draft = api.post("/invoices", invoice_json(customer_id=customer, lines=lines, **fields)).ok(201)["id"]
    issued: Json = api.post(f"/invoices/{draft}/finalize", {}).ok()
    return issued


def rate(percent: str) -> Json:
    return {"category": "S", "rate": percent}


def test_a_row_has_a_country_category_and_rate(api: Client) -> None:
    issue(api, rate("19"), rate("7"))
    first, second = rows(api)
    assert first == {
        "object": "tax", "country": "DE", "category": "S", "rate": "7", "vat_id": None, "currency": "EUR",
        "taxable": "100.00", "tax": "7.00", "tax_currency": "EUR", "taxable_in_tax_currency": "100.00",
        "tax_in_tax_currency": "7.00", "count": 1, "documents": None,
    }  # fmt: skip
    assert (second["rate"], second["tax"]) == ("19", "19.00")


def test_the_documents_of_a_row_are_shown_by_the_same_query(api: Client, at: Clock) -> None:
    issued = issue(api, rate("19"), rate("7"))
    at.now += timedelta(days=1)
    line = issued["lines"][0]["id"]
    note = api.post(f"/invoices/{issued['id']}/credit", {"lines": [{"line_id": line, "amount": "10.00"}]}).ok(201)
    [row] = rows(api, "country=DE&category=S&rate=19.0")
    assert row["documents"] == [
        {"invoice_id": one["id"], "type": one["type"], "number": one["number"], "taxable": net, "tax": tax}
        for one, net, tax in sorted(((issued, "100.00", "19.00"), (note, "-10.00", "-1.90")),
                                    key=lambda each: str(each[0]["number"]))
    ]  # fmt: skip
    assert (row["count"], row["taxable"], row["tax"]) == (2, "90.00", "17.10")


def test_cash_accounting_counts_each_share_of_a_payment(api: Client, at: Clock) -> None:
    issued = issue(api, rate("19"), rate("7"))
    path = f"/invoices/{issued['id']}/payments"
    assert amounts(api, "basis=paid") == []
    api.post(path, {"amount": "100.00"}).ok(201)
    at.now += timedelta(days=30)
    api.post(path, {"amount": "126.00"}).ok(201)
    assert amounts(api, "basis=paid&from=2026-03-01&to=2026-03-31") == [("7", "44.25", "3.10"), ("19", "44.24", "8.41")]
    assert amounts(api, "basis=paid&from=2026-03-01") == [("7", "100.00", "7.00"), ("19", "100.00", "19.00")]


def test_a_credited_rate_moves_the_payments_to_the_others(api: Client) -> None:
    """After the credit of one line, the money is for the other one; after the refund, exactly."""
    issued = issue(api, rate("19"), rate("7"))
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "150.00"}).ok(201)
    line = next(one["id"] for one in issued["lines"] if one["tax"]["rate"] == "7")
    api.post(f"/invoices/{issued['id']}/credit", {"lines": [{"line_id": line}]}).ok(201)
    assert amounts(api, "basis=paid") == [("7", "28.97", "2.03"), ("19", "100.00", "19.00")]
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "31.00", "type": "refund"}).ok(201)
    assert amounts(api, "basis=paid") == [("7", "0.00", "0.00"), ("19", "100.00", "19.00")]


def test_a_payment_counts_on_its_own_date(api: Client, at: Clock) -> None:
    issued = issue(api, rate("19"), payment_terms={"days": 30, "discount_percent": "2", "discount_days": 10})
    at.now += timedelta(days=30)
    body = {"amount": "116.62", "cash_discount": "2.38", "date": "2026-03-20"}
    api.post(f"/invoices/{issued['id']}/payments", body).ok(201)
    assert amounts(api, "to=2026-03-19&from=2026-03-01") == [("19", "100.00", "19.00")]
    assert amounts(api, "from=2026-03-20&to=2026-03-20") == [("19", "-2.00", "-0.38")]
    assert amounts(api, "basis=paid&from=2026-03-20&to=2026-03-20") == [("19", "98.00", "18.62")]


def test_a_final_invoice_is_taxed_less_its_deposits(api: Client) -> None:
    deposit = issue(api, rate("19"), purpose="deposit")
    api.post(f"/invoices/{deposit['id']}/payments", {"amount": "119.00"}).ok(201)
    customer = deposit["customer_id"]
    final = issue(api, rate("19"), rate("7"), customer=customer, deposits=[{"invoice_id": deposit["id"]}])
    whole = [("7", "100.00", "7.00"), ("19", "100.00", "19.00")]
    assert amounts(api) == whole
    assert amounts(api, "basis=paid") == [("19", "100.00", "19.00")]
    api.post(f"/invoices/{final['id']}/payments", {"amount": "107.00"}).ok(201)
    assert amounts(api, "basis=paid") == whole
    api.post(f"/invoices/{final['id']}/cancel", {}).ok()
    assert amounts(api) == [("7", "0.00", "0.00"), ("19", "100.00", "19.00")]


def test_the_tax_currency_has_its_own_amounts(api: Client) -> None:
    issue(api, rate("19"), currency="CHF", tax_currency="EUR", exchange_rate="1.0567")
    [row] = rows(api)
    assert (row["currency"], row["tax"]) == ("CHF", "19.00")
    assert (row["tax_currency"], row["taxable_in_tax_currency"], row["tax_in_tax_currency"]) == (
        "EUR", "105.67", "20.08",
    )  # fmt: skip


def test_intra_community_supplies_are_listed_by_vat_id(api: Client) -> None:
    vienna = {"line1": "Ring 1", "postal_code": "1010", "city": "Wien", "country": "AT"}
    buyer = api.post("/customers", customer_json(tax_id="ATU13585627", address=vienna)).ok(201)["id"]
    issue(api, {"category": "K", "rate": "0"}, customer=buyer, ship_to=vienna, delivery_date="2026-03-09")
    issue(api, {"category": "AE", "rate": "0"}, customer=buyer)
    issue(api, rate("19"))
    found = [(row["vat_id"], row["category"], row["country"], row["taxable"]) for row in rows(api, "group_by=vat_id")]
    assert found == [("ATU13585627", "AE", "AT", "100.00"), ("ATU13585627", "K", "DE", "100.00")]
    assert [len(row["documents"]) for row in rows(api, "group_by=vat_id&vat_id=ATU13585627")] == [1, 1]


def test_a_greek_buyer_has_one_row_for_both_prefixes(api: Client) -> None:
    athens = {"line1": "Stadiou 1", "postal_code": "10562", "city": "Athina", "country": "GR"}
    for tax_id in ("EL094259216", "GR094259216"):
        buyer = api.post("/customers", customer_json(tax_id=tax_id, address=athens)).ok(201)["id"]
        issue(api, {"category": "K", "rate": "0"}, customer=buyer, ship_to=athens, delivery_date="2026-03-09")
    found = [(row["vat_id"], row["taxable"]) for row in rows(api, "group_by=vat_id")]
    assert found == [("EL094259216", "200.00")]
    assert len(rows(api, "group_by=vat_id&vat_id=GR094259216")[0]["documents"]) == 2


def test_northern_ireland_is_listed_for_goods_only(api: Client) -> None:
    belfast = {"line1": "Donegall Square 1", "postal_code": "BT1 5GS", "city": "Belfast", "country": "GB"}
    buyer = api.post("/customers", customer_json(tax_id="XI980780684", address=belfast)).ok(201)["id"]
    issue(api, {"category": "K", "rate": "0"}, customer=buyer, ship_to=belfast, delivery_date="2026-03-09")
    issue(api, {"category": "AE", "rate": "0"}, customer=buyer)
    found = [(row["vat_id"], row["category"], row["country"]) for row in rows(api, "group_by=vat_id")]
    assert found == [("XI980780684", "K", "DE")]
    assert {row["category"] for row in rows(api)} == {"AE", "K"}


def test_distance_sales_have_the_country_of_the_consumer(api: Client) -> None:
    vienna = {"line1": "Ring 1", "postal_code": "1010", "city": "Wien", "country": "AT"}
    consumer = api.post("/customers", customer_json(type="person", tax_id=None, address=vienna)).ok(201)["id"]
    issue(api, rate("20"), customer=consumer)
    issue(api, rate("19"), customer=consumer)
    assert [(row["country"], row["rate"]) for row in rows(api)] == [("AT", "20"), ("DE", "19")]
    assert [(row["country"], row["rate"], row["tax"]) for row in rows(api, "group_by=oss")] == [("AT", "20", "20.00")]


@pytest.mark.parametrize("role", list(Role))
def test_bookkeepers_and_auditors_may_read_the_tax(sign_in: Callable[..., Client], role: Role) -> None:
    allowed = role in (Role.ADMIN, Role.BOOKKEEPER, Role.AUDITOR)
    assert sign_in(role).get("/reports/tax").status == (200 if allowed else 403)
