"""The rules of CIUS-RO. No package has their Schematron, so each is tested by its name, and invoices by EN 16931."""

from decimal import Decimal
from typing import Any, Final

import pytest

from invoicing.core.einvoice import XmlFormat
from invoicing.core.party import Address, TaxRepresentative
from invoicing.documents.deposit_words import deposit_sentences
from invoicing.documents.einvoice import render_xml
from invoicing.documents.texts.wording import Wording
from invoicing.invoices.drafts.supporting import AttachmentReference
from invoicing.issuing.einvoice_rules import broken_rules
from invoicing.issuing.errors import En16931RuleBroken
from invoicing.notes.attaching import attachments
from invoicing.settlement.credit import CreditData, Credited
from invoicing.settlement.credit_note import credit_note
from invoicing.settlement.deposits import deposit_of
from tests.builders import NOON, line_json
from tests.einvoices import MOMENT
from tests.national import BUCHAREST, CLUJ, ROMANIAN_LINE, romanian, unchecked
from tests.unit.test_einvoice import Read, require_exact
from tests.unit.test_en16931_terms import DOCUMENTS, stored
from tests.validators import findings

FORMAT: Final[XmlFormat] = "cius_ro"
SPECIFICATION = "urn:cen.eu:en16931:2017#compliant#urn:efactura.mfinante.ro:CIUS-RO:1.0.1"
LONG = "x" * 101


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"currency": "EUR", "tax_currency": "RON", "exchange_rate": "4.97"},
        {"price_tax_inclusive": True, "discount": {"percent": "10"}, "shipping": {"amount": "4.90"}},
        {"purpose": "deposit"},
        {"type_code": "751"},
        {"type_code": "384", "references": [{"number": "F-1", "issue_date": "2026-03-01"}]},
        {"introduction": "a " * 240, "note": "b" * 300, "closing": "c" * 300, "notes": [{"text": "d" * 295}] * 15},
        {"buyer": {"tax_id": None, "legal_id": "0000000000000"}},
    ],
    ids=["domestic", "currency", "gross", "deposit", "accounting", "corrected", "texts", "consumer"],
)
def test_romanian_invoices_pass_the_official_rules(fields: dict[str, Any]) -> None:
    document = romanian(**fields)
    xml = render_xml(document, FORMAT)
    assert [one for one in findings(xml, FORMAT) if one.fatal] == []
    require_exact(document, xml, FORMAT)
    read = Read(xml, FORMAT)
    assert read.text("", "/*/cbc:CustomizationID") == SPECIFICATION
    assert max(len(text) for text in read.texts("", "/*/cbc:Note")) <= 300


def test_long_sentences_of_the_service_are_shortened_or_split() -> None:
    rates = [{"category": "S", "rate": str(rate)} for rate in (5, 9, 11, 19, 21)]
    lines = [line_json(unit_price="123456.78", tax=rate) for rate in rates]
    deposit = romanian(purpose="deposit", lines=lines)
    final = romanian(lines=lines * 2)
    final = final.model_copy(update={"deposits": (deposit_of(deposit, ()),)})
    notes = Read(render_xml(final, FORMAT), FORMAT).texts("", "/*/cbc:Note")
    [sentence] = deposit_sentences(final, Wording.of("en"))
    assert len(sentence) > 300
    assert max(map(len, notes)) <= 300
    assert sentence in " ".join(notes)


def test_credit_notes_have_short_payment_terms() -> None:
    invoice, so_far = romanian(), list[Credited]()
    for number in range(8):
        data = CreditData(amount=Decimal("1.19"))
        document, invoice, credited = credit_note(
            invoice, so_far, data, f"CN-2026-00000{number}", day=NOON.date(), moment=MOMENT
        )
        so_far.append(credited)
        xml = render_xml(document.as_issued, FORMAT)
        assert [one for one in findings(xml, FORMAT) if one.fatal] == []
        assert len(Read(xml, FORMAT).text("", "//cac:PaymentTerms/cbc:Note")) <= 300


