"""The amounts of allowances and charges as e-invoices and pages show them, and bounds of given amounts."""

import json
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from invoicing.core.errors import Invalid
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.pricing.line import Period
from invoicing.pricing.payable import payable
from invoicing.pricing.prices import entries_listed
from invoicing.pricing.totals import entry_amounts, totals
from tests.builders import line_json
from tests.unit.credits import issued

S19, S7 = {"category": "S", "rate": "19"}, {"category": "S", "rate": "7"}


def new(*prices: str, currency: str = "EUR", **terms: Any) -> NewInvoice:
    lines = [line_json(quantity=1, unit_price=price, tax=S19) for price in prices]
    return NewInvoice.model_validate_json(json.dumps({"currency": currency, "lines": lines, **terms}))


def amounts(invoice: NewInvoice) -> list[tuple[int, int]]:
    return [(base, units) for _, base, units in entry_amounts(invoice.lines, invoice, invoice.currency or "EUR")]


def test_a_percentage_is_of_the_lines_of_its_rate() -> None:
    allowances = [{"percent": "10"}, {"percent": "10", "tax": S19}]
    assert amounts(new("100.00", "200.00", allowances=allowances)) == [(30_000, 3_000), (30_000, 3_000)]


def test_a_rate_without_lines_has_no_base() -> None:
    assert amounts(new("100.00", charges=[{"percent": "100", "tax": S7}])) == [(0, 0)]


def test_lines_below_zero_are_no_base() -> None:
    returned = [line_json(quantity="-1", unit_price="0.05", tax=S19)]
    assert amounts(new(lines=returned, charges=[{"percent": "100"}])) == [(0, 0)]


@pytest.mark.parametrize(
    ("currency", "price", "accepted", "refused"),
    [
        ("EUR", "100.00", "100.05", "100.06"),
        ("EUR", "100.00", "99.95", "99.94"),
        ("JPY", "100", "100", "101"),
        ("KWD", "100.000", "100.050", "100.051"),
        ("CLF", "100.0000", "100.0500", "100.0501"),
        ("HUF", "100.50", "101.00", "102.00"),
        ("HUF", "100.50", "100.55", "100.56"),
        ("EUR", "99.50", "99.55", "100.00"),
    ],
)
def test_a_given_net_differs_by_little_unless_in_whole_forints(
    currency: str, price: str, accepted: str, refused: str
) -> None:
    def net(given: str) -> Decimal:
        line = line_json(quantity=1, unit_price=price, net=given)
        invoice = NewInvoice.model_validate_json(json.dumps({"currency": currency, "lines": [line]}))
        return totals(invoice.lines, invoice, currency).subtotal

    assert net(accepted) == Decimal(accepted)
    with pytest.raises(Invalid) as refusal:
        net(refused)
    assert [one.pointer for one in refusal.value.errors] == ["/lines/0/net"]


def test_a_document_of_zero_keeps_its_rounding() -> None:
    """Nothing was credited on it, although it is credited in full in the sense of the sum."""
    nothing = dict.fromkeys(
        ("total", "credited", "prepaid_amount", "prepaid_refunded", "deposits_released"), Decimal(0)
    )
    document: Any = SimpleNamespace(**nothing, currency="EUR", rounding=Decimal("0.02"), split_tax=None)
    assert payable(document) == Decimal("0.02")


def test_a_period_of_one_day_is_that_day() -> None:
    day, other = "2026-03-10", "2026-03-11"
    found = [Period.model_validate_json(json.dumps({"start": day, "end": end})).only_day for end in (day, other)]
    assert [str(found[0]), found[1]] == [day, None]


def test_an_amount_is_its_percentage_within_half_a_unit() -> None:
    """A currency without decimals: 4 % of 101 are 4.04, so 4 fits and 5 does not."""
    fits = {"amount": "4", "percent": "4", "base": "101"}
    assert amounts(new("1000", currency="JPY", allowances=[fits])) == [(101, 4)]
    with pytest.raises(ValueError, match="PEPPOL-EN16931-R040"):
        new("1000", currency="JPY", allowances=[fits | {"amount": "5"}])


def test_entries_are_listed_by_their_kind_with_amounts() -> None:
    on_line = {"discount": {"percent": "10"}, "charges": [{"amount": "3.00"}]}
    whole = issued(
        {"lines": [line_json(**on_line)], "allowances": [{"amount": "2.00"}], "shipping": {"amount": "4.00"}}
    )
    listed = entries_listed(whole.lines, whole, "EUR")
    for found, allowance, charge in ((listed, "2.00", "4.00"), (vars(listed["lines"][0]), "10.00", "3.00")):
        assert [str(one.amount) for one in found["allowances"]] == [allowance]
        assert [str(one.amount) for one in found["charges"]] == [charge]


@pytest.mark.parametrize("inclusive", [True, False])
def test_prices_with_tax_have_no_base_for_information(*, inclusive: bool) -> None:
    based = [{"amount": "1.00", "base": "10.00"}]
    on_line = new(lines=[line_json(allowances=based)], price_tax_inclusive=inclusive)
    on_document = new("100.00", price_tax_inclusive=inclusive, charges=[{**based[0], "tax": S19}])
    for invoice, pointer in ((on_line, "/lines/0/allowances/0/base"), (on_document, "/charges/0/base")):
        if not inclusive:
            assert totals(invoice.lines, invoice, "EUR").total > 0
            continue
        with pytest.raises(Invalid) as refused:
            totals(invoice.lines, invoice, "EUR")
        assert [one.pointer for one in refused.value.errors] == [pointer]
