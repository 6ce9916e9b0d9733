"""Tax categories of EN 16931 and their conditions."""

import json
from typing import get_args

import pytest
from pydantic import ValidationError

from invoicing.pricing.tax import Tax, VatCategory, normal
from tests.validators import official_codes


def tax(**fields: object) -> Tax:
    return Tax.model_validate_json(json.dumps(fields))


@pytest.mark.parametrize(
    ("fields", "rule", "place"),
    [
        ({"category": "S"}, "BR-S-05", ("rate",)),
        ({"category": "S", "rate": "0"}, "BR-S-05", ("rate",)),
        ({"category": "Z", "rate": "1"}, "BR-Z-05", ("rate",)),
        ({"category": "E", "rate": "7", "exemption_reason": "x"}, "BR-E-05", ("rate",)),
        ({"category": "E"}, "BR-E-10", ()),
        ({"category": "AE", "rate": "19"}, "BR-AE-05", ("rate",)),
        ({"category": "K", "rate": "19"}, "BR-IC-05", ("rate",)),
        ({"category": "G", "rate": "19"}, "BR-G-05", ("rate",)),
        ({"category": "O", "rate": "19"}, "BR-O-05", ("rate",)),
        ({"category": "L"}, "BR-AF-05", ()),
        ({"category": "M"}, "BR-AG-05", ()),
        ({"category": "S", "rate": "19", "exemption_reason": "x"}, "BR-S-10", ("exemption_reason",)),
        ({"category": "Z", "exemption_code": "VATEX-EU-G"}, "BR-Z-10", ("exemption_code",)),
        ({"category": "L", "rate": "7", "exemption_reason": "x"}, "BR-AF-10", ("exemption_reason",)),
        ({"category": "M", "rate": "4", "exemption_code": "X"}, "BR-AG-10", ("exemption_code",)),
    ],
)
def test_a_category_has_its_conditions(fields: dict[str, str], rule: str, place: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError) as refused:
        tax(**fields)
    [error] = refused.value.errors()
    terms = "BT-152" if rule.endswith("-05") else "BT-120, BT-121"
    assert (error["loc"], error["msg"].endswith(f"({terms}, {rule})")) == (place, True)


def test_each_category_of_the_standard_is_known() -> None:
    # BR-CL-17 is the list for allowances and the breakdown, BR-CL-18 that for lines.
    assert official_codes("BR-CL-17") == official_codes("BR-CL-18") == {*get_args(VatCategory)}


@pytest.mark.parametrize(
    ("fields", "place", "message"),
    [
        ({}, "rate", "Category B needs a rate above zero (BT-152)"),
        (
            {"rate": "22", "exemption_reason": "x"},
            "exemption_reason",
            "Category B has no reason for exemption (BT-120, BT-121)",
        ),
    ],
)
def test_split_payment_has_its_conditions(fields: dict[str, str], place: str, message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        tax(category="B", **fields)
    [error] = refused.value.errors()
    assert (error["loc"], error["msg"]) == ((place,), message)


@pytest.mark.parametrize("category", ["L", "M"])
def test_a_given_rate_of_zero_is_accepted(category: str) -> None:
    assert tax(category=category, rate="0").rate == 0


@pytest.mark.parametrize("category", ["Z", "AE", "K", "G", "O"])
def test_untaxed_lines_need_no_rate(category: str) -> None:
    assert tax(category=category).rate == 0


def test_a_tax_is_read_as_it_was_written() -> None:
    for given in ({"category": "L", "rate": "0"}, {"category": "E", "exemption_code": "VATEX-EU-132"}):
        written = tax(**given)
        assert Tax.model_validate_json(written.model_dump_json()) == written


@pytest.mark.parametrize(
    ("category", "code"), [("AE", "VATEX-EU-AE"), ("K", "VATEX-EU-IC"), ("G", "VATEX-EU-G"), ("O", "VATEX-EU-O")]
)
def test_a_category_that_is_the_reason_needs_none(category: str, code: str) -> None:
    assert tax(category=category).reason[0] == code
    assert tax(category=category, exemption_code="VATEX-EU-79-C").reason[0] == "VATEX-EU-79-C"


def test_rates_are_compared_as_numbers() -> None:
    one, other = tax(category="S", rate="19"), tax(category="S", rate="19.00")
    assert one.key == other.key
    assert [format(normal(rate.rate), "f") for rate in (one, other, tax(category="S", rate="7.70"))] == [
        "19",
        "19",
        "7.7",
    ]
    assert normal(tax(category="S", rate="20").rate) == 20


def test_a_rate_may_be_below_one_percent() -> None:
    assert str(tax(category="S", rate="0.5").rate) == "0.5"
