"""GET /invoices/{invoice_id}/explain: why 0.01?"""

from decimal import Decimal
from typing import Any

import pytest

from tests.aws import AwsCalls
from tests.builders import customer_json, invoice_json, line_json
from tests.catalogue import TIERS, new_price
from tests.gateway import Client

CONTRACT = {
    "price_tax_inclusive": True,
    "discount": {"percent": "10"},
    "shipping": {"amount": "4.90"},
    "lines": [
        line_json(quantity="3", unit_price="9.99"),
        line_json(quantity="1", unit_price="4.95"),
        line_json(quantity="7", unit_price="1.29", tax={"category": "S", "rate": "7"}),
    ],
}
EXCLUSIVE = {
    "discount": {"amount": "1.00"},
    "shipping": {"amount": "3.00", "tax": {"category": "S", "rate": "7"}},
    "lines": [
        line_json(quantity="0"),
        line_json(quantity="0.333", unit_price="9.99", discount={"percent": "2.5"}),
        line_json(quantity="100", unit_price="4.95", price_base_quantity="12"),
        line_json(tax={"category": "AE"}),
    ],
}


def explained(api: Client, invoice: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(f"/invoices/{invoice['id']}/explain").ok()["numbers"]
    return found


def numbers_of(invoice: dict[str, Any]) -> dict[str, str]:
    """Every number of a document's totals, by its pointer."""
    found = {f"/{name}": invoice[name] for name in ("subtotal", "discount_amount", "shipping_cost", "tax", "total")}
    for place, line in enumerate(invoice["lines"]):
        found |= {f"/lines/{place}/{name}": line[name] for name in ("net", "tax_amount", "total")}
    for place, entry in enumerate(invoice["tax_breakdown"]):
        found |= {f"/tax_breakdown/{place}/{name}": entry[name] for name in ("taxable", "tax")}
    return found


@pytest.mark.parametrize("given", [CONTRACT, EXCLUSIVE, {"lines": []}, {"lines": [], "shipping": {"amount": "5.00"}}])
def test_each_total_is_explained_once_as_the_document_shows_it(api: Client, given: dict[str, Any]) -> None:
    draft = api.post("/invoices", invoice_json(**given)).ok(201)
    steps = explained(api, draft)
    assert len({step["number"] for step in steps}) == len(steps)
    found = {step["number"]: step["result"] for step in steps}
    assert numbers_of(draft).items() <= found.items()
    for step in steps:
        exact, rounding = Decimal(step["exact"]), Decimal(step["rounding"])
        assert abs(exact + rounding - Decimal(step["result"])) < Decimal("1e-9"), step
        assert abs(rounding) < Decimal("0.01"), "no number is a cent away from what it is exactly"
        assert step["rule"].startswith("Rule ")
        assert step["formula"]


def test_the_contracts_own_example_is_explained(api: Client) -> None:
    draft = api.post("/invoices", invoice_json(**CONTRACT)).ok(201)
    steps = {step["number"]: step for step in explained(api, draft)}

    def told(number: str) -> tuple[str, str, str, str]:
        return tuple(steps[number][name] for name in ("formula", "exact", "result", "rounding"))

    assert told("/lines/0/amount") == ("3 × 9.99", "29.97", "29.97", "0")
    assert told("/discount/amount") == ("43.95 × 10 %", "4.395", "4.40", "0.005")
    assert told("/tax_breakdown/0/taxable") == ("35.31 ÷ (1 + 19 %)", "29.6722689076", "29.67", "-0.0022689076")
    assert told("/tax_breakdown/0/tax")[2] == "5.64"
    assert told("/total") == ("37.78 − 3.78 + 4.21 + 6.24", "44.45", "44.45", "0")
    assert "largest remainder" in steps["/lines/0/net"]["rule"]


def test_the_cent_between_two_lines_is_found(api: Client) -> None:
    """Three lines of 0.03 have 0.02 of tax together, so one line has none."""
    draft = api.post("/invoices", invoice_json(lines=[line_json(quantity="1", unit_price="0.03")] * 3)).ok(201)
    steps = {step["number"]: step for step in explained(api, draft)}
    assert [steps[f"/lines/{place}/tax_amount"]["result"] for place in range(3)] == ["0.01", "0.01", "0.00"]
    assert {steps[f"/lines/{place}/tax_amount"]["exact"] for place in range(3)} == {"0.0057"}
    assert steps["/tax_breakdown/0/tax"]["exact"] == "0.0171"


@pytest.mark.parametrize(("currency", "exact"), [("JPY", "33.3333333333"), ("KWD", "33.3333333333")])
def test_other_exponents_are_shown_in_the_major_unit(api: Client, currency: str, exact: str) -> None:
    lines = [line_json(quantity="100", unit_price="1", price_base_quantity="3")]
    draft = api.post("/invoices", invoice_json(currency=currency, lines=lines)).ok(201)
    assert explained(api, draft)[0]["exact"] == exact


@pytest.mark.parametrize("body", [{}, {"amount": "0.50"}, {"amount": "17.31"}])
def test_credit_notes_are_explained_too(api: Client, body: dict[str, str]) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer, **CONTRACT)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize").ok()
    for _ in range(2):
        note = api.post(f"/invoices/{draft}/credit", {"amount": "9.99"}).ok(201)
    note = api.post(f"/invoices/{draft}/credit", body).ok(201)
    steps = explained(api, note)
    shown = {step["number"]: step["result"] for step in steps}
    assert numbers_of(note).items() <= shown.items()


def test_it_is_one_round_trip(api: Client, aws: AwsCalls, issued: dict[str, Any]) -> None:
    with aws.only("explain_invoice") as calls:
        explained(api, issued)
    assert calls.names == {"dynamodb:Query": 1}


def test_the_price_and_tier_of_a_line_are_named(api: Client) -> None:
    price = new_price(api, **TIERS)
    lines = [{"price_id": price, "quantity": "12"}, line_json()]
    steps = {step["number"]: step for step in explained(api, api.post("/invoices", invoice_json(lines=lines)).ok(201))}
    assert steps["/lines/1/amount"]["price"] == {"id": price, "version": 1, "tier": 2}
    assert steps["/lines/2/amount"]["price"] is None
