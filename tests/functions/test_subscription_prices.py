"""Subscriptions whose items name prices of the catalogue, from their creation to their invoices."""

from datetime import timedelta
from typing import Any

import pytest

from tests.aws import AwsCalls
from tests.builders import customer_json, item_json, subscription_json
from tests.catalogue import TIERS, new_price
from tests.conftest import Clock
from tests.gateway import Client
from tests.subscriptions import bill, bill_at, invoices, now_of, periods, subscribe

NEXT_PRICE = {"amounts": {"EUR": {"unit_amount": "15.00"}}}


def refusal(api: Client, *items: dict[str, Any], **fields: Any) -> tuple[int, str, str]:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    answer = api.post("/subscriptions", subscription_json(customer_id=customer, items=items, **fields))
    return answer.status, answer.code, answer.json["errors"][0]["pointer"]


def test_an_item_takes_interval_and_version_of_its_price(api: Client) -> None:
    price = new_price(api, interval={"unit": "year", "count": 1}, timing="arrears")
    made = subscribe(api, items=[{"price_id": price, "quantity": "5"}])
    [item] = made["items"]
    assert (item["interval"], item["timing"]) == ({"unit": "year", "count": 1}, "arrears")
    assert (item["price_id"], item["price_version"], item["price_policy"], item["line"]) == (price, 1, "keep", None)
    assert item["product_id"] == api.get(f"/prices/{price}").ok()["product_id"]
    assert made["tracks"][0]["next"]["bill_on"] == "2027-03-10"


def test_a_priced_item_takes_three_calls(api: Client, aws: AwsCalls) -> None:
    price = new_price(api)
    [made, *_] = [subscribe(api, items=[{"price_id": price, "quantity": "5"}]) for _ in range(10)]
    with aws.only("collect_due", "bill_units", "advance_run") as calls:
        bill(api, made)
    assert calls.names.total() <= 3 * 10
    [line] = invoices(api, made)[0]["lines"]
    assert (line["name"], line["quantity"], line["net"], line["price_version"]) == ("Platz", "5", "60.00", 1)
    assert line["period"] == {"start": "2026-03-10", "end": "2026-04-09"}


def test_tiers_and_minimum_of_a_share_are_lines(api: Client) -> None:
    price = new_price(api, **TIERS, minimum={"EUR": "200.00"})
    made = subscribe(api, items=[{"price_id": price, "quantity": "12"}], anchor={"day": 1})
    bill(api, made)
    [invoice] = invoices(api, made)
    assert [(line["name"], line["net"]) for line in invoice["lines"]] == [
        ("Platz, bis 10, 10 ×, 22 von 31 Tagen", "70.97"),
        ("Platz, über 10, 2 ×, 22 von 31 Tagen", "11.35"),
        ("Platz, bis zum Mindestbetrag", "59.62"),
    ]
    [period] = api.get(f"/invoices/{invoice['id']}/billing").ok()["periods"]
    billed = [(one["line_id"], one["price_id"], one["price_version"], one["days"]) for one in period["items"]]
    assert billed == [(line["id"], price, 1, 22) for line in invoice["lines"]]


def test_the_policy_decides_when_a_new_version_bills(api: Client, at: Clock) -> None:
    price = new_price(api)
    items = [{"price_id": price, "price_policy": policy} for policy in ("keep", "next_period", "renewal")]
    term = {"unit": "month", "count": 2}
    made = subscribe(api, items=items, term=term, renewal={"mode": "renew"})
    bill(api, made)
    api.post(f"/prices/{price}/versions", {"valid_from": "2026-03-11", **NEXT_PRICE}).ok()
    previewed = api.get(f"/subscriptions/{made['id']}/preview?count=2").ok()["invoices"]
    bill_at(api, at, "2026-05-10T12:00", made)
    billed = [[line["net"] for line in one["lines"]] for one in invoices(api, made)]
    assert billed == [["12.00"] * 3, ["12.00", "15.00", "12.00"], ["12.00", "15.00", "15.00"]]
    assert [[line["net"] for line in one["invoice"]["lines"]] for one in previewed] == billed[1:]
    assert [item["price_version"] for item in now_of(api, made)["items"]] == [1, 2, 2]


