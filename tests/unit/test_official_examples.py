"""Official example files, stated as requests: issued, written, and compared term by term and to the cent.

`tests/official_examples` has a file for each publisher: `cen` for the EN 16931 validation artefacts of CEN and the
European Commission, `kosit` for the XRechnung test suite of KoSIT, `peppol` for the BIS Billing rules of OpenPeppol.
An example is written in each of its `formats`: most cases exist in both syntaxes. `altered` names values of a file that
contradict each other or a rule of today, such as wrong check digits; sound ones replace them here. A tax of a line is
"category rate"; `rates` lists category, rate, taxable amount and tax; `nets` the amounts of the lines. `credit` is a
credit note over the whole invoice, or one that `stands_alone`. `unread` lists the terms that the independent reader
does not keep.
"""

import tomllib
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from lxml import etree

from invoicing.core.einvoice import FORMATS, XmlFormat
from invoicing.core.identity import Moment
from invoicing.documents.einvoice import render_xml
from invoicing.invoices.model import Invoice
from invoicing.issuing.einvoice_rules import broken_rules
from invoicing.issuing.self_billing import with_roles
from invoicing.settlement.credit import CreditData
from invoicing.settlement.credit_note import credit_note
from tests.einvoices import BY
from tests.en16931 import TERMS, places
from tests.unit.test_einvoice import Read
from tests.unit.test_en16931_terms import DOCUMENTS, contents, issued
from tests.unit.test_independent_reader import UNREAD, UNREAD_IN_UBL, lacking, read
from tests.validators import findings

EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    one["source"]: one
    for file in sorted((Path(__file__).parents[1] / "official_examples").glob("*.toml"))
    for one in tomllib.loads(file.read_text(encoding="utf-8"))["example"]
}
CASES: Final[list[tuple[str, XmlFormat]]] = [
    (source, format_) for source, one in EXAMPLES.items() for format_ in one["formats"]
]
MOMENT: Final = Moment(BY, datetime(2027, 12, 31, 12, 0, tzinfo=UTC), "UTC")
"""After the issue dates of all examples."""
NOTE_ID: Final = "note_01JD8X2V6PZ3QK7M5T9WRC4HBN"
FILE_ID: Final = "file_01JD8X2V6PZ3QK7M5T9WRC4HBN"
SUPPLIER: Final = ("bank_accounts", "tax_number", "legal_information", "tax_representative")
"""The fields of a seller that a customer has as a supplier."""
SETTINGS: Final = {"xrechnung_cii": "xrechnung"}
"""The setting of a format that has none of its own."""
CREDIT_NOTES: Final = {"380": "381", "389": "261"}
"""The types of credit notes by those of their invoices."""


def stated(one: Any) -> Any:
    """The value of a request: a tax is written as its category and rate."""
    if isinstance(one, list):
        return [stated(each) for each in one]
    if not isinstance(one, dict):
        return one
    values = {name: stated(value) for name, value in one.items()}
    if isinstance(tax := values.get("tax"), str):
        category, rate = tax.split()
        values["tax"] = {"category": category, "rate": rate}
    return values


def requests_of(example: dict[str, Any], format_: XmlFormat) -> dict[str, Any]:
    """The requests that state an example, with the seller as the tenant."""
    invoice = stated(example["invoice"])
    files = enumerate(invoice.get("attachments", ()))
    invoice["attachments"] = [{"note_id": NOTE_ID, "file_id": f"{FILE_ID[:-1]}{at}", **one} for at, one in files]
    setting = FORMATS[format_].setting or SETTINGS[format_]
    return {
        "invoice": {"language": "en", **invoice},
        "tenant": {**example["seller"], "einvoice_format": setting},
        "customer": example["buyer"],
    }


def turned(requests: dict[str, Any]) -> dict[str, Any]:
    """The requests of a self-billed invoice: the tenant is the buyer, and its customer the seller."""
    seller, buyer = dict(requests["tenant"]), dict(requests["customer"])
    tenant = {
        "einvoice_format": seller.pop("einvoice_format"),
        **moved(buyer, tax_id="vat_id"),
        "party_ids": [buyer.pop("party_id")] if "party_id" in buyer else [],
    }
    if person := moved(buyer, last_name="name", phone="phone", emails="email"):
        tenant["contact"] = {**person, "email": person["email"][0] if "email" in person else None}
    first, *others = seller.pop("party_ids", []) or [None]
    contact = seller.pop("contact", {})
    customer = {
        **moved(seller, vat_id="tax_id"),
        **moved(dict(contact), name="last_name", phone="phone"),
        "emails": [contact["email"]] if "email" in contact else [],
        "party_id": first,
        "supplier": {**moved(seller, **{name: name for name in SUPPLIER}), "party_ids": others},
    }
    return {**requests, "tenant": {**buyer, **tenant}, "customer": {**seller, **customer}}


