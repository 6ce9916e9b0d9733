"""Each business term of EN 16931 is given by a field of the API or computed, and read back from both syntaxes."""

import hashlib
import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import pytest

import invoicing.documents
from invoicing.core.einvoice import FORMATS, XmlFormat
from invoicing.core.errors import Invalid
from invoicing.core.identity import Moment
from invoicing.core.ids import new_id
from invoicing.customers.model import Customer
from invoicing.documents.einvoice import EmbeddedFile as Content
from invoicing.documents.einvoice import render_xml
from invoicing.invoices.drafts.model import ChangedInvoice, NewInvoice
from invoicing.invoices.model import Invoice
from invoicing.issuing.einvoice_rules import broken_rules
from invoicing.issuing.finalizing import Parties, finalized
from invoicing.notes.attaching import attachments
from invoicing.notes.model import NoteFile
from invoicing.tenants.model import TenantData
from tests.builders import NOON, line_json
from tests.einvoices import BUYER, GERMAN_FORMATS, INVOICE, MOMENT, TENANT
from tests.en16931 import REQUESTS, TERMS, counts, fields_of_requests
from tests.unit.test_einvoice import Read
from tests.unit.test_line_details import DETAILS
from tests.validators import findings

GLN, LEI = "4006381333931", "213800KUD8LAJWSQ9D15"
PLACE = {"line1": "Ring 1", "line2": "Stiege 2", "postal_code": "1010", "city": "Wien", "region": "W", "country": "AT"}
SELLER: dict[str, Any] = {
    "name": "Nordlicht Werkzeuge GmbH",
    "address": {
        "line1": "Hafenstraße 12",
        "line2": "Haus B",
        "line3": "Tor 3",
        "postal_code": "20457",
        "city": "Hamburg",
        "region": "HH",
        "country": "DE",
    },
    "vat_id": "DE123456788",
    "tax_number": "48/123/45678",
    "legal_id": LEI,
    "legal_id_scheme": "0199",
    "trading_name": "Nordlicht",
    "party_ids": [{"id": "L-4711"}, {"id": GLN, "scheme": "0088"}],
    "legal_information": "Geschäftsführerin: Ada Nord\nAmtsgericht Hamburg",
    "tax_representative": {"name": "Steuer GmbH", "vat_id": "ATU13585627", "address": {**PLACE, "line3": "Tor 5"}},
    "contact": {"name": "Buchhaltung", "phone": "+49 40 123456", "email": "rechnung@nordlicht.example"},
    "electronic_address": {"scheme": "9930", "id": "DE123456788"},
}
CUSTOMER: dict[str, Any] = {
    **BUYER,
    "leitweg_id": None,
    "address": {**BUYER["address"], "line3": "Tor 4", "region": "SN"},
    "legal_id": "7LTWFZYICNSX8D621K86",
    "legal_id_scheme": "0199",
    "trading_name": "Süßes",
    "party_id": {"id": "4012345000009", "scheme": "0088"},
    "electronic_address": {"scheme": "0088", "id": "4012345000009"},
}
LINE: dict[str, Any] = {
    "name": "Bohrfutter",
    "description": "13 mm, Schnellspann",
    "quantity": "20",
    "unit": "H87",
    "gross_price": "60.00",
    "price_discount": "10.00",
    "unit_price": "50.00",
    "price_base_quantity": "10",
    "net": "94.01",
    "allowances": [{"amount": "10.00", "percent": "10", "base": "100.00", "reason": "Rabatt", "reason_code": "95"}],
    "charges": [{"amount": "4.00", "percent": "5", "base": "80.00", "reason": "Verpackung", "reason_code": "PC"}],
    "tax": {"category": "S", "rate": "19"},
    "period": {"start": "2026-02-03", "end": "2026-02-20"},
    **DETAILS,
}
FULL: dict[str, Any] = {
    "currency": "USD",
    "tax_currency": "EUR",
    "exchange_rate": "0.9234",
    "language": "de",
    "type_code": "380",
    "issue_date": "2026-03-10",
    "due_date": "2026-04-01",
    "tax_point_date": "2026-02-28",
    "delivery_date": "2026-02-14",
    "service_period": {"start": "2026-02-01", "end": "2026-02-28"},
    "buyer_reference": "BT-10",
    "project_reference": "P-11",
    "contract_reference": "V-12",
    "purchase_order_id": "PO-13",
    "sales_order_id": "AB-14",
    "receiving_reference": "WE-15",
    "despatch_reference": "LS-16",
    "tender_reference": "V-17",
    "object_id": "Z-18",
    "object_scheme": "ABZ",
    "accounting_reference": "KST-19",
    "payment_terms_text": "Bei Verzug 9 Prozentpunkte.",
    "notes": [{"text": "Eigentumsvorbehalt", "subject_code": "AAB"}],
    "business_process": "B1",
    "references": [{"number": "INV-25", "issue_date": "2025-12-26"}],
    "payee": {
        "name": "Factor AG",
        "id": "5790000435951",
        "id_scheme": "0088",
        "legal_id": "529900T8BM49AURSDO55",
        "legal_id_scheme": "0199",
    },
    "ship_to": {**PLACE, "line3": "Tor 6", "name": "Lager Süd", "location_id": GLN, "location_id_scheme": "0088"},
    "payment_method": "bank_transfer",
    "payment_means_code": "31",
    "payment_means_text": "Überweisung",
    "payment_reference": "RF-83",
    "allowances": [
        {
            "amount": "9.40",
            "percent": "10",
            "base": "94.00",
            "reason": "Treue",
            "reason_code": "100",
            "tax": {"category": "S", "rate": "19"},
        }
    ],
    "charges": [
        {
            "amount": "3.00",
            "percent": "4",
            "base": "75.00",
            "reason": "Fracht",
            "reason_code": "FC",
            "tax": {"category": "S", "rate": "19"},
        }
    ],
    "prepaid": {"amount": "10.00"},
    "rounding": "0.02",
    "supporting_documents": [
        {"reference": "S-122", "description": "Stundenzettel", "url": "https://example.com/stunden"}
    ],
    "attachments": [
        {
            "note_id": "note_01JD8X2V6PZ3QK7M5T9WRC4HBN",
            "file_id": "file_01JD8X2V6PZ3QK7M5T9WRC4HBN",
            "description": "Lieferschein",
            "reference": "LS-16",
            "url": "https://example.com/lieferschein",
        }
    ],
    "lines": [LINE],
}
ACCOUNT = {"id": "main", "account_holder": "Factor AG", "iban": "DE75512108001245126199", "bic": "SOGEDEFFXXX"}
MANDATE = {"reference": "M-89", "iban": "DE02120300000000202051", "signed_on": "2026-01-01"}
EXEMPT = {"category": "E", "exemption_reason": "§ 4 Nr. 21 UStG", "exemption_code": "VATEX-EU-132-1I"}
OUTSIDE = {"category": "O", "exemption_reason": "Nicht steuerbar"}
SHORT = {**INVOICE, "buyer_reference": "BT-10"}
_ONLY_OF_INVOICES = ("type_code", "prepaid", "rounding")
CREDIT = {name: value for name, value in FULL.items() if name not in _ONLY_OF_INVOICES}
"""The same fields on a credit note that refers to no stored invoice."""
_IDENTIFIED = {name: value for name, value in SELLER.items() if name not in ("vat_id", "tax_representative")}
DOCUMENTS: Final[dict[str, dict[str, Any]]] = {
    "transfer": {"invoice": FULL, "tenant": {**SELLER, "bank_accounts": [ACCOUNT]}, "customer": CUSTOMER},
    "credit note": {
        "type": "credit_note",
        "invoice": CREDIT,
        "tenant": {**SELLER, "bank_accounts": [ACCOUNT]},
        "customer": CUSTOMER,
    },
    "credit note by debit": {
        "type": "credit_note",
        "invoice": {
            **SHORT,
            "due_date": "2026-04-01",
            "payment_method": "sepa_direct_debit",
            "mandate": MANDATE,
            "tax_point_code": "35",
            "references": [{"number": "INV-25"}],
        },
        "tenant": {**SELLER, "creditor_id": "DE98ZZZ09999999999"},
        "customer": CUSTOMER,
    },
    "debit": {
        "invoice": {
            **SHORT,
            "payment_method": "sepa_direct_debit",
            "mandate": MANDATE,
            "tax_point_code": "432",
            "lines": [line_json(tax=EXEMPT)],
        },
        "tenant": {**SELLER, "creditor_id": "DE98ZZZ09999999999"},
        "customer": CUSTOMER,
    },
    "card": {
        "invoice": {
            **SHORT,
            "payment_method": "card",
            "card": {"last_digits": "4242", "holder": "Max Süß"},
            # Terms in words replace the due date (BR-CO-25).
            "payment_terms": {},
            "payment_terms_text": "Sofort zahlbar.",
        },
        "tenant": SELLER,
        "customer": CUSTOMER,
    },
    "outside the scope of VAT": {
        "invoice": {**SHORT, "lines": [line_json(tax=OUTSIDE)]},
        "tenant": {**_IDENTIFIED, "bank_accounts": [ACCOUNT]},
        "customer": {**CUSTOMER, "tax_id": None},
    },
}