def test_a_kept_price_follows_the_tax_of_the_period(api: Client, at: Clock) -> None:
    price = new_price(api, tax={"category": "S", "rate": "19"})
    made = subscribe(api, items=[{"price_id": price}])
    bill(api, made)
    body = {"valid_from": "2026-05-09", "tax": {"category": "S", "rate": "16"}, **NEXT_PRICE}
    api.post(f"/prices/{price}/versions", body).ok()
    bill_at(api, at, "2026-04-10T12:00", made)
    lines = [one["lines"][0] for one in invoices(api, made)]
    found = [(line["net"], line["price_version"], line["tax"]["rate"]) for line in lines]
    assert found == [("12.00", 1, "19"), ("12.00", 1, "16")]


def test_a_released_period_keeps_its_version(api: Client) -> None:
    price = new_price(api)
    made = subscribe(api, items=[{"price_id": price, "price_policy": "next_period"}])
    bill(api, made)
    api.delete(f"/invoices/{invoices(api, made)[0]['id']}").ok(204)
    api.post(f"/prices/{price}/versions", {"valid_from": "2026-03-11", **NEXT_PRICE}).ok()
    period = f"/subscriptions/{made['id']}/periods/1m-advance.2026-03-10"
    assert api.post(period, {"action": "bill"}).ok()["items"][0]["price_version"] == 1
    assert invoices(api, made)[0]["lines"][0]["net"] == "12.00"


def test_a_version_without_the_currency_parks_one_alone(api: Client, at: Clock) -> None:
    price = new_price(api)
    poisoned = subscribe(api, items=[{"price_id": price, "price_policy": "next_period"}], start_date="2026-03-11")
    healthy = subscribe(api, items=[{"price_id": price}], start_date="2026-03-11")
    api.post(
        f"/prices/{price}/versions", {"valid_from": "2026-03-11", "amounts": {"USD": {"unit_amount": "9.00"}}}
    ).ok()
    bill_at(api, at, "2026-03-11T12:00", poisoned, healthy)
    assert (len(invoices(api, poisoned)), len(invoices(api, healthy))) == (0, 1)
    assert now_of(api, poisoned)["attention"]["code"] == "PRICE_NOT_IN_CURRENCY"
    assert api.get(f"/subscriptions/{poisoned['id']}/preview").code == "PRICE_NOT_IN_CURRENCY"
    other = {"op": "set", "item_id": poisoned["items"][0]["id"], "price_id": new_price(api, {"code": "PLAN"})}
    api.post(f"/subscriptions/{poisoned['id']}/changes", {"items": [other]}).ok()
    bill(api, poisoned)
    assert (len(invoices(api, poisoned)), now_of(api, poisoned)["attention"]) == (1, None)


@pytest.mark.parametrize("policy", ["keep", "next_period"])
def test_an_archived_price_bills_its_subscriptions(api: Client, at: Clock, policy: str) -> None:
    price = new_price(api)
    made = subscribe(api, items=[{"price_id": price, "price_policy": policy}])
    api.patch(f"/prices/{price}", {"archived_at": "2026-03-10T12:00:00Z"}).ok()
    product = api.get(f"/prices/{price}").ok()["product_id"]
    bill(api, made)
    api.patch(f"/products/{product}", {"archived_at": "2026-03-10T12:00:00Z"}).ok()
    bill_at(api, at, "2026-04-10T12:00", made)
    assert [one["subtotal"] for one in invoices(api, made)] == ["12.00", "12.00"]
    assert now_of(api, made)["attention"] is None
    assert refusal(api, {"price_id": price}) == (422, "PRICE_ARCHIVED", "/items/0/price_id")


