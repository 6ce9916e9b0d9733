"""POST /invoices with lines that name a price of the catalogue, which the other operations fill in the same way."""

from typing import Any

import pytest

from tests.aws import AwsCalls
from tests.builders import invoice_json, line_json
from tests.catalogue import TIERS, new_price
from tests.gateway import Client


def test_a_line_with_a_price_is_filled_in_and_stays(api: Client) -> None:
    price = new_price(api, {"unit": "HUR", "accounting_code": "8400", "description": {"de": "Ein Nutzer"}})
    lines = [line_json(), {"price_id": price, "quantity": "3", "period": {"start": "2026-03-01", "end": "2026-03-31"}}]
    draft = api.post("/invoices", invoice_json(lines=lines)).ok(201)
    line = draft["lines"][1]
    names = ("name", "description", "item_id", "quantity", "unit", "unit_price", "net", "accounting_code")
    assert [line[name] for name in names] == ["Platz", "Ein Nutzer", "SEAT", "3", "HUR", "12.00", "36.00", "8400"]
    assert (line["price_id"], line["price_version"], line["price_tier"]) == (price, 1, None)
    assert (line["tax"]["rate"], line["period"]["end"], draft["subtotal"]) == ("19", "2026-03-31", "136.00")
    assert draft["lines"][0]["price_id"] is None
    api.post(f"/prices/{price}/versions", {"valid_from": "2026-03-11", "tax": {"category": "S", "rate": "7"}}).ok()
    api.patch(f"/prices/{price}", {"archived_at": "2026-03-10T12:00:00Z"}).ok()
    changed = api.patch(f"/invoices/{draft['id']}", {"title": "Rechnung"}).ok()
    assert changed["lines"] == draft["lines"]


def test_facts_of_the_line_replace_those_of_the_price(api: Client) -> None:
    price = new_price(api, {"description": {"de": "Ein Nutzer"}}, **TIERS, minimum={"EUR": "500.00"})
    facts = {"description": "Je Platz", "order_line": "7", "package_name": "Lizenzen", "metadata": {"a": "b"}}
    lines = api.post("/invoices", invoice_json(lines=[{"price_id": price, "quantity": "12", **facts}])).ok(201)["lines"]
    assert [line["description"] for line in lines] == ["Je Platz", None, None]
    assert {(line["order_line"], line["package_name"], line["metadata"]["a"]) for line in lines} == {
        ("7", "Lizenzen", "b")
    }
    assert [(line["name"], line["net"]) for line in lines][2:] == [("Platz, bis zum Mindestbetrag", "384.00")]


def test_the_tax_is_that_of_the_last_day_of_the_period(api: Client) -> None:
    price = new_price(api, tax={"category": "S", "rate": "19"})
    body = {"valid_from": "2026-04-01", "tax": {"category": "S", "rate": "7"}, "amounts": {"EUR": {"unit_amount": "9"}}}
    api.post(f"/prices/{price}/versions", body).ok()
    spans = [("2026-03-01", "2026-03-31"), ("2026-03-15", "2026-04-14")]
    lines = [{"price_id": price, "period": {"start": start, "end": end}} for start, end in spans]
    draft = api.post("/invoices", invoice_json(lines=lines)).ok(201)
    found = [(line["unit_price"], line["price_version"], line["tax"]["rate"]) for line in draft["lines"]]
    assert found == [("12.00", 1, "19"), ("12.00", 1, "7")]


def test_each_tier_of_a_price_becomes_a_line(api: Client) -> None:
    price = new_price(api, **TIERS)
    draft = api.post("/invoices", invoice_json(lines=[{"price_id": price, "quantity": "12"}, line_json()])).ok(201)
    facts = [(line["name"], line["quantity"], line["net"], line["price_tier"]) for line in draft["lines"]]
    assert facts[:2] == [("Platz, bis 10", "10", "100.00", 1), ("Platz, über 10", "2", "16.00", 2)]
    assert [line["price_id"] for line in draft["lines"]] == [price, price, None]


def test_lines_with_prices_take_two_more_reads(api: Client, aws: AwsCalls) -> None:
    prices = [new_price(api, {"code": code}) for code in ("A", "B")]
    with aws.only("create_invoice") as calls:
        api.post("/invoices", invoice_json(lines=[{"price_id": price} for price in prices])).ok(201)
    assert calls.names == {"dynamodb:BatchGetItem": 3, "dynamodb:TransactWriteItems": 1}


@pytest.mark.parametrize(
    ("price", "line", "document", "code", "pointer"),
    [
        ({}, {}, {"currency": "USD"}, "PRICE_NOT_IN_CURRENCY", "/lines/1/price_id"),
        ({}, {}, {"price_tax_inclusive": True}, "MIXED_PRICE_MODES", "/lines/1/price_id"),
        ({"archived_at": "2026-03-01T00:00:00Z"}, {}, {}, "PRICE_ARCHIVED", "/lines/1/price_id"),
        ({}, {"price_id": "prc_01JD8X2V6PZ3QK7M5T9WRC4HBN"}, {}, "REFERENCE_NOT_FOUND", "/lines/1/price_id"),
        ({"model": "flat"}, {"quantity": "2"}, {}, "VALIDATION_ERROR", "/lines/1/quantity"),
        (
            {"model": "percentage", "amounts": {"EUR": {"percent": "1"}}},
            {},
            {},
            "VALIDATION_ERROR",
            "/lines/1/price_id",
        ),
        ({}, {"quantity": "0"}, {}, "VALIDATION_ERROR", "/lines/1/quantity"),
        ({}, {"unit_price": "1.00"}, {}, "VALIDATION_ERROR", "/lines/1/unit_price"),
        ({}, {"id": "lin_01JD8X2V6PZ3QK7M5T9WRC4HBN"}, {}, "VALIDATION_ERROR", "/lines/1/id"),
    ],
)
def test_a_price_that_does_not_fit_is_refused(
    api: Client, price: dict[str, Any], line: dict[str, Any], document: dict[str, Any], code: str, pointer: str
) -> None:
    lines = [line_json(), {"price_id": new_price(api, **price), **line}]
    refused = api.post("/invoices", invoice_json(lines=lines, **document))
    assert (refused.code, refused.json["errors"][0]["pointer"]) == (code, pointer)


def test_the_prices_of_an_archived_product_are_refused(api: Client) -> None:
    price = new_price(api, {"archived_at": None})
    product = api.get(f"/prices/{price}").ok()["product_id"]
    api.patch(f"/products/{product}", {"archived_at": "2026-03-10T12:00:00Z"}).ok()
    assert api.post("/invoices", invoice_json(lines=[{"price_id": price}])).code == "PRICE_ARCHIVED"


def test_prices_of_another_company_do_not_exist(api: Client, stranger: Client) -> None:
    refused = api.post("/invoices", invoice_json(lines=[{"price_id": new_price(stranger)}]))
    assert (refused.status, refused.code) == (422, "REFERENCE_NOT_FOUND")


def test_prices_cannot_fill_a_document_beyond_its_lines(api: Client) -> None:
    price = new_price(api, **TIERS)
    refused = api.post("/invoices", invoice_json(lines=[{"price_id": price, "quantity": "11"}] * 501))
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, "/lines")
