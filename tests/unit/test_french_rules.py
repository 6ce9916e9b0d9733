"""The rules of the French reform: EXTENDED-CTC-FR of Factur-X, as the official Schematron of FNFE-MPE checks them."""

import io
from decimal import Decimal
from typing import Any, Final

import pikepdf
import pytest

from invoicing.core.einvoice import DocumentNote, XmlFormat
from invoicing.core.party import ElectronicAddress, PartyId
from invoicing.documents.einvoice import render_xml
from invoicing.documents.facturx import render_facturx
from invoicing.documents.letter import letter
from invoicing.invoices.model import Invoice
from invoicing.issuing.einvoice_rules import broken_rules
from invoicing.issuing.errors import En16931RuleBroken
from invoicing.issuing.gate import require_sound_credit
from invoicing.issuing.self_billing import with_roles
from invoicing.settlement.credit import CreditData
from invoicing.settlement.credit_note import cancellation, credit_note
from tests.builders import NOON, line_json
from tests.einvoices import MOMENT
from tests.national import FRENCH_LINE, FRENCH_NOTES, french, unchecked
from tests.pdf_files import broken_rules as broken_pdf_rules
from tests.unit.test_einvoice import Read, require_exact
from tests.validators import findings

FORMAT: Final[XmlFormat] = "facturx_fr"
TAX = {"category": "S", "rate": "20"}


def fatal(document: Invoice) -> list[str]:
    """The official rules that the XML of a document breaks."""
    return [one.rule for one in findings(render_xml(document, FORMAT), FORMAT) if one.fatal]


def broken(document: Invoice) -> list[tuple[str, str]]:
    return [(one.code, one.pointer) for one in broken_rules(document, FORMAT)]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"notes": FRENCH_NOTES[:3], "buyer": {"electronic_address": {"scheme": "EM", "id": "a@b.example"}}},
        {"price_tax_inclusive": True, "discount": {"percent": "10"}, "shipping": {"amount": "4.90"}},
        {"business_process": "S2", "prepaid": {"amount": "120.00"}},
        {"business_process": "B1", "purpose": "deposit"},
        {"type_code": "384", "references": [{"number": "F-1", "issue_date": "2026-03-01"}]},
        {"currency": "USD", "tax_currency": "EUR", "exchange_rate": "0.9"},
        {"lines": [line_json(tax={"category": "E", "exemption_code": "VATEX-FR-FRANCHISE"}), FRENCH_LINE]},
        {"seller": {"party_ids": (PartyId(id="73282932000074", scheme="0009"),)}},
        {"supporting_documents": [{"reference": "BL-1", "description": "BON_LIVRAISON", "url": "https://a.example/b"}]},
    ],
    ids=["domestic", "consumer", "gross", "paid", "deposit", "corrected", "currency", "exempt", "siret", "documents"],
)
def test_french_invoices_pass_the_official_rules(fields: dict[str, Any]) -> None:
    document = french(**fields)
    assert fatal(document) == []
    require_exact(document, render_xml(document, FORMAT), FORMAT)