def test_a_new_version_bills_no_period_again(api: Client, at: Clock, aws: AwsCalls) -> None:
    """Hazards 14 and 20: nor a fee, and the customer's new currency is that of new subscriptions only."""
    setup = new_price(api, {"code": "SETUP"}, model="flat", interval=None, amounts={"EUR": {"unit_amount": "99.00"}})
    price = new_price(api)
    made = subscribe(api, items=[{"price_id": price, "price_policy": "next_period"}, {"price_id": setup, "once": True}])
    bill(api, made)
    billed = periods(api, made)
    for one in (price, setup):
        api.post(f"/prices/{one}/versions", {"valid_from": "2026-03-11", **NEXT_PRICE}).ok()
    api.patch(f"/customers/{made['customer_id']}", {"currency": "USD"}).ok()
    with aws.only("bill_units") as calls:
        bill_at(api, at, "2026-03-11T12:00", made)
    assert ("dynamodb:TransactWriteItems" not in calls.names, periods(api, made)) == (True, billed)
    bill_at(api, at, "2026-04-10T12:00", made)
    assert [(one["currency"], one["subtotal"]) for one in invoices(api, made)] == [("EUR", "111.00"), ("EUR", "15.00")]


def test_a_setup_fee_is_billed_once(api: Client, at: Clock) -> None:
    setup = new_price(api, {"code": "SETUP"}, model="flat", interval=None, amounts={"EUR": {"unit_amount": "99.00"}})
    made = subscribe(api, items=[{"price_id": setup, "once": True}, {"price_id": new_price(api)}])
    bill_at(api, at, "2026-04-10T12:00", made)
    assert [one["subtotal"] for one in invoices(api, made)] == ["111.00", "12.00"]


def test_prices_that_do_not_fit_are_refused(api: Client) -> None:
    price = new_price(api)
    percentage = {"EUR": {"percent": "1.2"}}
    usage = new_price(api, {"code": "USAGE"}, model="percentage", amounts=percentage)
    flat = new_price(api, {"code": "FLAT"}, model="flat", interval=None)
    of_price = "/items/0/price_id"
    assert refusal(api, {"price_id": price}, currency="USD") == (422, "PRICE_NOT_IN_CURRENCY", of_price)
    assert refusal(api, {"price_id": price}, price_tax_inclusive=True) == (422, "MIXED_PRICE_MODES", of_price)
    assert refusal(api, {"price_id": usage}) == (400, "VALIDATION_ERROR", of_price)
    assert refusal(api, {"price_id": flat}) == (400, "VALIDATION_ERROR", "/items/0/once")
    assert refusal(api, {"price_id": flat, "once": True, "quantity": "2"})[2] == "/items/0/quantity"
    assert refusal(api, {"price_id": price, "timing": "arrears"})[2] == "/items/0/timing"
    assert refusal(api, {"price_id": price, "price_policy": "renewal"})[2] == "/items/0/price_policy"
    assert refusal(api, {"price_id": "prc_01JD8X2V6PZ3QK7M5T9WRC4HBN"}) == (422, "REFERENCE_NOT_FOUND", of_price)
    assert refusal(api, {"quantity": "1"})[2] == "/items/0"


@pytest.mark.parametrize(("start", "version"), [("2026-03-11", 1), ("2026-04-01", 2)])
def test_the_version_is_that_of_the_first_day(api: Client, start: str, version: int) -> None:
    price = new_price(api)
    api.post(f"/prices/{price}/versions", {"valid_from": "2026-04-01", **NEXT_PRICE}).ok()
    made = subscribe(api, items=[{"price_id": price}], start_date=start)
    assert made["items"][0]["price_version"] == version


