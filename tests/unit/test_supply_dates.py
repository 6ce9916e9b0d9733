"""Dates of supply: a day, a period, both, or a period without one of its ends."""

from typing import Any

import pytest

from invoicing.core.einvoice import XmlFormat
from invoicing.documents.einvoice import render_xml
from invoicing.documents.letter import letter
from invoicing.issuing.errors import En16931RuleBroken
from invoicing.settlement.credit_note import cancellation
from tests.builders import NOON, line_json
from tests.einvoices import GERMAN_FORMATS, MOMENT, issued
from tests.en16931 import places
from tests.unit.test_einvoice import Read
from tests.validators import findings

DAY, START, END = (places(term) for term in ("BT-72", "BT-73", "BT-74"))
LINE_START, LINE_END = places("BT-134"), places("BT-135")
FIRST, LAST, ONE = "2026-02-01", "2026-02-28", "2026-02-14"
CASES: list[tuple[dict[str, Any], tuple[str, str, str]]] = [
    ({"service_period": {"start": FIRST, "end": LAST}}, ("", FIRST, LAST)),
    ({"service_period": {"start": ONE, "end": ONE}}, (ONE, "", "")),
    ({"service_period": None, "delivery_date": ONE}, (ONE, "", "")),
    ({"service_period": {"start": FIRST, "end": LAST}, "delivery_date": ONE}, (ONE, FIRST, LAST)),
    ({"service_period": {"start": ONE, "end": ONE}, "delivery_date": ONE}, (ONE, ONE, ONE)),
    ({"service_period": {"start": FIRST}}, ("", FIRST, "")),
    ({"service_period": {"end": LAST}}, ("", "", LAST)),
]


def dates(read: Read, *terms: tuple[str, str]) -> tuple[str, ...]:
    return tuple(read.text(*term).replace("-", "") for term in terms)


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_the_xml_contains_day_and_period(format_: XmlFormat) -> None:
    for fields, expected in CASES:
        document = issued(**fields)
        note = cancellation(document, (), "CAN-1", day=NOON.date(), moment=MOMENT).document
        for one in (document, note):
            xml = render_xml(one, format_)
            assert [found for found in findings(xml, format_) if found.fatal] == []
            assert dates(Read(xml, format_), DAY, START, END) == tuple(day.replace("-", "") for day in expected)


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_a_line_may_have_an_open_period(format_: XmlFormat) -> None:
    for period, expected in (({"start": ONE}, ("20260214", "")), ({"end": ONE}, ("", "20260214"))):
        xml = render_xml(issued(lines=[line_json(period=period)]), format_)
        assert [found for found in findings(xml, format_) if found.fatal] == []
        assert dates(Read(xml, format_), LINE_START, LINE_END) == expected


def test_a_line_stays_within_the_period_of_the_document() -> None:
    buyer = {"einvoice_format": "xrechnung"}
    issued(service_period={"start": ONE}, lines=[line_json(period={"start": ONE, "end": "2027-01-01"})], buyer=buyer)
    for whole, line, rule in (
        ({"start": ONE}, {"start": FIRST}, "PEPPOL-EN16931-R110"),
        ({"end": ONE}, {"end": LAST}, "PEPPOL-EN16931-R111"),
    ):
        with pytest.raises(En16931RuleBroken) as refused:
            issued(service_period=whole, lines=[line_json(period=line)], buyer=buyer)
        assert [one.code for one in refused.value.errors] == [rule]


def test_a_period_has_an_end() -> None:
    with pytest.raises(ValueError, match="BR-CO-19"):
        issued(service_period={})
    with pytest.raises(ValueError, match="BR-30"):
        issued(service_period={"start": LAST, "end": FIRST})


@pytest.mark.parametrize(
    ("language", "fields", "facts"),
    [
        ("de", {"service_period": {"start": FIRST}}, {"Leistungszeitraum": "ab 01.02.2026"}),
        ("en", {"service_period": {"end": LAST}}, {"Service period": "until Feb\xa028,\xa02026"}),
        ("fr", {"service_period": {"start": FIRST}}, {"Période": "à partir du 1er\xa0févr.\xa02026"}),
        (
            "de",
            {"service_period": {"start": FIRST, "end": LAST}, "delivery_date": ONE},
            {"Leistungsdatum": "14.02.2026", "Leistungszeitraum": "01.02.2026 \u2013 28.02.2026"},
        ),
        (
            "de",
            {"service_period": None, "delivery_date": "2026-03-10"},
            {"Leistungsdatum": "entspricht Rechnungsdatum"},
        ),
    ],
)
def test_the_pages_show_day_and_period(language: str, fields: dict[str, Any], facts: dict[str, str]) -> None:
    shown = dict(letter(issued(**fields, language=language).listed)["facts"])
    assert {label: shown.get(label) for label in facts} == facts


def test_a_delivery_date_is_the_date_of_supply() -> None:
    document = issued(service_period=None, delivery_date=ONE)
    assert document.service_period is None, "the tenant's declaration adds no other date"
    supply = {"category": "K"}
    foreign = {"address": {"line1": "Rue 1", "postal_code": "75001", "city": "Paris", "country": "FR"}}
    issued(service_period=None, delivery_date=ONE, lines=[line_json(tax=supply)], buyer=foreign)
