"""The conditions under which the pages of a document can be rendered."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.glyphs import assigned, printed
from invoicing.core.einvoice import DocumentNote
from invoicing.core.model import MOST_LINE_BREAKS
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.invoices.model import Invoice
from invoicing.issuing.errors import NotPrintable
from invoicing.issuing.glyphs import FAMILIES, unprintable
from invoicing.issuing.printing import require_bounded, unprintable_texts
from invoicing.issuing.warnings import warnings_of
from invoicing.settlement.credit import CreditData
from invoicing.settlement.credit_note import credit_note
from tests.builders import NOON, line_json, tenant
from tests.einvoices import MOMENT, issued
from tests.unit.test_pdf import CUSTOMER, INVOICE, LINE, pdf_of, text_of

THAI = "บริษัท ไทย"


def refused(**fields: Any) -> list[tuple[str, str]]:
    with pytest.raises(NotPrintable) as raised:
        issued(**fields)
    return [(one.code, one.pointer) for one in raised.value.errors]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"title": THAI}, "/title"),
        ({"note": f"Danke {THAI}"}, "/note"),
        ({"buyer": {"name": THAI}}, "/customer/name"),
        ({"buyer": {"address": {"city": THAI, "line1": "1", "country": "TH"}}}, "/customer/address/city"),
        ({"lines": [line_json(), line_json(description="gut 😀")]}, "/lines/1/description"),
        ({"lines": [line_json(discount={"percent": "5", "reason": THAI})]}, "/lines/0/discount/reason"),
        ({"lines": [line_json(classifications=[{"id": THAI, "scheme": "HS"}])]}, "/lines/0/classifications/0/id"),
        ({"buyer": {"party_id": {"id": THAI}}}, "/customer/party_id/id"),
        ({"payee": {"name": "Factor AG", "legal_id": THAI}}, "/payee/legal_id"),
        ({"custom_attributes": [{"name": "Projekt", "value": THAI}]}, "/custom_attributes/0/value"),
    ],
)
def test_text_that_no_font_has_is_refused_with_a_pointer(fields: dict[str, Any], pointer: str) -> None:
    assert refused(**fields) == [("UNPRINTABLE_CHARACTER", pointer)]


def test_text_that_is_not_printed_may_have_any_character() -> None:
    assert issued(internal_note=THAI, metadata={"name": THAI}).number


@pytest.mark.parametrize(
    "text",
    ["Łódź", "שלום", "شركة النور", "株式会社", "서울", "Ψηφίο", "Ромашка", "n\u0308", "„“€", "ä\" \\ '"],
)
def test_text_in_the_scripts_of_the_fonts_is_issued(text: str) -> None:
    assert unprintable(text) is None
    assert "[U+" not in text_of(pdf_of({**INVOICE, "customer": {**CUSTOMER, "name": text}}))


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Co", "Cn"]), min_size=1, max_size=12))
def test_text_that_passes_is_printed_as_it_is(text: str) -> None:
    # A title of spaces alone is refused.
    if text.split() and unprintable(text) is None:
        assert "[U+" not in text_of(pdf_of({**INVOICE, "title": text}))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.text(st.sampled_from('a"\\u0 é\u0301\u200d\u0e1a株\u202e\n\x07'), max_size=5), min_size=3, max_size=3)
)
def test_all_texts_at_once_pass_as_each_alone(texts: list[str]) -> None:
    title, note, closing = texts
    invoice = issued().model_copy(update={"title": title, "note": note, "closing": closing})
    assert len([*unprintable_texts(invoice)]) == sum(unprintable(one) is not None for one in texts)


@pytest.mark.parametrize("text", ["\n\u0301", "\t\u0301", "a\n\u0301b"])
def test_a_mark_behind_a_line_break_is_refused(text: str) -> None:
    invoice = issued().model_copy(update={"note": text})
    assert [one.pointer for one in unprintable_texts(invoice)] == ["/note"]


def test_the_file_of_glyphs_is_that_of_the_fonts() -> None:
    dice = random.Random("glyphs")
    characters = {*dice.sample(assigned(), 4_000), *map(chr, range(0x20, 0x7F)), *map(chr, range(0xA0, 0x250))}
    found = set().union(*(printed(family, characters) for family in FAMILIES))
    assert {one for one in characters if unprintable(one) is None} - found <= {
        one for one in characters if one.isspace()
    }
    assert not {one for one in found if unprintable(one) is not None}


def test_a_draft_warns_of_text_that_cannot_be_printed() -> None:
    company = tenant()
    data = NewInvoice.model_validate({"title": THAI, "lines": [line_json()]}, strict=False)
    draft = Invoice.draft("inv_01JD8X2V6PZ3QK7M5T9WRC4HBN", data, customer=None, tenant=company, moment=MOMENT)
    assert [(one.code, one.pointer) for one in warnings_of(draft)] == [("UNPRINTABLE_CHARACTER", "/title")]


def test_the_texts_of_a_credit_note_can_be_printed() -> None:
    for data, pointer in (
        (CreditData(closing=THAI), "/closing"),
        (CreditData(notes=(DocumentNote(text=THAI),)), "/notes/0/text"),
    ):
        with pytest.raises(NotPrintable) as raised:
            credit_note(issued(), [], data, "CN-1", day=NOON.date(), moment=MOMENT)
        assert [one.pointer for one in raised.value.errors] == [pointer]


def test_a_text_has_a_bounded_number_of_lines() -> None:
    assert issued(lines=[line_json(description="x\n" * MOST_LINE_BREAKS + "x")]).number
    long = "x\n" * (MOST_LINE_BREAKS + 1) + "x"
    assert refused(lines=[line_json(description=long)]) == [("TEXT_TOO_LONG", "/lines/0/description")]
    assert refused(note=long) == [("TEXT_TOO_LONG", "/note")]


def test_a_document_has_a_bounded_number_of_rows() -> None:
    lines = [line_json(unit_price="0.01", description="x\n" * MOST_LINE_BREAKS + "x") for _ in range(100)]
    assert refused(lines=lines) == [("TEXT_TOO_LONG", "/lines")]
    wide = [line_json(unit_price="0.01", description="x" * 5_000) for _ in range(250)]
    assert refused(lines=wide) == [("TEXT_TOO_LONG", "/lines")]


def test_a_draft_of_hundreds_of_pages_is_too_long() -> None:
    lines = [line_json(unit_price="0.01", description="x\n" * 2_499 + "x") for _ in range(150)]
    company = tenant()
    data = NewInvoice.model_validate({"lines": lines}, strict=False)
    draft = Invoice.draft("inv_01JD8X2V6PZ3QK7M5T9WRC4HBN", data, customer=None, tenant=company, moment=MOMENT)
    with pytest.raises(NotPrintable):
        require_bounded(draft)


def test_the_longest_document_is_rendered() -> None:
    lines = [
        {**LINE, "id": f"lin_01JD8X2V6PZ3QK7M5T9WR{place:05}", "description": "x\n" * 150 + "x"} for place in range(120)
    ]
    file = pdf_of({**INVOICE, "lines": lines})
    assert 1_000_000 < len(file) < 4_000_000
