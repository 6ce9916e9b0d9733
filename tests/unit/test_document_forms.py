"""Document forms: colors, columns and standard texts of documents."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pikepdf
import pytest
from pydantic import ValidationError

from invoicing.core.model import ENTERED
from invoicing.document_forms.design import (
    LEAST_CONTRAST,
    OF_INVOICES,
    FormDesign,
    FormDocument,
    FormText,
    IssuedForm,
    contrast,
)
from invoicing.document_forms.model import DocumentForm, DocumentFormData
from invoicing.documents.letter import letter
from invoicing.documents.pdf import render_pdf
from invoicing.invoices.drafts.drafting import duplicated
from invoicing.invoices.lifecycle import DocumentType
from invoicing.issuing.finalizing import designed
from invoicing.settlement.credit import CreditData
from invoicing.settlement.credit_note import cancellation, credit_note
from invoicing.settlement.deposits import deposit_of
from tests import builders
from tests.builders import NOON, line_json
from tests.einvoices import MOMENT, issued
from tests.pdf_files import broken_rules
from tests.unit.test_pdf import opened, squeezed, text_of

TEN_MILLIMETRES = 28.3
"""In points."""
ID = "form_01JD8X2V6PZ3QK7M5T9WRC4HBN"
TEXTS = (
    FormText(language="de", introduction="Guten Tag", closing="Danke"),
    FormText(language="de-AT", introduction="Grüß Gott"),
    FormText(type="credit_note", language="de", closing="Gern wieder"),
    FormText(type="cancellation", language="de", note="Entschuldigung"),
    FormText(language="en", introduction="Hello"),
)

LEGAL = "Geschäftsführerin: Ada Nord · Amtsgericht Hamburg, HRB 4711"


def form(language: str = "de", **fields: Any) -> IssuedForm:
    return DocumentForm.new(ID, DocumentFormData(name="A", texts=TEXTS, **fields), moment=MOMENT).issued(language)


def printed(design: IssuedForm, **fields: Any) -> dict[str, Any]:
    return letter(issued(**fields).model_copy(update={"form": design}).listed)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#ffffff") == pytest.approx(1)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#0a5aa0", "#f5f6f8") > LEAST_CONTRAST


def test_forms_have_texts_for_every_type_of_document() -> None:
    assert set(get_args(FormDocument)) - OF_INVOICES == set(get_args(DocumentType))


@pytest.mark.parametrize(
    ("type_", "fields"),
    [
        ("deposit", {"purpose": "deposit"}),
        ("deposit", {"purpose": "deposit", "type_code": "875"}),
        ("final", {"deposits": True}),
        ("self_billed", {"type_code": "389"}),
        ("invoice", {"type_code": "384"}),
    ],
)
def test_special_invoices_have_texts_of_their_own(type_: FormDocument, fields: dict[str, Any]) -> None:
    own = FormText(type=type_, language="de", introduction="Eigene", note="")
    design = IssuedForm(id=ID, name="A", texts=(own, *TEXTS[:1]) if type_ != "invoice" else TEXTS[:1])
    expected = {"introduction": "Guten Tag" if type_ == "invoice" else "Eigene", "closing": "Danke"}
    document = issued(introduction=None, note=None, closing=None, **{**fields, "deposits": []})
    if "deposits" in fields:
        document = document.model_copy(update={"deposits": (deposit_of(issued(purpose="deposit"), ()),)})
    texts = designed(document, design)
    assert texts == {"form": design, "note": None if type_ == "invoice" else "", **expected}
    copied = duplicated(document.model_copy(update=texts))
    assert (copied.introduction, copied.note, copied.closing) == (None, None, None)


@pytest.mark.parametrize(
    ("language", "introduction"), [("de", "Guten Tag"), ("de-AT", "Grüß Gott"), ("de-CH", "Guten Tag"), ("fr", None)]
)
def test_standard_texts_are_those_of_the_language(language: str, introduction: str | None) -> None:
    assert form(language).completed("invoice", {"introduction": None})["introduction"] == introduction


def test_a_text_of_the_document_replaces_the_standard_one() -> None:
    draft = issued(introduction="", closing=None, note=None)
    assert designed(draft, form()) == {"form": form(), "introduction": "", "note": None, "closing": "Danke"}
    assert designed(draft, None) == {"form": None, "introduction": "", "note": None, "closing": None}


def test_credits_have_the_form_of_their_invoice() -> None:
    invoice = issued().model_copy(update={"form": form()})
    own = CreditData(introduction="Wie besprochen")
    note = credit_note(invoice, (), own, "CN-1", day=NOON.date(), moment=MOMENT).document
    canceled = cancellation(invoice, (), "CA-1", day=NOON.date(), moment=MOMENT).document
    assert note.form == canceled.form == invoice.form
    assert (note.introduction, note.note, note.closing) == ("Wie besprochen", None, "Gern wieder")
    assert (canceled.introduction, canceled.note, canceled.closing) == (None, "Entschuldigung", None)


@pytest.mark.parametrize(
    ("lines", "hidden"),
    [
        ([line_json(quantity="1")], ["position", "quantity", "unit_price", "tax"]),
        ([line_json(quantity="2")], ["position", "tax"]),
        ([line_json(quantity="1", unit="HUR")], ["position", "unit_price", "tax"]),
        ([line_json(quantity="1", discount={"percent": "5"})], ["position", "quantity", "tax"]),
        (
            [line_json(quantity="1"), line_json(quantity="1", tax={"category": "S", "rate": "7"})],
            ["position", "quantity", "unit_price"],
        ),
    ],
)
def test_hidden_columns_are_printed_where_the_law_requires(lines: list[Any], hidden: list[str]) -> None:
    design = form(columns=())
    assert printed(design, lines=lines)["hidden"] == hidden
    assert printed(form(), lines=lines)["hidden"] == []
    file = render_pdf(issued(lines=lines).model_copy(update={"form": design}))
    assert broken_rules(file) == []


def test_tax_numbers_move_beside_the_address_without_a_foot() -> None:
    made = printed(form().model_copy(update={"show_company": False}))
    assert (made["footer"], made["legal"]) == ([], "")
    assert {"DE123456788", "48/123/45678"} <= {value for _, value in made["facts"]}


@pytest.mark.parametrize(("closing", "shown"), [(None, LEGAL), ("Danke", f"Danke\n\n{LEGAL}")])
def test_legal_information_is_printed_without_a_foot_too(closing: str | None, shown: str) -> None:
    seller = builders.tenant().model_copy(update={"legal_information": LEGAL.replace(" · ", "\n")})
    document = issued(tenant=seller, closing=closing)
    for show_company, expected in ((True, (closing, LEGAL)), (False, (shown, ""))):
        design = form().model_copy(update={"show_company": show_company})
        made = letter(document.model_copy(update={"form": design}).listed)
        assert (made["closing"], made["legal"]) == expected


def test_color_and_footer_are_on_the_pages() -> None:
    document = issued().model_copy(update={"form": form(accent_color="#0a5aa0", footer="Es gelten\nunsere AGB.")})
    file = render_pdf(document)
    assert broken_rules(file) == []
    assert squeezed("Es gelten unsere AGB.") in text_of(file)
    assert file != render_pdf(document.model_copy(update={"form": None}))


def test_footers_with_many_line_breaks_can_still_be_read() -> None:
    assert FormDesign.model_validate_json(json.dumps({"footer": "\n" * 70})).footer is not None
    FormDesign.model_validate_json(json.dumps({"footer": "a\nb\nc\nd\ne\nf"}), context=ENTERED)
    with pytest.raises(ValidationError, match="at most 5 line breaks"):
        FormDesign.model_validate_json(json.dumps({"footer": "a\nb\nc\nd\ne\nf\ng"}), context=ENTERED)


LONGEST = {
    "name": "Nordlicht " * 20,
    "trading_name": "Nord und Licht " * 13,
    "legal_information": "Geschäftsführerin: Ada Nord\n" * 17,
}


@pytest.mark.parametrize("seller", [{}, LONGEST], ids=["usual company", "long company data"])
@pytest.mark.parametrize(
    "footer", [None, "株" * 300, "W " * 150, "AGB " * 70 + "\na\nb\nc\nd\ne", "a" + "\n" * 69 + "b"]
)
def test_the_foot_of_a_page_stays_on_the_sheet(footer: str | None, seller: dict[str, Any]) -> None:
    document = issued()
    company = document.seller.model_copy(update=seller) if document.seller else None
    file = render_pdf(document.model_copy(update={"form": form(footer=footer), "seller": company}))
    with opened(file) as pdf:
        assert all(min(_baselines(page)) > TEN_MILLIMETRES for page in pdf.pages)


def _baselines(page: pikepdf.Page) -> Iterator[float]:
    """The height of each text above the lower edge of the page, in points."""
    here, outer, text = pikepdf.Matrix(), list[pikepdf.Matrix](), pikepdf.Matrix()
    for instruction in pikepdf.parse_content_stream(page):
        operands = instruction.operands
        match str(instruction.operator):
            case "q":
                outer.append(here)
            case "Q":
                here = outer.pop()
            case "cm":
                here = pikepdf.Matrix(*map(float, operands)) @ here
            case "Tm":
                text = pikepdf.Matrix(*map(float, operands))
            case "Tj" | "TJ":
                yield (text @ here).f


def test_other_functions_do_not_load_the_model_of_forms() -> None:
    program = """
import sys
from functions.customers import create_customer
from functions.invoices import create_invoice, finalize_invoice, get_invoice
print([name for name in sys.modules if name.startswith("invoicing.document_forms.") and name.endswith(".model")])
"""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
