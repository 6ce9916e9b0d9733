"""POST /prices/{price_id}/calculate"""

from typing import Any

import pytest

from tests.catalogue import new_price
from tests.gateway import Client


def test_each_line_has_its_rule_formula_and_rounding(api: Client) -> None:
    path = f"/prices/{new_price(api)}"
    asked = {"quantity": "5", "currency": "EUR", "share": {"days": 16, "of": 31}}
    found = api.post(f"{path}/calculate", asked).ok()
    [line] = found["lines"]
    assert (line["name"], line["formula"]) == ("Platz, 5 ×, 16 von 31 Tagen", "80 × 12.00 ÷ 31")
    assert (line["exact"], line["amount"], line["rounding"]) == ("30.9677419355", "30.97", "0.0022580645")
    assert line["rule"] == "Unit: quantity × unit price."
    assert (found["net"], found["tax"], found["total"]) == ("30.97", "5.88", "36.85")
    assert (found["price_version"], found["on"]) == (1, "2026-03-10")


def test_the_version_of_the_day_applies(api: Client) -> None:
    path = f"/prices/{new_price(api)}"
    api.post(f"{path}/versions", {"valid_from": "2026-04-01", "amounts": {"EUR": {"unit_amount": "13.00"}}}).ok()
    days = {"2026-03-09": "12.00", "2026-03-31": "12.00", "2026-04-01": "13.00", "2030-01-01": "13.00"}
    found = {day: api.post(f"{path}/calculate", {"quantity": 1, "on": day}).ok()["net"] for day in days}
    assert found == days


def test_a_minimum_is_a_line_with_its_own_rule(api: Client) -> None:
    path = f"/prices/{new_price(api, minimum={'EUR': '500.00'})}"
    found = api.post(f"{path}/calculate", {"quantity": "25"}).ok()
    assert [line["amount"] for line in found["lines"]] == ["300.00", "200.00"]
    assert found["lines"][1]["rule"].startswith("Minimum")


def test_prices_with_tax_show_their_net(api: Client) -> None:
    path = f"/prices/{new_price(api, price_tax_inclusive=True, amounts={'EUR': {'unit_amount': '119.00'}})}"
    found = api.post(f"{path}/calculate", {"quantity": "2"}).ok()
    assert (found["net"], found["tax"], found["total"]) == ("200.00", "38.00", "238.00")
    assert (found["lines"][0]["amount"], found["lines"][0]["net"]) == ("238.00", "200.00")


def test_a_percentage_needs_the_amount_of_each_free_event(api: Client) -> None:
    amounts = {"EUR": {"percent": "1.2", "fixed_amount": "0.10", "free_events": 3, "free_amount": "500.00"}}
    path = f"/prices/{new_price(api, model='percentage', amounts=amounts)}/calculate"
    assert api.post(path, {"event_amounts": ["200.00", "200.00", "100.00", "50.00"]}).ok()["net"] == "0.70"
    assert api.post(path, {"amount": "500.00", "events": 3}).ok()["lines"] == []
    refused = api.post(path, {"amount": "550.00", "events": 4})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, "/event_amounts")


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"quantity": "1", "amount": "1.00"},
        {"quantity": "-1"},
        {"quantity": "1", "share": {"days": 3, "of": 2}},
    ],
)
def test_exactly_one_basis_is_required(api: Client, asked: dict[str, Any]) -> None:
    assert api.post(f"/prices/{new_price(api)}/calculate", asked).status == 400


def test_a_price_without_the_currency_is_refused(api: Client) -> None:
    refused = api.post(f"/prices/{new_price(api)}/calculate", {"quantity": "1", "currency": "USD"})
    assert (refused.status, refused.code) == (422, "PRICE_NOT_IN_CURRENCY")


def test_the_tax_is_that_of_version_product_or_tenant(api: Client) -> None:
    path = f"/prices/{new_price(api, {'tax': None})}/calculate"
    assert api.post(path, {"quantity": "1"}).code == "TAX_NOT_KNOWN"
    api.patch("/tenant", {"default_tax": {"category": "S", "rate": "20"}}).ok()
    assert api.post(path, {"quantity": "1"}).ok()["tax"] == "2.40"


@pytest.mark.parametrize(
    ("asked", "pointer"), [({"amount": "5.555"}, "/amount"), ({"event_amounts": ["1.00", "0.5"]}, "/event_amounts/1")]
)
def test_money_has_the_decimals_of_its_currency(api: Client, asked: dict[str, Any], pointer: str) -> None:
    price = new_price(api, model="percentage", amounts={"EUR": {"percent": "1"}})
    refused = api.post(f"/prices/{price}/calculate", asked)
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, pointer)