def test_subscriptions_are_listed_by_price_and_product(api: Client) -> None:
    price, other = new_price(api), new_price(api, {"code": "PLAN"})
    subscribe(api)
    both = subscribe(api, items=[{"price_id": price}, {"price_id": other}])
    one = subscribe(api, items=[{"price_id": other}])
    bill(api, both)
    product = api.get(f"/prices/{other}").ok()["product_id"]

    def listed(query: str) -> list[str]:
        return sorted(found["id"] for found in api.get(f"/subscriptions?{query}").ok()["data"])

    assert listed(f"price_id={price}") == [both["id"]]
    assert listed(f"product_id={product}") == sorted([one["id"], both["id"]])
    assert listed(f"product_id={product}&customer_id={both['customer_id']}") == [both["id"]]
    assert now_of(api, both)["price_ids"] == sorted([price, other])


def test_a_dry_run_of_a_version_names_the_items_it_reaches(api: Client, at: Clock) -> None:
    price = new_price(api)
    subscribe(api, items=[{"price_id": price}])
    term, policies = {"unit": "month", "count": 2}, ("next_period", "renewal", "keep")
    items = [{"price_id": price, "price_policy": policy} for policy in policies]
    made = subscribe(api, items=items, term=term, renewal={"mode": "renew"})
    bill(api, made)
    past = subscribe(api, items=[{"price_id": price, "price_policy": "next_period", "end_date": "2026-04-01"}])
    body = {"valid_from": "2026-04-02", **NEXT_PRICE}
    shown = api.post(f"/prices/{price}/versions", {**body, "dry_run": True}).ok()
    found = [(one["subscription_id"], one["item_id"], one["starts_on"]) for one in shown["reaches"]["items"]]
    expected = zip(made["items"], ("2026-04-10", "2026-05-10"), strict=False)
    assert found == [(made["id"], item["id"], start) for item, start in expected]
    assert (shown["reaches"]["has_more"], past["ends_on"]) == (False, "2026-04-01")
    assert api.post(f"/prices/{price}/versions", body).ok()["reaches"] is None
    bill_at(api, at, "2026-05-10T12:00", made)
    starts = {line["price_version"]: one for one in reversed(invoices(api, made)) for line in one["lines"]}
    assert starts[2]["lines"][0]["period"]["start"] == "2026-04-10"


def test_a_product_that_subscriptions_use_is_not_deleted(api: Client) -> None:
    price = new_price(api)
    subscribe(api, items=[{"price_id": price}])
    product = api.get(f"/prices/{price}").ok()["product_id"]
    assert api.delete(f"/products/{product}").code == "PRODUCT_IN_USE"


def test_an_item_can_have_a_tax_of_its_own(api: Client, at: Clock) -> None:
    """A price has one tax, but a customer abroad owes another one, also after changes of price and quantity."""
    price = new_price(api, tax={"category": "S", "rate": "19"})
    tax = {"category": "S", "rate": "21"}
    made = subscribe(api, items=[{"price_id": price, "tax": tax}, {"price_id": price}], action="finalize")
    [planned] = api.get(f"/subscriptions/{made['id']}/preview").ok()["invoices"]
    bill(api, made)
    [invoice] = invoices(api, made)
    for document in (planned["invoice"], invoice):
        assert [line["tax"]["rate"] for line in document["lines"]] == ["21", "19"]
    at.now += timedelta(days=15)
    change = {"op": "set", "item_id": made["items"][0]["id"], "quantity": "3", "price_id": price}
    shown = api.post(f"/subscriptions/{made['id']}/changes", {"items": [change]}).ok()
    assert shown["charge"] == {"net": "12.39", "tax": "2.60", "total": "14.99"}
    assert now_of(api, made)["items"][0]["tax"]["rate"] == "21"


def test_the_tax_of_an_item_needs_no_other_one(api: Client) -> None:
    price = new_price(api, {"tax": None})
    made = subscribe(api, items=[{"price_id": price, "tax": {"category": "S", "rate": "21"}}])
    bill(api, made)
    assert invoices(api, made)[0]["tax"] == "2.52"


def test_the_tax_of_a_line_stays_in_the_line(api: Client) -> None:
    item = item_json("Wartung", "5.00") | {"tax": {"category": "S", "rate": "21"}}
    assert refusal(api, item) == (400, "VALIDATION_ERROR", "/items/0/tax")