@pytest.mark.parametrize(
    ("fields", "rule", "pointer"),
    [
        ({"notes": FRENCH_NOTES[1:]}, "BR-FR-05", "/notes"),
        ({"notes": [*FRENCH_NOTES, FRENCH_NOTES[0]]}, "BR-FR-06", "/notes"),
        ({"notes": [*FRENCH_NOTES, FRENCH_NOTES[3]]}, "BR-FR-31", "/notes"),
        ({"notes": [*FRENCH_NOTES[:3], {"subject_code": "BAR", "text": "B3B"}]}, "BR-FR-20", "/notes/3/text"),
        ({"business_process": None}, "BR-FR-08", "/business_process"),
        ({"business_process": "A1"}, "BR-FR-08", "/business_process"),
        ({"business_process": "M8"}, "BR-FR-MV-02", "/business_process"),
        ({"business_process": "M4", "purpose": "deposit"}, "BR-FR-CO-08", "/business_process"),
        ({"business_process": "M2"}, "BR-FR-CO-09", "/business_process"),
        ({"seller": {"legal_id_scheme": None}}, "BR-FR-10", "/seller/legal_id_scheme"),
        ({"seller": {"legal_id": None, "legal_id_scheme": None}}, "BR-FR-10", "/seller/legal_id"),
        ({"buyer": {"legal_id_scheme": "0009", "legal_id": "73282932000074"}}, "BR-FR-11", "/customer/legal_id_scheme"),
        ({"seller": {"electronic_address": None, "contact": None}}, "BR-FR-13", "/seller/electronic_address"),
        (
            {"buyer": {"electronic_address": None, "emails": []}, "notes": FRENCH_NOTES[:3]},
            "BR-FR-12",
            "/customer/electronic_address",
        ),
        (
            {"seller": {"party_ids": (PartyId(id="55208131766522", scheme="0009"),)}},
            "BR-FR-09",
            "/seller/party_ids/0/id",
        ),
        (
            {"seller": {"party_ids": tuple(PartyId(id=id_, scheme="0088") for id_ in ("1", "2"))}},
            "BR-FR-CO-10",
            "/seller/party_ids",
        ),
        ({"buyer": {"legal_id": None, "legal_id_scheme": None}}, "BR-FR-11", "/customer/legal_id"),
        (
            {"buyer": {"electronic_address": {"scheme": "EM", "id": "a@b.example"}}},
            "BR-FR-21",
            "/customer/electronic_address",
        ),
        (
            {"seller": {"electronic_address": ElectronicAddress(scheme="0225", id="732829320 X")}},
            "BR-FR-23",
            "/seller/electronic_address/id",
        ),
        (
            {"seller": {"electronic_address": ElectronicAddress(scheme="0225", id="7" * 126)}},
            "BR-FR-25",
            "/seller/electronic_address/id",
        ),
        ({"lines": [line_json(tax={"category": "L", "rate": "7"})]}, "BR-FR-15", "/lines/0/tax/category"),
        ({"lines": [line_json(tax={"category": "S", "rate": "19"})]}, "BR-FR-16", "/lines/0/tax/rate"),
        ({"currency": "USD"}, "BR-FR-CO-12", "/tax_currency"),
        (
            {"supporting_documents": [{"reference": "1", "description": "Photo"}]},
            "BR-FR-17",
            "/supporting_documents/0/description",
        ),
        (
            {"supporting_documents": [{"reference": number, "description": "LISIBLE"} for number in "12"]},
            "BR-FR-18",
            "/supporting_documents/1/description",
        ),
        ({"type_code": "384"}, "BR-FR-CO-04", "/references"),
        ({"type_code": "326"}, "BR-FR-04", "/type_code"),
        ({"references": [{"number": "F 1"}]}, "BR-FR-02", "/references/0/number"),
        (
            {"references": [{"number": "F-1", "issue_date": "1999-12-31"}]},
            "BR-FR-03",
            "/references/0/issue_date",
        ),
        ({"lines": [line_json(quantity="1.00001", tax=TAX)]}, "BR-FR-DEC-02", "/lines/0/quantity"),
        ({"lines": [line_json(unit_price="1.0000001", tax=TAX)]}, "BR-FR-DEC-03", "/lines/0/unit_price"),
    ],
)
def test_each_rule_names_the_field_and_is_an_official_one(fields: dict[str, Any], rule: str, pointer: str) -> None:
    document = unchecked(french, **fields)
    assert (rule, pointer) in broken(document)
    assert any(found.startswith(rule) for found in fatal(document)), fatal(document)


def test_a_refused_invoice_names_rule_term_and_field() -> None:
    with pytest.raises(En16931RuleBroken) as refused:
        french(business_process=None, notes=[])
    found = {(one.code, one.pointer) for one in refused.value.errors}
    assert found == {("BR-FR-05", "/notes"), ("BR-FR-08", "/business_process")}
    assert all("(BT-" in one.message for one in refused.value.errors)


def test_a_self_billed_invoice_is_addressed_by_siren() -> None:
    document = unchecked(french, type_code="389", buyer={"electronic_address": {"scheme": "EM", "id": "a@b.example"}})
    assert broken(with_roles(document)) == [("BR-FR-22", "/seller/electronic_address")]
    assert any(found.startswith("BR-FR-22") for found in fatal(document)), fatal(document)


def test_a_credit_note_names_its_invoice_with_the_date() -> None:
    note = credits_of(french())[0].as_issued
    document = note.model_copy(
        update={"references": [one.model_copy(update={"issue_date": None}) for one in note.references]}
    )
    assert broken(document) == [("BR-FR-CO-05", "/references")]
    assert any(found.startswith("BR-FR-CO-05") for found in fatal(document)), fatal(document)