def test_a_deposit_is_a_commercial_invoice() -> None:
    assert Read(render_xml(romanian(purpose="deposit"), FORMAT), FORMAT).text("", "/*/cbc:InvoiceTypeCode") == "380"


def address(**fields: Any) -> Address:
    return Address(**{**CLUJ, **fields})


def represented(**fields: Any) -> dict[str, Any]:
    return {"tax_representative": TaxRepresentative(name="R", vat_id="RO14399840", address=address(**fields))}


@pytest.mark.parametrize(
    ("fields", "rule", "pointer"),
    [
        ({"currency": "EUR"}, "BR-RO-030", "/tax_currency"),
        ({"type_code": "875"}, "BR-RO-020", "/type_code"),
        ({"seller": {"address": address(line1=None)}}, "BR-RO-080", "/seller/address/line1"),
        ({"seller": {"address": address(city=None)}}, "BR-RO-090", "/seller/address/city"),
        ({"seller": {"address": address(region="Cluj")}}, "BR-RO-110", "/seller/address/region"),
        ({"seller": {"address": Address(**BUCHAREST | {"city": "București"})}}, "BR-RO-100", "/seller/address/city"),
        ({"buyer": {"address": {**CLUJ, "line1": None}}}, "BR-RO-080", "/customer/address/line1"),
        ({"buyer": {"address": {**CLUJ, "city": None}}}, "BR-RO-090", "/customer/address/city"),
        ({"buyer": {"address": {**CLUJ, "region": None}}}, "BR-RO-110", "/customer/address/region"),
        ({"buyer": {"address": {**BUCHAREST, "city": "SECTOR7"}}}, "BR-RO-100", "/customer/address/city"),
        ({"buyer": {"tax_id": None}}, "BR-RO-120", "/customer/legal_id"),
        ({"seller": represented(line1=None)}, "BR-RO-140", "/seller/tax_representative/address/line1"),
        ({"seller": represented(city=None)}, "BR-RO-150", "/seller/tax_representative/address/city"),
        ({"seller": represented(region="RO-B")}, "BR-RO-160", "/seller/tax_representative/address/city"),
        ({"seller": represented(region="CJ")}, "BR-RO-170", "/seller/tax_representative/address/region"),
        ({"ship_to": {**CLUJ, "line1": None}}, "BR-RO-180", "/ship_to/line1"),
        ({"ship_to": {**CLUJ, "city": None}}, "BR-RO-200", "/ship_to/city"),
        ({"ship_to": {**BUCHAREST, "city": "Bucharest"}}, "BR-RO-200", "/ship_to/city"),
        ({"ship_to": {**CLUJ, "region": "Cluj"}}, "BR-RO-210", "/ship_to/region"),
        ({"ship_to": {"line1": "1", "city": "Wien", "country": "AT"}}, "BR-RO-210", "/ship_to/region"),
        ({"notes": [{"text": "x"}] * 18}, "BR-RO-A020", "/notes"),
        ({"notes": [{"text": "x" * 296, "subject_code": "AAB"}]}, "BR-RO-L300", "/notes/0/text"),
        ({"introduction": "x" * 3_000, "closing": "x" * 3_000}, "BR-RO-A020", "/notes"),
        ({"payment_terms_text": "x" * 201}, "BR-RO-L300", "/payment_terms_text"),
        ({"payment_reference": "x" * 141}, "BR-RO-L140", "/payment_reference"),
        ({"accounting_reference": LONG}, "BR-RO-L100", "/accounting_reference"),
        ({"buyer": {"address": {**CLUJ, "postal_code": "1" * 21}}}, "BR-RO-L020", "/customer/address/postal_code"),
        ({"buyer": {"address": {**CLUJ, "city": "x" * 51}}}, "BR-RO-L050", "/customer/address/city"),
        ({"buyer": {"address": {**CLUJ, "line1": "x" * 151}}}, "BR-RO-L150", "/customer/address/line1"),
        ({"buyer": {"first_name": "x" * 60, "last_name": "x" * 60}}, "BR-RO-L100", "/customer/last_name"),
        ({"lines": [line_json(name=LONG)]}, "BR-RO-L100", "/lines/0/name"),
        ({"lines": [ROMANIAN_LINE, line_json(description="x" * 201)]}, "BR-RO-L200", "/lines/1/description"),
        ({"lines": [line_json(note="x" * 301)]}, "BR-RO-L300", "/lines/0/note"),
        ({"lines": [line_json(note="x" * 284, package_name="Website")]}, "BR-RO-L300", "/lines/0/note"),
        ({"lines": [line_json(serial_number=LONG)]}, "BR-RO-L100", "/lines/0/serial_number"),
        ({"lines": [line_json(accounting_code=LONG)]}, "BR-RO-L100", "/lines/0/accounting_code"),
        (
            {"lines": [line_json(attributes=[{"name": "x" * 51, "value": "y"}])]},
            "BR-RO-L050",
            "/lines/0/attributes/0/name",
        ),
        (
            {"lines": [line_json(allowances=[{"amount": "1.00", "reason": LONG}])]},
            "BR-RO-L100",
            "/lines/0/allowances/0/reason",
        ),
        ({"discount": {"amount": "1.00", "reason": LONG}}, "BR-RO-L100", "/discount/reason"),
        ({"allowances": [{"amount": "1.00", "reason": LONG}]}, "BR-RO-L100", "/allowances/0/reason"),
        ({"charges": [{"amount": "1.00", "reason": LONG}]}, "BR-RO-L100", "/charges/0/reason"),
        (
            {"supporting_documents": [{"reference": "1", "url": "https://a.example/" + "x" * 190}]},
            "BR-RO-L200",
            "/supporting_documents/0/url",
        ),
    ],
)
def test_each_rule_names_the_field(fields: dict[str, Any], rule: str, pointer: str) -> None:
    found = [(one.code, one.pointer) for one in broken_rules(unchecked(romanian, **fields), FORMAT)]
    assert found == [(rule, pointer)]


