"""The form of values: exact, strict, clean."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from pkgutil import walk_packages

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

import invoicing
from invoicing.core.ids import new_id, new_ids, twin
from invoicing.core.model import (
    ENTERED,
    Amount,
    Day,
    Instant,
    Language,
    Metadata,
    Model,
    Percent,
    Quantity,
    ShortText,
    Value,
    clean,
    days_after,
)


class Example(Value):
    """One of each."""

    amount: Amount = Decimal(0)
    quantity: Quantity = Decimal(1)
    percent: Percent = Decimal(0)
    text: ShortText = "x"
    instant: Instant = datetime(2026, 1, 1, tzinfo=UTC)
    day: Day = date(2026, 1, 1)
    metadata: Metadata = Field(default_factory=dict)


def parsed(**fields: object) -> Example:
    return Example.model_validate_json(json.dumps(fields))


@given(st.decimals(-(10**14), 10**14, places=2))
def test_an_amount_is_unchanged_by_json(amount: Decimal) -> None:
    text = format(amount, "f").replace("-0.00", "0.00")
    assert json.loads(parsed(amount=text).model_dump_json())["amount"] == text


@pytest.mark.parametrize("value", [1, 1.0, True, None, [], {}])
def test_money_is_never_a_json_number(value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        parsed(amount=value)
    assert refused.value.errors()[0]["type"] == "decimal_type"


@pytest.mark.parametrize("value", ["", "1.", ".5", "1e2", "+1", "01", " 1", "1\n", "NaN", "١", "1,00", "1" * 16])
def test_money_has_one_form(value: str) -> None:
    with pytest.raises(ValidationError):
        parsed(amount=value)


def test_quantities_and_rates_accept_integers_too() -> None:
    assert (parsed(quantity=3).quantity, parsed(percent=19).percent) == (Decimal(3), Decimal(19))
    for field in ("quantity", "percent"):
        for value in (1.5, True):
            with pytest.raises(ValidationError):
                parsed(**{field: value})


@given(st.text())
def test_cleaning_is_done_once_and_leaves_no_control_characters(text: str) -> None:
    done = clean(text)
    assert clean(done) == done
    assert not [letter for letter in done if ord(letter) < 32 and letter not in "\n\t"]
    assert "\ufeff" not in done


@given(st.text(st.characters(codec="utf-8")))
def test_cleaned_text_is_valid_in_an_e_invoice(text: str) -> None:
    element = etree.Element("note")
    element.text = clean(f"\ufffe{text}\uffff")
    assert etree.fromstring(etree.tostring(element)).text == (element.text or None)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_text_is_cleaned_alike_in_any_context(text: str) -> None:
    assert clean(text) == clean(f"ü{text}ü")[1:-1].strip()


def test_a_stored_day_outside_the_bounds_is_read() -> None:
    assert Example.model_validate_json('{"day": "9999-12-31"}').day == date.max


@pytest.mark.parametrize(("day", "days", "later"), [("2026-02-27", 2, "2026-03-01"), ("9999-12-30", 365, "9999-12-31")])
def test_days_are_counted_up_to_the_end_of_the_calendar(day: str, days: int, later: str) -> None:
    assert days_after(date.fromisoformat(day), days).isoformat() == later


def test_a_short_text_is_one_line() -> None:
    assert parsed(text="  a\r\n\tb \x00c ").text == "a b c"
    assert parsed(text="5\x0b10\x85Stück\ufeff").text == "5 10 Stück"


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.integers(-14, 14))  # noqa: DTZ001 — zones follow
def test_instants_are_shown_in_utc(moment: datetime, hours: int) -> None:
    there = moment.replace(tzinfo=UTC) + timedelta(hours=hours)
    shown = json.loads(parsed(instant=there.isoformat()).model_dump_json())["instant"]
    assert shown.endswith("Z")
    assert abs(datetime.fromisoformat(shown) - there) < timedelta(milliseconds=1)


def test_metadata_is_limited() -> None:
    assert len(parsed(metadata={f"{number}": "v" for number in range(50)}).metadata) == 50
    for wrong in ({f"{number}": "v" for number in range(51)}, {"k" * 41: "v"}, {"": "v"}, {"k": "v" * 501}, {"k": 1}):
        with pytest.raises(ValidationError):
            parsed(metadata=wrong)


@given(st.lists(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), min_size=2))  # noqa: DTZ001 — zones follow
def test_ids_sort_by_their_creation_time(moments: list[datetime]) -> None:
    ordered = sorted({moment.replace(tzinfo=UTC, microsecond=0) for moment in moments})
    ids = [new_id("inv", moment) for moment in ordered]
    assert (sorted(ids), len(set(ids))) == (ids, len(ordered))


def test_ids_of_one_moment_are_ordered_and_pairs_share_a_ulid() -> None:
    first, second, third = (id_ for id_, _ in zip(new_ids("act", datetime.now(UTC)), range(3), strict=False))
    assert first < second < third
    assert twin("evt", first) == "evt_" + first.removeprefix("act_")


@pytest.mark.parametrize(
    ("tag", "offered"), [("de", True), ("fr-CH", True), ("en-US", True), ("ja", False), ("xx", False)]
)
def test_clients_can_choose_offered_languages_only(tag: str, *, offered: bool) -> None:
    language = TypeAdapter(Language)
    # Rows from before keep their language, and are printed in English.
    assert language.validate_python(tag) == tag
    if offered:
        assert language.validate_python(tag, context=ENTERED) == tag
    else:
        with pytest.raises(ValidationError):
            language.validate_python(tag, context=ENTERED)


def _models(of: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in of.__subclasses__():
        yield model
        yield from _models(model)


def test_errors_of_no_model_quote_the_input() -> None:
    """Unexpected errors are logged, and rows, events and requests contain personal data."""
    for module in walk_packages(invoicing.__path__, "invoicing."):
        import_module(module.name)
    ours = {model for model in _models(BaseModel) if model.__module__.startswith("invoicing.")}
    assert Model in ours
    assert {model for model in ours if not model.model_config.get("hide_input_in_errors")} == set()
    with pytest.raises(ValidationError) as refused:
        Example.model_validate({"amount": "ada@mail.example"})
    assert "ada" not in str(refused.value)