def stored(file_id: str) -> NoteFile:
    """A file whose content is its id."""
    return NoteFile(
        id=file_id,
        name=f"{file_id}.pdf",
        content_type="application/pdf",
        size=len(file_id),
        sha256=hashlib.sha256(file_id.encode()).hexdigest(),
        status="available",
        created_at=NOON,
    )


def contents(document: Invoice) -> list[Content]:
    """The files that a document contains."""
    return [
        Content(
            one.name, one.content_type, one.source.file_id.encode(), one.description,
            reference=one.reference, url=one.url,
        )
        for one in document.attachments
    ]  # fmt: skip


def issued(requests: dict[str, Any], moment: Moment = MOMENT, number: str = "INV-2026-000001") -> Invoice:
    """The document of the three requests, issued at noon or another moment: an invoice unless they name a `type`."""
    tenant_data, customer_data, data = (
        REQUESTS[name].model_validate_json(json.dumps(requests[name])) for name in ("tenant", "customer", "invoice")
    )
    assert isinstance(tenant_data, TenantData)
    assert isinstance(data, ChangedInvoice)
    tenant = TENANT.changed(tenant_data, moment)
    customer = Customer.new(new_id("cus", NOON), customer_data, moment)  # type: ignore[arg-type]
    empty = Invoice.draft(new_id("inv", NOON), NewInvoice(), customer=customer, tenant=tenant, moment=moment)
    empty = empty.model_copy(update={"type": requests.get("type", "invoice")})
    draft = empty.changed(data, customer=customer, tenant=tenant, moment=moment)
    files = {(one.note_id, one.file_id): stored(one.file_id) for one in data.attachments}
    return finalized(
        draft.model_copy(update={"attachments": attachments(data.attachments, files)}),
        number,
        Parties(tenant, customer),
        issue_date=draft.issue_date or moment.at.date(),
        due_date=draft.due_date,
        moment=moment,
    )