def moved(values: dict[str, Any], **names: str) -> dict[str, Any]:
    """Take the values of these names out, under their new names."""
    return {new: values.pop(old) for old, new in names.items() if old in values}


def document_of(source: str, format_: XmlFormat) -> Invoice:
    """The issued document of an example. A credit note is issued over a whole invoice unless it stands alone."""
    example = EXAMPLES[source]
    requests = requests_of(example, format_)
    self_billed = requests["invoice"].get("type_code") == "389"
    if example.get("stands_alone"):
        requests["type"] = "credit_note"
    number = example.get("number", "INV-2026-000001")
    invoice = issued(turned(requests) if self_billed else requests, MOMENT, number)
    if invoice.type == "credit_note" or not example.get("credit"):
        return invoice
    stated = CreditData(notes=invoice.notes, supporting_documents=invoice.supporting_documents)
    day = invoice.issue_date or MOMENT.at.date()
    return credit_note(invoice, (), stated, "CN-1", day=day, moment=MOMENT).document.as_issued


@pytest.mark.parametrize(("source", "format_"), CASES)
def test_an_official_example_is_expressed_to_the_cent(source: str, format_: XmlFormat) -> None:
    example = EXAMPLES[source]
    requests, document = requests_of(example, format_), document_of(source, format_)
    xml = render_xml(document, format_, contents(document))
    assert [one for one in findings(xml, format_) if one.fatal] == []
    values, ours = read(xml), Read(xml, format_)
    if example.get("credit"):
        type_code = requests["invoice"].pop("type_code", "380")
        assert ours.text(*places("BT-3")) == CREDIT_NOTES[type_code]
    unread = {*UNREAD, *example.get("unread", ()), *(UNREAD_IN_UBL if FORMATS[format_].syntax == "ubl" else ())}
    for row in TERMS.values():
        if row.state == "expressible" and row.term not in UNREAD:
            assert (row.term, row.lacking(ours, requests)) == (row.term, set())
        if row.state == "expressible" and row.term not in unread:
            assert (row.term, lacking(row, requests, values[row.term])) == (row.term, set())
    sums = {term: Decimal(ours.text(*places(f"BT-{term}")) or 0) for term in example["sums"]}
    assert sums == {term: Decimal(amount) for term, amount in example["sums"].items()}
    assert decimals(ours.texts(*places("BT-131"))) == decimals(example["nets"].split())
    assert sorted(breakdown(ours)) == sorted(tuple(row.split(" ")) for row in example["rates"])


def decimals(texts: list[str]) -> list[Decimal]:
    return [Decimal(text) for text in texts]


def breakdown(ours: Read) -> list[tuple[str, ...]]:
    """The category, rate, taxable amount and tax of each breakdown. Category O has no rate (BR-O-05)."""
    columns = [ours.texts(*places(term)) for term in ("BT-118", "BT-119", "BT-116", "BT-117")]
    if columns[0] == ["O"]:
        columns[1] = [""]
    return list(zip(*columns, strict=True))


REPEATABLE: Final = {
    "AdditionalReferencedDocument", "ApplicableProductCharacteristic", "ApplicableTradeTax",
    "DesignatedProductClassification", "GlobalID", "ID", "IncludedNote", "IncludedSupplyChainTradeLineItem",
    "SpecifiedTaxRegistration", "SpecifiedTradeAllowanceCharge", "SpecifiedTradeSettlementPaymentMeans",
    "TaxTotalAmount",
}  # fmt: skip
"""The elements that a document in CII can repeat by the schema D16B, which KoSIT validates against."""


def test_xrechnung_in_cii_satisfies_the_schema_d16b() -> None:
    repeated = set()
    for document in (*(document_of(*case) for case in CASES), *(issued(requests) for requests in DOCUMENTS.values())):
        if list(broken_rules(with_roles(document), "xrechnung_cii")):
            continue
        root = etree.fromstring(render_xml(document, "xrechnung_cii", contents(document)))
        for element in root.iter():
            names = Counter(etree.QName(child).localname for child in element)
            repeated |= {name for name, times in names.items() if times > 1}
    assert repeated <= REPEATABLE
    assert len(repeated) > 10


def test_the_examples_are_many_and_of_four_publishers() -> None:
    publishers = Counter(source.partition(":")[0] for source in EXAMPLES)
    assert publishers >= Counter({"cen": 33, "kosit": 46, "peppol": 21, "zugferd": 57})
