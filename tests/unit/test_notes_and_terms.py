"""Notes with subjects, payment terms in words, tax point and business process: in the XML and on the pages."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from invoicing.core.einvoice import FORMATS, XmlFormat
from invoicing.core.identity import Moment
from invoicing.core.ids import new_id
from invoicing.core.model import ENTERED
from invoicing.core.party import PaymentTerms
from invoicing.documents.einvoice import render_xml
from invoicing.documents.letter import letter
from invoicing.invoices.drafts.drafting import corrected, duplicated
from invoicing.invoices.lifecycle import Status
from invoicing.issuing.errors import En16931RuleBroken
from invoicing.payments.model import PaymentData
from invoicing.settlement.credit import CreditData
from invoicing.settlement.credit_note import credit_note
from invoicing.settlement.errors import CashDiscountNotAllowed
from invoicing.settlement.model import settle
from tests.builders import NOON, line_json
from tests.einvoices import BUYER, BY, GERMAN_FORMATS, MOMENT, issued
from tests.en16931 import TAX_POINTS_OF_CII, places
from tests.national import romanian
from tests.unit.test_einvoice import Read
from tests.validators import findings

NOTES = [{"text": "Eigentumsvorbehalt", "subject_code": "AAB"}, {"text": "Danke"}]
FIELDS: dict[str, Any] = {
    "introduction": None,
    "note": "Hinweis",
    "notes": NOTES,
    "payment_terms_text": "Bei Verzug 9 Prozentpunkte.\nKein Skonto auf Fracht.",
}
NOTE, SUBJECT, TERMS, PROCESS = (places(term) for term in ("BT-22", "BT-21", "BT-20", "BT-23"))
TAX_POINT, TAX_POINT_CODE = places("BT-7"), places("BT-8")


def read(format_: XmlFormat, **fields: Any) -> Read:
    """An accepted e-invoice with such fields, as its receiver reads it."""
    xml = render_xml(issued(**fields), format_)
    assert [found for found in findings(xml, format_) if found.fatal] == []
    return Read(xml, format_)


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_the_xml_contains_notes_with_their_subjects(format_: XmlFormat) -> None:
    found = read(format_, **FIELDS)
    if found.cii:
        assert found.texts(*NOTE) == ["Hinweis", "Eigentumsvorbehalt", "Danke"]
        assert found.texts(*SUBJECT) == ["AAB"]
    else:
        assert found.texts(*NOTE) == ["Hinweis", "#AAB#Eigentumsvorbehalt", "Danke"]


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_the_xml_begins_with_the_title(format_: XmlFormat) -> None:
    found = read(format_, **FIELDS, title="Abschlag 2")
    assert found.texts(*NOTE)[0] == "Abschlag 2\n\nHinweis"
    assert letter(issued(**FIELDS, title="Abschlag 2").listed)["subtitle"] == "Abschlag 2"


def test_a_romanian_title_counts_as_a_note() -> None:
    eighteen = [{"text": "x"}] * 18
    assert romanian(introduction=None, note=None, notes=eighteen, title="Abschlag 2").title
    with pytest.raises(En16931RuleBroken) as refused:
        romanian(introduction=None, note="Zwei", notes=eighteen, title="Abschlag 2")
    assert [one.code for one in refused.value.errors] == ["BR-RO-A020"]


def test_peppol_joins_notes_between_other_countries() -> None:
    austrian = {**BUYER["address"], "country": "AT"}
    assert read("peppol", **FIELDS, buyer={"address": austrian}).texts(*NOTE) == [
        "Hinweis\n\nEigentumsvorbehalt\n\nDanke"
    ]


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_terms_in_words_follow_the_cash_discount(format_: XmlFormat) -> None:
    terms = {"days": 14, "discount_percent": "2", "discount_days": 7}
    first, *others = read(format_, **FIELDS, payment_terms=terms).text(*TERMS).split("\n")
    structured = "xrechnung" in FORMATS[format_].rules
    assert first == ("#SKONTO#TAGE=7#PROZENT=2.00#" if structured else "2\xa0% Skonto bei Zahlung bis zum 17.03.2026.")
    assert others == FIELDS["payment_terms_text"].split("\n")
    alone = read(format_, **FIELDS, payment_terms={"days": 14}).text(*TERMS)
    assert alone == FIELDS["payment_terms_text"]


def test_the_pages_of_a_paid_invoice_show_the_terms_in_words() -> None:
    paid = issued(prepaid={"amount": "119.00"}, payment_means_text="PayPal 4711", **FIELDS)
    assert letter(paid.listed)["payment"]["sentences"] == [
        "Vollständig bezahlt. Vielen Dank.",
        "PayPal 4711",
        FIELDS["payment_terms_text"],
    ]
    for format_ in GERMAN_FORMATS:
        assert FIELDS["payment_terms_text"] in Read(render_xml(paid, format_), format_).text(*TERMS)


def test_xrechnung_reserves_the_number_sign_in_terms() -> None:
    stated = "#SKONTO#TAGE=30#PROZENT=1.00#"
    assert read("xrechnung_ubl", payment_terms_text=stated).text(*TERMS).endswith(f"{stated}\n")
    # Between German parties Peppol has the same rule (DE-R-018).
    assert read("peppol", payment_terms_text=stated).text(*TERMS).endswith(f"{stated}\n")
    assert read("xrechnung_ubl", payment_terms_text="Siehe #1").text(*TERMS).endswith("\nSiehe #1")
    for text in ("#1 und #2", "#SKONTO#TAGE=30#PROZENT=1#"):
        with pytest.raises(En16931RuleBroken) as refused:
            issued(payment_terms_text=text, buyer={"einvoice_format": "xrechnung"})
        assert [(one.pointer, one.code) for one in refused.value.errors] == [("/payment_terms_text", "BR-DE-18")]


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_the_xml_contains_the_tax_point(format_: XmlFormat) -> None:
    lines = [line_json(), line_json(tax={"category": "S", "rate": "7"})]
    [day] = read(format_, tax_point_date="2026-02-28", lines=lines).texts(*TAX_POINT)
    assert day.replace("-", "") == "20260228"
    cii = FORMATS[format_].syntax == "cii"
    for code, in_cii in TAX_POINTS_OF_CII.items():
        for fields in ({"service_period": None}, {"lines": lines}):
            found = read(format_, tax_point_code=code, **fields).texts(*TAX_POINT_CODE)
            assert found == [in_cii if cii else code]


@pytest.mark.parametrize(
    ("language", "code", "shown"),
    [
        ("de", "432", "Versteuerung nach vereinnahmten Entgelten."),
        ("en", "432", "Cash accounting: the tax is due on payment."),
        ("fr", "432", "Comptabilité de caisse : taxe exigible à l’encaissement."),  # noqa: RUF001 — French
        ("en", "3", "Tax point: issue of the invoice."),
        ("de", "35", "Steuerentstehung: mit der Lieferung oder Leistung."),
    ],
)
def test_the_pages_show_the_event_that_makes_the_tax_due(language: str, code: str, shown: str) -> None:
    assert shown in letter(issued(language=language, tax_point_code=code).listed)["remarks"]


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_credit_notes_have_the_tax_point_event_of_their_invoice(format_: XmlFormat) -> None:
    for fields in ({}, {"service_period": None}):
        invoice = issued(tax_point_code="432", **fields)
        data = CreditData(amount=Decimal("11.90"))
        note = credit_note(invoice, [], data, "CN-1", day=NOON.date(), moment=MOMENT).document
        assert "Versteuerung nach vereinnahmten Entgelten." in letter(note.listed)["remarks"]
        xml = render_xml(note.as_issued, format_)
        assert [one for one in findings(xml, format_) if one.fatal] == []
        cii = FORMATS[format_].syntax == "cii"
        assert Read(xml, format_).texts(*TAX_POINT_CODE) == [TAX_POINTS_OF_CII["432"] if cii else "432"]


def test_the_tax_point_is_a_date_or_an_event() -> None:
    with pytest.raises(ValueError, match="BR-CO-03"):
        issued(tax_point_date="2026-02-28", tax_point_code="3")


def test_a_business_process_takes_the_place_of_the_usual_one() -> None:
    for format_ in ("zugferd", "xrechnung_cii", "xrechnung_ubl"):
        assert read(format_, business_process="B1").text(*PROCESS) == "B1"
    with pytest.raises(En16931RuleBroken) as refused:
        issued(business_process="B1", buyer={"einvoice_format": "peppol"})
    assert ("/business_process", "PEPPOL-EN16931-R007") in {(one.pointer, one.code) for one in refused.value.errors}


def test_the_subject_of_a_note_is_in_the_list() -> None:
    with pytest.raises(En16931RuleBroken) as refused:
        issued(notes=[NOTES[1], {"text": "x", "subject_code": "QQQ"}], buyer={"einvoice_format": "xrechnung"})
    assert [(one.pointer, one.code) for one in refused.value.errors] == [("/notes/1/subject_code", "BR-CL-08")]


@pytest.mark.parametrize(
    ("language", "label"), [("de", "Steuerdatum"), ("en", "Tax point"), ("fr", "Date d\u2019exigibilité")]
)
def test_the_pages_show_notes_terms_and_tax_point(language: str, label: str) -> None:
    made = letter(issued(**FIELDS, tax_point_date="2026-02-28", language=language).listed)
    assert made["remarks"] == ["Hinweis", "Eigentumsvorbehalt", "Danke"]
    assert made["payment"]["sentences"][-1] == FIELDS["payment_terms_text"]
    assert label in dict(made["facts"])


def test_a_duplicate_leaves_out_the_tax_point_date() -> None:
    document = issued(**FIELDS, tax_point_date="2026-02-28", business_process="B1")
    again, instead = duplicated(document), corrected(document)
    assert (again.tax_point_date, instead.tax_point_date) == (None, document.tax_point_date)
    for copy in (again, instead):
        assert (copy.notes, copy.payment_terms_text, copy.business_process) == (
            document.notes,
            document.payment_terms_text,
            "B1",
        )


TWO_STEPS = {
    "days": 30,
    "discount_percent": "3",
    "discount_days": 7,
    "second_discount_percent": "2",
    "second_discount_days": 14,
}


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_two_cash_discounts_are_two_lines(format_: XmlFormat) -> None:
    found = read(format_, payment_terms=TWO_STEPS).text(*TERMS)
    if "xrechnung" in FORMATS[format_].rules:
        assert found == "#SKONTO#TAGE=7#PROZENT=3.00#\n#SKONTO#TAGE=14#PROZENT=2.00#\n"
    else:
        assert found.replace("\xa0", " ").split("\n") == [
            "3 % Skonto bei Zahlung bis zum 17.03.2026.",
            "2 % Skonto bei Zahlung bis zum 24.03.2026.",
        ]


def test_a_payment_takes_the_discount_of_its_date() -> None:
    invoice = issued(payment_terms=TWO_STEPS, lines=[line_json(quantity=1, unit_price="1000.00")])
    for days, most in ((7, "35.70"), (8, "23.80"), (14, "23.80")):
        today = NOON.date() + timedelta(days=days)
        for amount, fits in ((most, True), (f"{Decimal(most) + Decimal('0.01')}", False)):
            rest = invoice.total - Decimal(amount)
            data = PaymentData(amount=rest, cash_discount=Decimal(amount), date=today)
            moment = Moment(BY, NOON + timedelta(days=days), "UTC")
            if fits:
                _, paid = settle(invoice, new_id("pay", NOON), data, accept_overpayment=False, moment=moment)
                assert (paid.status, paid.due) == (Status.PAID, Decimal("0.00"))
                continue
            with pytest.raises(CashDiscountNotAllowed, match=f"at most {most}"):
                settle(invoice, new_id("pay", NOON), data, accept_overpayment=False, moment=moment)
    late = PaymentData(amount=Decimal("1166.20"), cash_discount=Decimal("23.80"), date=NOON.date() + timedelta(days=15))
    with pytest.raises(CashDiscountNotAllowed, match="has ended"):
        settle(
            invoice,
            new_id("pay", NOON),
            late,
            accept_overpayment=False,
            moment=Moment(BY, NOON + timedelta(days=15), "UTC"),
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"second_discount_days": None},
        {"second_discount_percent": None},
        {"second_discount_percent": "3"},
        {"second_discount_days": 7},
        {"second_discount_days": 31},
        {"discount_percent": None, "discount_days": None},
    ],
)
def test_a_second_discount_is_later_and_lower(wrong: dict[str, Any]) -> None:
    PaymentTerms.model_validate_json(json.dumps(TWO_STEPS), context=ENTERED)
    with pytest.raises(ValidationError) as refused:
        PaymentTerms.model_validate_json(json.dumps({**TWO_STEPS, **wrong}), context=ENTERED)
    assert [error["loc"] for error in refused.value.errors()] == [("second_discount_days",)]


@pytest.mark.parametrize(("language", "count"), [("de", 2), ("en", 2), ("fr", 2)])
def test_the_pages_show_both_discounts(language: str, count: int) -> None:
    sentences = letter(issued(payment_terms=TWO_STEPS, language=language).listed)["payment"]["sentences"]
    assert len([one for one in sentences if "2026" in one]) == count + 1