def without_process(requests: dict[str, Any]) -> dict[str, Any]:
    """The requests without a business process (BT-23), which Peppol fixes."""
    return {**requests, "invoice": {**requests["invoice"], "business_process": None}}


def test_no_term_is_missing() -> None:
    assert [term for term in TERMS if term.count("-") == 1] == [f"BT-{n}" for n in range(1, 166) if n != 4]
    fields = fields_of_requests()
    assert [row.term for row in TERMS.values() if row.state == "expressible" and row.source not in fields] == []
    assert [row.term for row in TERMS.values() if row.state == "computed" and not row.source] == []


def test_the_table_agrees_with_the_documentation_of_fields() -> None:
    documented: dict[str, set[str]] = {}
    for path, text in fields_of_requests().items():
        for term in re.findall(r"BT-\d+(?:-\d)?", text):
            documented.setdefault(term, set()).add(path)
    assert len(documented) > 100
    other = {
        term: paths
        for term, paths in documented.items()
        if not any(f"{TERMS[term].source}.".startswith(f"{path}.") for path in paths)
    }
    assert other == {}


def test_terms_exclude_each_other_on_both_sides() -> None:
    pairs = {(row.term, other) for row in TERMS.values() for other in row.excludes.split()}
    assert pairs == {(other, term) for term, other in pairs}
    for requests in DOCUMENTS.values():
        given = {row.term for row in TERMS.values() if row.state == "expressible" and row.given(requests)}
        assert [pair for pair in combinations(sorted(given), 2) if pair in pairs] == []