def test_a_romanian_invoice_has_up_to_fifty_supporting_documents() -> None:
    document = unchecked(romanian, supporting_documents=[{"reference": str(number)} for number in range(50)])
    assert list(broken_rules(document, FORMAT)) == []
    [one] = DOCUMENTS["transfer"]["invoice"]["attachments"]
    file = stored(one["file_id"])
    chosen = attachments([AttachmentReference(**one)], {(one["note_id"], file.id): file})
    document = document.model_copy(update={"attachments": chosen})
    assert [(one.code, one.pointer) for one in broken_rules(document, FORMAT)] == [
        ("BR-RO-A050", "/supporting_documents")
    ]


def test_the_name_of_an_attachment_has_up_to_200_characters() -> None:
    [one] = DOCUMENTS["transfer"]["invoice"]["attachments"]
    file = stored(one["file_id"])
    for name, rules in (("x" * 200, []), ("x" * 201, ["BR-RO-L200"])):
        named = {(one["note_id"], file.id): file.model_copy(update={"name": name})}
        document = romanian().model_copy(update={"attachments": attachments([AttachmentReference(**one)], named)})
        assert [found.code for found in broken_rules(document, FORMAT)] == rules


def test_the_number_contains_a_digit() -> None:
    document = romanian().model_copy(update={"number": "FACTURA"})
    assert [(one.code, one.pointer) for one in broken_rules(document, FORMAT)] == [
        ("BR-RO-010", "/seller/number_series")
    ]


def test_a_refused_invoice_names_rule_term_and_field() -> None:
    with pytest.raises(En16931RuleBroken) as refused:
        romanian(buyer={"address": {**BUCHAREST, "city": "București"}})
    [error] = refused.value.errors
    assert (error.code, error.pointer) == ("BR-RO-100", "/customer/address/city")
    assert "SECTOR1 to SECTOR6 (BT-52)" in error.message