def test_a_member_of_a_single_taxpayer_names_it() -> None:
    seller = {"party_ids": (PartyId(id="732829320", scheme="0231"),)}
    document = unchecked(french, seller=seller)
    assert broken(document) == [("BR-FR-CO-14", "/notes"), ("BR-FR-CO-15", "/seller/tax_representative")]
    assert {"BR-FR-CO-14_BT-29-1", "BR-FR-CO-15_BT-29-1"} <= set(fatal(document))


def credits_of(invoice: Invoice) -> tuple[Invoice, Invoice]:
    """A credit note and a cancellation of an invoice."""
    day, data = NOON.date(), CreditData(amount=Decimal("12.00"))
    return (
        credit_note(invoice, [], data, "CN-1", day=day, moment=MOMENT).document,
        cancellation(invoice, [], "CAN-1", day=day, moment=MOMENT).document,
    )


def test_credit_notes_repeat_the_notes_of_their_invoice() -> None:
    paid = french(business_process="M2", prepaid={"amount": "120.00"})
    for invoice, process in ((french(), "M1"), (paid, "M1")):
        for document in credits_of(invoice):
            assert [note.subject_code for note in document.notes] == ["PMT", "PMD", "AAB", "BAR"]
            xml = render_xml(document.as_issued, FORMAT)
            assert [one.rule for one in findings(xml, FORMAT) if one.fatal] == []
            assert (
                Read(xml, FORMAT).text("//ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID", "") == process
            )


def test_a_stated_note_replaces_that_of_the_invoice() -> None:
    own = DocumentNote(text="Avoir sans escompte", subject_code="AAB")
    note = credit_note(french(), (), CreditData(notes=(own,)), "CN-1", day=NOON.date(), moment=MOMENT).document
    assert [one.subject_code for one in note.notes] == ["AAB", "PMT", "PMD", "BAR"]
    assert note.notes[0] == own
    assert [one for one in findings(render_xml(note.as_issued, FORMAT), FORMAT) if one.fatal] == []


def test_a_credit_note_states_a_subject_of_the_law_once() -> None:
    twice = (DocumentNote(text="a", subject_code="AAB"), DocumentNote(text="b", subject_code="AAB"))
    note = credit_note(french(), (), CreditData(notes=twice), "CN-1", day=NOON.date(), moment=MOMENT).document
    with pytest.raises(En16931RuleBroken) as refused:
        require_sound_credit(note, len(twice))
    assert [one.pointer for one in refused.value.errors] == ["/notes"]
    require_sound_credit(note)


def test_the_pages_show_the_notes_for_people() -> None:
    shown = letter(french().listed)["remarks"]
    assert [note["text"] in shown for note in FRENCH_NOTES] == [True, True, True, False]


@pytest.mark.parametrize(
    ("language", "delivery", "member"),
    [
        ("fr", "Bon de livraison", "Membre d’un assujetti unique"),  # noqa: RUF001 — French
        ("en", "Delivery note", "Member of a single taxable person (VAT group)"),
        ("de", "Lieferschein", "Mitglied einer Mehrwertsteuergruppe (assujetti unique)"),
    ],
)
def test_the_pages_have_words_in_place_of_french_codes(language: str, delivery: str, member: str) -> None:
    documents = [{"reference": "BL-1", "description": "BON_LIVRAISON"}, {"reference": "A", "description": "Plan"}]
    notes = [*FRENCH_NOTES, {"subject_code": "TXD", "text": "MEMBRE_ASSUJETTI_UNIQUE"}]
    made = letter(unchecked(french, language=language, supporting_documents=documents, notes=notes).listed)
    assert {f"BL-1, {delivery}", "A, Plan"} <= {value for _, value in made["facts"]}
    assert member in made["remarks"]
    assert not {"BON_LIVRAISON", "MEMBRE_ASSUJETTI_UNIQUE", "B2B"} & set(made["remarks"])


def test_the_pdf_names_the_extended_profile() -> None:
    invoice = french()
    file = render_facturx(invoice, render_xml(invoice, FORMAT))
    assert broken_pdf_rules(file) == []
    with pikepdf.open(io.BytesIO(file)) as pdf:
        assert b">EXTENDED</fx:ConformanceLevel>" in pdf.Root.Metadata.read_bytes()