def test_a_credit_note_has_the_terms_of_an_invoice() -> None:
    given = {
        name: {row.term for row in TERMS.values() if row.state == "expressible" and row.given(DOCUMENTS[name])}
        for name in ("transfer", "credit note")
    }
    assert given["credit note"] == {term for term in given["transfer"] if not TERMS[term].only}


def test_only_an_invoice_states_some_terms() -> None:
    assert {row.source.removeprefix("invoice.") for row in TERMS.values() if row.only} == {
        "type_code",
        "prepaid.amount",
        "rounding",
    }
    for name in _ONLY_OF_INVOICES:
        requests = {**DOCUMENTS["credit note"], "invoice": {**CREDIT, name: FULL[name]}}
        with pytest.raises(Invalid) as refused:
            issued(requests)
        assert refused.value.errors[0].pointer == f"/{name}"


def test_the_documents_together_fill_every_term() -> None:
    lacking = {row.term for row in TERMS.values() if row.state == "expressible"}
    for requests in DOCUMENTS.values():
        lacking -= {term for term in lacking if TERMS[term].given(requests)}
    assert lacking == set()


@pytest.mark.parametrize("format_", FORMATS)
def test_every_term_is_read_back_with_its_value(format_: XmlFormat) -> None:
    """The documents are of German parties, so they break rules of other countries' formats: those that the gate names.

    No package has the rules of Romania, so those are compared in one direction.
    """
    computed = {row.term for row in TERMS.values() if row.state == "computed"}
    for name, stated in DOCUMENTS.items():
        requests = without_process(stated) if "peppol" in FORMATS[format_].rules else stated
        document = issued(requests)
        xml = render_xml(document, format_, contents(document))
        refused = {one.code for one in broken_rules(document, format_)}
        official = {one.rule.partition("_")[0] for one in findings(xml, format_) if one.fatal}
        assert official == {code for code in refused if not code.startswith("BR-RO-")}, name
        assert format_ not in GERMAN_FORMATS or refused == set(), name
        read = Read(xml, format_)
        wrong = {row.term: row.lacking(read, requests) for row in TERMS.values() if row.state == "expressible"}
        assert {term: values for term, values in wrong.items() if values} == {}, name
        computed -= {term for term in computed if read.text(*TERMS[term].places)}
    assert computed == set()


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_an_embedded_file_has_its_own_reference_and_location(format_: XmlFormat) -> None:
    document = issued(without_process(DOCUMENTS["transfer"]))
    read = Read(render_xml(document, format_, contents(document)), format_)
    assert "LS-16" in read.texts(*TERMS["BT-122"].places)
    assert "https://example.com/lieferschein" in read.texts(*TERMS["BT-124"].places)
    plain = [file._replace(reference=None, url=None) for file in contents(document)]
    assert plain[0].name in Read(render_xml(document, format_, plain), format_).texts(*TERMS["BT-122"].places)


def test_the_documentation_counts_the_terms() -> None:
    text = " ".join((Path(invoicing.documents.__file__).parent / "README.md").read_text(encoding="utf-8").split())
    number = counts()
    assert (
        f"Of the {sum(number.values())} business terms, requests can state {number['expressible']}, "
        f"and {number['computed']} are computed."
    ) in text
