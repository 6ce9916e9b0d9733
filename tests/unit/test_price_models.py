"""The six models of prices: published examples by their id, rounding and tiers."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from invoicing.catalogue.amounts import AmountsByCurrency, PriceAmounts, require_fit
from invoicing.catalogue.errors import PriceNotInCurrency
from invoicing.catalogue.lines import Events, Offer, codes_of, lines_of, require_applicable, with_minimum
from invoicing.catalogue.price import Price, PriceVersion
from invoicing.catalogue.price_line import DocumentTerms
from invoicing.catalogue.product import Product
from invoicing.core.errors import Invalid
from invoicing.core.ids import new_id
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.pricing.line import FilledLine, NewLine
from invoicing.pricing.share import Share
from invoicing.pricing.tax import Tax
from invoicing.pricing.totals import Totals, totals
from tests.builders import NOON

BORN = {"version": 1, "created_at": NOON, "updated_at": NOON}
VAT = Tax(category="S", rate=Decimal(20))


def tier(up_to: str | None, unit: str | None = None, flat: str | None = None) -> dict[str, Any]:
    return {"up_to": up_to, "unit_amount": unit, "flat_amount": flat}


def offer(
    model: str,
    minimum: str | None = None,
    product: dict[str, Any] | None = None,
    currency: str = "EUR",
    **amounts: Any,
) -> Offer:
    """A price in one currency, with its product."""
    given = {"code": "SEAT", "name": {"en": "Seat", "de": "Platz"}, **(product or {})}
    version = {"number": 1, "valid_from": "2026-03-10", "created_at": "2026-03-10T12:00:00Z"}
    version |= {"amounts": {currency: amounts}, "minimum": {currency: minimum} if minimum else {}}
    terms = PriceVersion.model_validate_json(json.dumps(version))
    sold = Product.model_validate_json(json.dumps(given | {"id": new_id("prd", NOON)} | _born()))
    require_fit(model, terms.amounts, terms.minimum)  # type: ignore[arg-type]
    price = Price(
        id=new_id("prc", NOON),
        product_id=sold.id,
        name="Monthly",
        model=model,  # type: ignore[arg-type]
        versions=(terms,),
        versions_from=(terms.valid_from,),
        **BORN,  # type: ignore[arg-type]
    )
    return Offer(sold, price, terms, VAT, "en")


def _born() -> dict[str, Any]:
    return {"version": 1, "created_at": "2026-03-10T12:00:00Z", "updated_at": "2026-03-10T12:00:00Z"}


def charged(what: Offer, quantity: str | Events, *, share: Share | None = None) -> Sequence[FilledLine]:
    """The lines of a quantity, with the minimum of the price."""
    how: dict[str, Any] = {"currency": "EUR", "language": "en", "share": share}
    amount = Decimal(quantity) if isinstance(quantity, str) else quantity
    return with_minimum(what, lines_of(what, amount, **how), **how)


def sums(lines: Sequence[NewLine]) -> Totals:
    return totals(lines, NewInvoice(), "EUR")


def net(what: Offer, quantity: str | Events) -> str:
    return str(sums(charged(what, quantity)).subtotal)


SEATS = [tier("10", "10"), tier("50", "8"), tier(None, "6")]
M05 = [tier("10", "10", "2"), tier("20", "5", "3"), tier(None, "5", "3")]
M06 = [tier("100", "2", "10"), tier("200", "1"), tier(None, "0.5", "50")]
M07 = [tier("10000", "0.0010", "10"), tier("50000", "0.0008", "10"), tier("100000", "0.0006", "10"),
       tier(None, "0.0004", "10")]  # fmt: skip
M13 = [tier("1000", "0.01", "200"), tier("10000", "0.02", "300"), tier(None, "0.02")]
M14 = [tier("10", "0.01", "200"), tier("20", "0.02", "300"), tier(None, "0.03", "400")]
M15 = [tier("1000", "0.01"), tier("10000", "0.008"), tier(None, "0.005")]
M16 = [tier("1000", "0.10"), tier("10000", "0.05"), tier(None, "0.01")]
STAIRS = [tier("10", flat="50"), tier("50", flat="150"), tier(None, flat="300")]


def packages(free: str) -> Offer:
    return offer("package", unit_amount="100", package_size="10", free_quantity=free)


@pytest.mark.parametrize(
    ("what", "quantity", "amount"),
    [
        pytest.param(offer("unit", unit_amount="5.00"), "10", "50.00", id="M01"),
        pytest.param(offer("graduated", tiers=SEATS), "60", "480.00", id="M02"),
        pytest.param(offer("volume", tiers=SEATS), "60", "360.00", id="M03"),
        pytest.param(offer("volume", tiers=STAIRS), "60", "300.00", id="M04"),
        *(
            pytest.param(offer("graduated", tiers=M05), quantity, amount, id=f"M05-{quantity}")
            for quantity, amount in (("0", "2.00"), ("1", "12.00"), ("10", "102.00"), ("11", "110.00"),
                                     ("12", "115.00"), ("21", "163.00"))
        ),
        *(
            pytest.param(offer("volume", tiers=M06), quantity, amount, id=f"M06-{quantity}")
            for quantity, amount in (("0", "10.00"), ("1", "12.00"), ("100", "210.00"), ("100.5", "100.50"),
                                     ("101", "101.00"), ("200", "200.00"), ("300", "200.00"))
        ),
        pytest.param(offer("volume", tiers=M07), "65000", "49.00", id="M07"),
        pytest.param(packages("0"), "121", "1300.00", id="M08"),
        pytest.param(packages("10"), "121", "1200.00", id="M08-10-free"),
        pytest.param(packages("200"), "121", "0.00", id="M08-200-free"),
        pytest.param(
            offer("package", unit_amount="5", package_size="100", free_quantity="100"), "201", "10.00", id="M09"
        ),
        pytest.param(offer("package", unit_amount="1.25", package_size="1000000"), "10", "1.25", id="M10-10"),
        pytest.param(offer("package", unit_amount="1.25", package_size="1000000"), "1500000", "2.50", id="M10"),
        pytest.param(
            offer("percentage", percent="1.2", fixed_amount="0.10", free_events=3, free_amount="500.00"),
            Events.of(Decimal(200), Decimal(200), Decimal(100), Decimal(50)),
            "0.70",
            id="M11",
        ),
        pytest.param(
            offer("percentage", percent="1.3", fixed_amount="2.00"), Events(Decimal(800), 4), "18.40", id="M12"
        ),
        *(
            pytest.param(offer("graduated", tiers=M13), quantity, amount, id=f"M13-{quantity}")
            for quantity, amount in (("500", "205.00"), ("1050", "511.00"), ("5050", "591.00"))
        ),
        pytest.param(offer("graduated", tiers=M14), "21", "900.33", id="M14"),
        pytest.param(offer("graduated", tiers=M15), "15000", "107.00", id="M15"),
        pytest.param(offer("graduated", tiers=M16), "15000", "600.00", id="M16-graduated"),
        pytest.param(offer("volume", tiers=M16), "15000", "150.00", id="M16-volume"),
        pytest.param(offer("graduated", tiers=[tier("1", "35"), tier(None, "30")]), "2", "65.00", id="M20"),
        pytest.param(offer("graduated", tiers=[tier("250", "0"), tier(None, "0.02")]), "250", "0.00", id="M21-250"),
        pytest.param(offer("graduated", tiers=[tier("250", "0"), tier(None, "0.02")]), "251", "0.02", id="M21-251"),
        pytest.param(offer("volume", tiers=[tier("100", "2"), tier(None, "1")]), "101", "101.00", id="M23"),
        pytest.param(offer("unit", "500.00", unit_amount="1"), "300", "500.00", id="M25-300"),
        pytest.param(offer("unit", "500.00", unit_amount="1"), "600", "600.00", id="M25-600"),
        pytest.param(offer("unit", unit_amount="0.001"), "100000", "100.00", id="M26"),
    ],
)  # fmt: skip
def test_a_published_example_gives_its_amount(what: Offer, quantity: str | Events, amount: str) -> None:
    assert net(what, quantity) == amount


def test_m24_shares_the_minimum_and_not_the_usage() -> None:
    what = offer("unit", "10.00", unit_amount="1.00")
    used = lines_of(what, Decimal(8), currency="EUR", language="en")
    lines = with_minimum(what, used, currency="EUR", language="en", share=Share(days=25, of=28))
    total = sums(lines)
    assert [str(line.net) for line in total.lines] == ["8.00", "0.93"]
    assert (str(total.tax), str(total.total)) == ("1.79", "10.72")
    assert lines[-1].name == "Seat, up to the minimum"


def test_only_units_of_the_product_have_its_unit() -> None:
    measured: dict[str, Any] = {"product": {"unit": "HUR"}}
    usage = charged(offer("unit", "10.00", unit_amount="1.00", **measured), "8")
    shares = charged(offer("percentage", percent="2", fixed_amount="1", **measured), Events(Decimal(100), 1))
    assert [line.unit for line in (*usage, *shares)] == ["HUR", "C62", "C62", "C62"]
    tiers = charged(offer("graduated", tiers=M05, **measured), "11")
    assert [line.unit for line in tiers] == ["HUR", "C62", "HUR", "C62"]
    packed = charged(
        offer("package", "1.00", unit_amount="5.00", package_size="10", free_quantity="2", **measured), "3"
    )
    assert [line.unit for line in packed] == ["HUR", "C62"]
    assert [line.unit for line in charged(offer("flat", unit_amount="5.00", **measured), "1")] == ["C62"]


def test_a_code_names_the_tier_of_a_line() -> None:
    def codes(quantity: str, model: str, **amounts: Any) -> Sequence[str]:
        return codes_of(offer(model, **amounts), Decimal(quantity), "EUR")

    assert codes("11", "graduated", tiers=M05) == ("units.1", "flat_amount.1", "units.2", "flat_amount.2")
    assert codes("21", "graduated", tiers=SEATS) == ("units.1", "units.2")
    assert codes("3", "unit", unit_amount="1") == ("units",)
    assert codes("3", "package", unit_amount="1", package_size="2", free_quantity="1") == ("free_units", "packages")


def test_m25_states_the_amount_up_to_the_minimum() -> None:
    lines = charged(offer("unit", "500.00", unit_amount="1"), "300")
    assert [(line.name, str(line.unit_price)) for line in lines][1:] == [("Seat, up to the minimum", "200.00")]


def test_each_tier_and_flat_amount_is_a_line() -> None:
    lines = charged(offer("graduated", tiers=M05), "21")
    facts = [(line.name, str(line.quantity), str(line.unit_price), line.price_tier) for line in lines]
    assert facts == [
        ("Seat, up to 10", "10", "10", 1),
        ("Seat, up to 10, flat amount", "1", "2", 1),
        ("Seat, above 10 up to 20", "10", "5", 2),
        ("Seat, above 10 up to 20, flat amount", "1", "3", 2),
        ("Seat, above 20", "1", "5", 3),
        ("Seat, above 20, flat amount", "1", "3", 3),
    ]


@pytest.mark.parametrize(("quantity", "amount"), [("10", "100.00"), ("10.5", "104.00"), ("50", "420.00")])
def test_fractions_belong_to_exactly_one_tier(quantity: str, amount: str) -> None:
    assert net(offer("graduated", tiers=SEATS), quantity) == amount


def test_a_share_is_quantity_times_days_of_the_period() -> None:
    [line] = charged(offer("unit", unit_amount="12.00"), "5", share=Share(days=16, of=31))
    assert line.name == "Seat, 5 ×, 16 of 31 days"
    facts = (line.quantity, line.price_base_quantity, line.unit_price)
    assert (*map(str, facts), line.unit) == ("80", "31", "12.00", "DAY")
    assert str(sums([line]).subtotal) == "30.97"


def test_a_whole_period_has_the_plain_quantity() -> None:
    [line] = charged(offer("unit", unit_amount="12.00", product={"unit": "HUR"}), "5", share=Share(days=31, of=31))
    facts = (line.name, str(line.quantity), str(line.price_base_quantity), line.unit)
    assert facts == ("Seat", "5", "1", "HUR")


def test_a_flat_amount_has_its_share_of_days() -> None:
    [line] = charged(offer("flat", unit_amount="99"), "1", share=Share(days=16, of=31))
    assert (line.name, str(sums([line]).subtotal)) == ("Seat, 1 ×, 16 of 31 days", "51.10")


def test_usage_is_not_shared_by_days() -> None:
    usage = Events(Decimal(100), 1)
    [line] = charged(offer("percentage", percent="2"), usage, share=Share(days=1, of=31))
    assert str(sums([line]).subtotal) == "2.00"


def test_names_are_in_the_language_of_the_document() -> None:
    what = offer("graduated", tiers=[tier("1.5", "10"), tier(None, "8")])
    share = Share(days=16, of=31)
    lines = lines_of(what, Decimal("2.5"), currency="EUR", language="de-AT", share=share)
    assert [line.name for line in lines] == [
        "Platz, bis 1,5, 1,5 ×, 16 von 31 Tagen",
        "Platz, über 1,5, 1 ×, 16 von 31 Tagen",
    ]


def test_a_missing_language_falls_back_to_the_tenants() -> None:
    what = offer("flat", unit_amount="1")
    for fallback in ("en", "en-GB"):
        [line] = lines_of(what._replace(language=fallback), Decimal(1), currency="EUR", language="fr")
        assert line.name == "Seat"


def test_a_long_name_leaves_room_for_the_share() -> None:
    ends = [f"{str(digit) * 11}.123456789" for digit in (1, 2)]
    what = offer("graduated", product={"name": {"en": "x" * 120}}, tiers=[tier(end, "1") for end in (*ends, None)])
    lines = lines_of(what, Decimal("2" * 12 + ".123456789"), currency="EUR", language="en", share=Share(days=16, of=31))
    assert all(line.name.endswith("16 of 31 days") for line in lines)
    assert max(len(line.name) for line in lines) == 200


def test_a_line_states_its_product_price_and_version() -> None:
    what = offer("unit", unit_amount="1", product={"accounting_code": "8400", "description": {"en": "Per user"}})
    [line] = charged(what, "2")
    assert (line.item_id, line.accounting_code, line.description) == ("SEAT", "8400", "Per user")
    assert (line.price_id, line.price_version, line.price_tier) == (what.price.id, 1, None)


def test_amounts_are_never_converted() -> None:
    with pytest.raises(PriceNotInCurrency):
        lines_of(offer("unit", unit_amount="1"), Decimal(1), currency="USD", language="en")


def test_free_events_end_with_the_first_allowance() -> None:
    what = offer("percentage", percent="10", free_events=2, free_amount="100.00")
    assert net(what, Events.of(Decimal(60), Decimal(60), Decimal(10))) == "7.00"
    assert net(what, Events.of(Decimal(10), Decimal(10), Decimal(10))) == "1.00"
    assert net(what, Events(Decimal(20), 2)) == "0.00"
    with pytest.raises(Invalid):
        net(what, Events(Decimal(120), 3))


@pytest.mark.parametrize(
    ("model", "usage"), [("percentage", "5"), ("unit", Events(Decimal(5), 1)), ("flat", Events(Decimal(5), 1))]
)
def test_a_quantity_has_to_fit_the_model(model: str, usage: str | Events) -> None:
    amounts: dict[str, Any] = {"percent": "1"} if model == "percentage" else {"unit_amount": "1"}
    with pytest.raises(Invalid):
        charged(offer(model, **amounts), usage)


def test_a_quantity_that_cannot_be_stored_is_refused() -> None:
    with pytest.raises(Invalid):
        charged(offer("unit", unit_amount="0.0000000001"), "9" * 15, share=Share(days=16, of=31))


TIERS = st.lists(st.integers(1, 40), min_size=0, max_size=5, unique=True).map(sorted)


@given(ends=TIERS, quantity=st.decimals("0", "60", places=3), data=st.data())
def test_tiers_cover_each_unit_once(ends: list[int], quantity: Decimal, data: st.DataObject) -> None:
    tiers = [tier(str(end), "1") for end in ends] + [tier(None, "1")]
    lines = charged(offer("graduated", tiers=tiers), str(quantity))
    assert sum((line.quantity for line in lines), Decimal(0)) == quantity
    assert len(charged(offer("volume", tiers=tiers), str(quantity))) <= 1


@pytest.mark.parametrize(
    "tiers",
    [
        [tier("10", "1")],
        [tier(None, "1"), tier(None, "1")],
        [tier("10", "1"), tier("10", "1"), tier(None, "1")],
        [tier("10", "1"), tier("5", "1"), tier(None, "1")],
        [tier("0", "1"), tier(None, "1")],
        [{"up_to": None}],
    ],
)
def test_tiers_must_rise_to_an_open_end(tiers: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match=r"tier|up_to|greater"):
        PriceAmounts.model_validate_json(json.dumps({"tiers": tiers}))


@pytest.mark.parametrize(
    ("model", "amounts", "pointer"),
    [
        ("flat", {}, "/amounts/EUR/unit_amount"),
        ("flat", {"unit_amount": "1", "percent": "1"}, "/amounts/EUR/percent"),
        ("package", {"unit_amount": "1"}, "/amounts/EUR/package_size"),
        ("graduated", {"unit_amount": "1"}, "/amounts/EUR/tiers"),
        ("percentage", {"percent": "1", "free_amount": "1"}, "/amounts/EUR/free_amount"),
    ],
)
def test_amounts_must_fit_the_model(model: str, amounts: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        offer(model, **amounts)
    assert pointer in [one.pointer for one in refused.value.errors]


@pytest.mark.parametrize(("number", "is_allowed"), [(20, True), (21, False)])
def test_tiers_and_currencies_are_bounded(number: int, *, is_allowed: bool) -> None:
    prices = TypeAdapter(AmountsByCurrency)
    tiers = [*(tier(str(end), "1") for end in range(1, number)), tier(None, "1")]
    by_currency = {f"X{chr(65 + place)}X": {"unit_amount": "1"} for place in range(number)}
    for amounts in (by_currency, {"EUR": {"tiers": tiers}}):
        if is_allowed:
            prices.validate_json(json.dumps(amounts))
        else:
            with pytest.raises(ValueError, match="at most 20"):
                prices.validate_json(json.dumps(amounts))


def test_a_price_has_amounts_in_at_least_one_currency() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        TypeAdapter(AmountsByCurrency).validate_json("{}")


def test_a_flat_price_applies_to_one_unit() -> None:
    what, document = offer("flat", unit_amount="1"), DocumentTerms("EUR", "en", price_tax_inclusive=False)
    require_applicable(what, Decimal(1), document, "/lines/0")
    for quantity in (0, 2):
        with pytest.raises(Invalid) as refused:
            require_applicable(what, Decimal(quantity), document, "/lines/0")
        assert [one.pointer for one in refused.value.errors] == ["/lines/0/quantity"]


def test_a_region_stands_for_its_language() -> None:
    what = offer("unit", product={"name": {"de-DE": "Platz", "en": "Seat"}}, unit_amount="1")
    assert [line.name for line in lines_of(what, Decimal(2), currency="EUR", language="de-CH")] == ["Platz"]


@pytest.mark.parametrize(("length", "shown"), [(20, "x" * 20), (21, "x" * 19 + "…")])
def test_a_name_that_fits_is_whole(monkeypatch: pytest.MonkeyPatch, length: int, shown: str) -> None:
    monkeypatch.setattr("invoicing.catalogue.lines._LONGEST_NAME", 40)
    what = offer("flat", unit_amount="1", product={"name": {"en": "x" * length}, "unit": "HUR"})
    [line] = charged(what, "1", share=Share(days=16, of=31))
    assert line.name == f"{shown}, 1 ×, 16 of 31 days"
    assert charged(what, "1")[0].unit == "C62"
