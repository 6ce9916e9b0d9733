"""Tax categories of EN 16931 and their conditions."""

import json

import pytest
from pydantic import ValidationError

from invoicing.domain.tax import Tax, normal


def tax(**fields: object) -> Tax:
    return Tax.model_validate_json(json.dumps(fields))


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"category": "S"}, "BR-S-05"),
        ({"category": "S", "rate": "0"}, "BR-S-05"),
        ({"category": "Z", "rate": "1"}, "BR-Z-05"),
        ({"category": "E", "rate": "7", "exemption_reason": "x"}, "BR-E-05"),
        ({"category": "E"}, "BR-E-10"),
        ({"category": "AE", "rate": "19"}, "BR-AE-05"),
        ({"category": "K", "rate": "19"}, "BR-IC-05"),
        ({"category": "G", "rate": "19"}, "BR-G-05"),
        ({"category": "O", "rate": "19"}, "BR-O-05"),
    ],
)
def test_a_category_has_its_conditions(fields: dict[str, str], rule: str) -> None:
    with pytest.raises(ValidationError, match=rule):
        tax(**fields)


@pytest.mark.parametrize(
    ("category", "code"), [("AE", "VATEX-EU-AE"), ("K", "VATEX-EU-IC"), ("G", "VATEX-EU-G"), ("O", "VATEX-EU-O")]
)
def test_where_the_category_is_the_reason_it_need_not_be_given(category: str, code: str) -> None:
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
