"""Lines, discounts, shipping and periods in requests."""

import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from invoicing.core.model import ENTERED
from invoicing.pricing.allowances import Discount, Shipping
from invoicing.pricing.line import ChangedLine, Line, NewLine, Period
from invoicing.pricing.totals import list_amount

TAX = {"category": "S", "rate": "19"}
LINE = {"name": "Beratung", "unit_price": "96.00", "tax": TAX}


def read[M: BaseModel](model: type[M], **fields: Any) -> M:
    return model.model_validate_json(json.dumps(fields))


def refused_at(model: type[BaseModel], **fields: Any) -> list[tuple[int | str, ...]]:
    with pytest.raises(ValidationError) as refused:
        read(model, **fields)
    return [error["loc"] for error in refused.value.errors()]


def test_a_line_needs_a_name_a_price_and_a_tax() -> None:
    assert refused_at(NewLine) == [("name",), ("unit_price",), ("tax",)]
    line = read(NewLine, **LINE)
    assert (str(line.quantity), line.unit, str(line.price_base_quantity)) == ("1", "C62", "1")


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"quantity": "0.12345678901"}, ("quantity",)),
        ({"price_base_quantity": "0"}, ("price_base_quantity",)),
        ({"price_base_quantity": "-1"}, ("price_base_quantity",)),
        ({"unit_price": "-0.01"}, ("unit_price",)),
        ({"unit": "piece"}, ("unit",)),
        ({"unit": "c62"}, ("unit",)),
        ({"name": " "}, ("name",)),
        ({"id": "lin_01JD8X2V6PZ3QK7M5T9WRC4HBN"}, ("id",)),
        ({"tax": {"category": "X"}}, ("tax", "category")),
        ({"tax": {"category": "AE", "rate": "19"}}, ("tax", "rate")),
        ({"metadata": {str(key): "x" for key in range(51)}}, ("metadata",)),
    ],
)
def test_an_invalid_field_is_named(fields: dict[str, Any], place: tuple[str, ...]) -> None:
    assert refused_at(NewLine, **{**LINE, **fields}) == [place]


@pytest.mark.parametrize("quantity", [0, "0", "0.00", "-0.00"])
def test_a_quantity_can_be_zero_and_has_no_sign_then(quantity: object) -> None:
    line = read(NewLine, **LINE, quantity=quantity)
    assert (line.quantity, line.quantity.is_signed()) == (Decimal(0), False)
    assert list_amount(line, "EUR") == 0


def test_a_return_is_a_negative_quantity() -> None:
    assert read(NewLine, **LINE, quantity="-2.5").quantity < 0


def test_only_a_changed_line_can_have_an_id() -> None:
    id_ = "lin_01JD8X2V6PZ3QK7M5T9WRC4HBN"
    assert read(ChangedLine, **LINE, id=id_).id == id_
    assert read(ChangedLine, **LINE).id is None


def test_a_line_is_read_as_it_was_written() -> None:
    line = read(
        Line,
        **LINE,
        id="lin_01JD8X2V6PZ3QK7M5T9WRC4HBN",
        quantity="-0.0000000001",
        price_base_quantity="1000",
        discount={"percent": "12.5", "reason": "Treue"},
        period={"start": "2026-02-01", "end": "2026-02-28"},
        net="-999999999999999.99",
        tax_amount="0.00",
        total="-999999999999999.99",
    )
    written = line.model_dump_json()
    assert Line.model_validate_json(written) == line
    assert {"quantity": "-0.0000000001", "net": "-999999999999999.99"}.items() <= json.loads(written).items()


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({}, ()),
        ({"percent": "5", "amount": "1.00"}, ()),
        ({"percent": "0"}, ("percent",)),
        ({"percent": "100.01"}, ("percent",)),
        ({"amount": "0.00"}, ("amount",)),
        ({"amount": "-1.00"}, ("amount",)),
    ],
)
def test_a_discount_is_a_positive_percentage_or_amount(fields: dict[str, str], place: tuple[str, ...]) -> None:
    assert refused_at(Discount, **fields) == [place]


def test_a_discount_can_be_the_whole_amount() -> None:
    assert read(Discount, percent=100).percent == 100


def test_shipping_is_free_or_costs_something() -> None:
    assert read(Shipping, amount="0.00").tax is None
    assert refused_at(Shipping, amount="-4.90") == [("amount",)]
    assert refused_at(Shipping, amount="4.90", tax={"category": "S"}) == [("tax", "rate")]


def test_a_period_may_be_one_day_but_does_not_run_backwards() -> None:
    day = read(Period, start="2026-03-01", end="2026-03-01")
    assert day.start == day.end
    assert refused_at(Period, start="2026-03-02", end="2026-03-01") == [()]


def test_a_period_needs_its_start_or_its_end() -> None:
    """EN 16931 BR-CO-19."""
    assert refused_at(Period) == [()]
    assert refused_at(Period, start=None, end=None) == [()]
    assert read(Period, start="2026-03-01").end is None
    assert read(Period, end="2026-03-01").start is None


def test_a_line_that_was_stored_before_has_no_given_net() -> None:
    amounts = {"net": "96.00", "tax_amount": "18.24", "total": "114.24"}
    assert read(Line, **LINE, **amounts, id="lin_01JD8X2V6PZ3QK7M5T9WRC4HBN").given_net is None


STORED = {**LINE, "id": "lin_01JD8X2V6PZ3QK7M5T9WRC4HBN", "net": "96.00", "tax_amount": "18.24", "total": "114.24"}


def test_only_rows_can_have_repeating_digits() -> None:
    third = f"0.{'3' * 64}"
    line = read(Line, **STORED, price_base_quantity=third)
    assert (str(line.quantity), str(line.price_base_quantity), line.net) == ("3", "1", Decimal("96.00"))
    with pytest.raises(ValidationError):
        NewLine.model_validate_json(json.dumps({**LINE, "price_base_quantity": third}), context=ENTERED)


def test_a_line_has_the_source_that_it_was_filled_from() -> None:
    source = {"price_id": "prc_01JD8X2V6PZ3QK7M5T9WRC4HBN", "price_version": 2, "price_tier": None}
    assert read(Line, **STORED, **source).source == source
    assert read(Line, **STORED).source == {}
