import io
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invoicing.core.identity import Caller, Moment
from invoicing.core.ids import new_id
from invoicing.documents.letter import letter
from invoicing.documents.pdf import render_pdf
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.invoices.model import Invoice
from invoicing.issuing.finalizing import Parties, finalized
from tests.builders import NOON, tenant

LINE: dict[str, Any] = {
    "id": "lin_01JD8X2V6PZ3QK7M5T9WRC4HBN",
    "name": "Oak desk organiser",
    "description": "Solid oak, oiled.",
    "quantity": "3",
    "unit": "C62",
    "unit_price": "411.52",
    "price_base_quantity": "1",
    "discount": None,
    "tax": {"category": "S", "rate": "19", "exemption_reason": None},
    "net": "1234.56",
    "tax_amount": "234.57",
    "total": "1469.13",
    "period": None,
    "serial_number": None,
}
ADDRESS = {
    "line1": "Lindenstr. 14",
    "line2": None,
    "postal_code": "10969",
    "city": "Berlin",
    "region": None,
    "country": "DE",
}
CUSTOMER: dict[str, Any] = {"type": "company", "name": "Atelier Lumen", "address": ADDRESS, "tax_id": None}
INVOICE: dict[str, Any] = {
    "type": "invoice",
    "status": "open",
    "number": "INV-2026-000042",
    "language": "en",
    "currency": "EUR",
    "customer": CUSTOMER,
    "seller": {
        "name": "Nordlicht GmbH",
        "address": ADDRESS,
        "vat_id": "DE123456789",
        "bank_accounts": [
            {
                "id": "main",
                "name": "Hauptkonto",
                "account_holder": None,
                "iban": "DE02120300000000202051",
                "bic": "BYLADEM1001",
            }
        ],
    },
    "ship_to": None,
    "price_tax_inclusive": False,
    "issue_date": "2026-11-20",
    "due_date": "2026-12-04",
    "service_period": None,
    "payment_terms": {"days": 14, "discount_percent": "2", "discount_days": 7},
    "payment_method": None,
    "payment_reference": None,
    "bank_account_id": None,
    "purchase_order_id": None,
    "contract_reference": None,
    "buyer_reference": None,
    "references": [],
    "custom_attributes": [],
    "lines": [LINE],
    "discount": None,
    "shipping": None,
    "subtotal": "1234.56",
    "discount_amount": "0.00",
    "shipping_cost": "0.00",
    "tax_breakdown": [{"category": "S", "rate": "19", "taxable": "1234.56", "tax": "234.57"}],
    "tax": "234.57",
    "tax_currency": None,
    "exchange_rate": None,
    "total": "1469.13",
    "paid": "0.00",
    "credited": "0.00",
    "cash_discount_taken": "0.00",
    "written_off": "0.00",
    "due": "1469.13",
    "refund_due": "0.00",
    "credit_settlement": None,
    "title": None,
    "introduction": None,
    "note": None,
    "closing": None,
    "id": "inv_01JD8X2V6PZ3QK7M5T9WRC4HBN",
    "created_at": "2026-11-19T10:00:00.000Z",
    "updated_at": "2026-11-20T10:00:00.000Z",
    "refunded": "0.00",
    "canceled_amount": "0.00",
    "cash_discount_granted": "0.00",
}


def invoice_of(fields: dict[str, Any]) -> Invoice:
    """A document with these fields."""
    return Invoice.model_validate_json(json.dumps(fields))


def pdf_of(fields: dict[str, Any]) -> bytes:
    return render_pdf(invoice_of(fields))


def letter_of(fields: dict[str, Any]) -> dict[str, Any]:
    return letter(invoice_of(fields))


def opened(file: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(file))


def text_of(file: bytes) -> str:
    """The text that a reader can copy from the pages: glyphs through each font's ToUnicode map, without spaces."""
    return "".join(page_text(page) for page in opened(file).pages).replace("\u200b", "")


def page_text(page: pikepdf.Page) -> str:
    return re.sub(r"\s", "", "".join(_runs(page)))


def _runs(page: pikepdf.Page) -> Iterator[str]:
    """The page's pieces of text, each of one line at most."""
    fonts = {name: _unicode_map(font) for name, font in page.resources["/Font"].items()}
    font: dict[bytes, str] = {}
    for instruction in pikepdf.parse_content_stream(page):
        operands, operator = instruction.operands, str(instruction.operator)
        if operator == "Tf":
            font = fonts[str(operands[0])]
        elif operator in {"Tj", "TJ"}:
            parts = operands[0] if operator == "TJ" else operands
            glyphs = b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))
            yield "".join(font.get(glyphs[at : at + 2], "") for at in range(0, len(glyphs), 2))


def _unicode_map(font: pikepdf.Object) -> dict[bytes, str]:
    source = font["/ToUnicode"].read_bytes().decode("latin-1")
    pairs = re.findall(r"<([0-9a-fA-F]{4})>\s*<([0-9a-fA-F]+)>\s", source)
    return {bytes.fromhex(glyph): bytes.fromhex(text).decode("utf-16-be") for glyph, text in pairs}


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_a_pdf_a_3b_file_has_title_author_and_language() -> None:
    file = pdf_of(INVOICE)
    assert file.startswith(b"%PDF-")
    with opened(file) as pdf, pdf.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "B")
        assert metadata["dc:title"] == "Invoice INV-2026-000042"
        assert metadata["dc:creator"] == ["Nordlicht GmbH"]
        assert str(pdf.Root["/Lang"]) == "en"
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20261120")


def test_an_invoice_is_printed_in_its_api_form() -> None:
    company = tenant()
    by = Caller.system(company.id)
    said = NewInvoice.model_validate_json(
        """{"customer": {"name": "Atelier Lumen", "address": {"city": "Paris", "country": "FR"}}, "currency": "EUR",
        "price_tax_inclusive": true, "discount": {"percent": "10"}, "shipping": {"amount": "4.90"}, "lines": [
        {"name": "A", "quantity": 3, "unit_price": "9.99", "tax": {"category": "S", "rate": 19}},
        {"name": "B", "unit_price": "4.95", "tax": {"category": "S", "rate": "19"}},
        {"name": "C", "quantity": "7", "unit_price": "1.29", "tax": {"category": "S", "rate": "7"}}]}"""
    )
    draft = Invoice.draft(new_id("inv", NOON), said, customer=None, tenant=company, moment=Moment(by, NOON, "UTC"))
    day = NOON.date()
    issued = finalized(draft, "RE-7", Parties(company, None), issue_date=day, moment=Moment(by, NOON, "UTC"))
    assert "ENTWURF" in text_of(render_pdf(draft))
    text = text_of(render_pdf(issued))
    for words in ("Rechnung RE-7", "FRANKREICH", "USt. 19 % auf 29,67 €", "44,45 €", "24.03.2026"):
        assert squeezed(words) in text


def test_the_same_invoice_always_gives_the_same_bytes() -> None:
    first = pdf_of(INVOICE)
    other = pdf_of({**INVOICE, "number": "INV-2026-000043"})
    assert pdf_of(INVOICE) == first != other


def test_the_pages_can_be_searched_for_number_customer_and_total() -> None:
    text = text_of(pdf_of(INVOICE))
    for words in ("INV-2026-000042", "Atelier Lumen", "€1,469.13", "DE02 1203 0000 0000 2020 51", "Page 1 of 1"):
        assert squeezed(words) in text


@pytest.mark.parametrize(
    ("language", "title", "total"),
    [
        ("de", "Rechnung", "1.469,13 €"),
        ("fr", "Facture", "1 469,13 €"),
        ("en-GB", "Invoice", "€1,469.13"),
        ("de-CH", "Rechnung", "EUR 1’469.13"),  # noqa: RUF001 — CLDR's separator
    ],
)
def test_words_and_amounts_are_in_the_language_of_the_document(language: str, title: str, total: str) -> None:
    text = text_of(pdf_of({**INVOICE, "language": language}))
    assert title in text
    assert squeezed(total) in text


def test_each_page_of_a_long_table_repeats_its_header() -> None:
    lines = [{**LINE, "id": f"lin_01JD8X2V6PZ3QK7M5T9WR{place:05}", "name": f"Thing {place}"} for place in range(1, 61)]
    file = pdf_of({**INVOICE, "lines": lines})
    with opened(file) as pdf:
        texts = [page_text(page) for page in pdf.pages]
    assert len(texts) == 4
    assert all("Description" in text for text in texts)
    assert [f"Page{place}of4" in text for place, text in enumerate(texts, 1)] == [True] * 4
    assert all(f"Thing{place}" in "".join(texts) for place in range(1, 61))


def test_each_page_of_a_long_table_shows_the_running_total() -> None:
    lines = [
        {**LINE, "id": f"lin_01JD8X2V6PZ3QK7M5T9WR{place:05}", "name": f"Thing {place}", "net": "100.00"}
        for place in range(1, 61)
    ]
    with opened(pdf_of({**INVOICE, "lines": lines})) as pdf:
        texts = [page_text(page) for page in pdf.pages]
    lasts = [max(place for place in range(1, 61) if re.search(rf"Thing{place}\D", text)) for text in texts]
    for number, (page, overleaf, last) in enumerate(zip(texts, texts[1:], lasts, strict=False), 1):
        sum_ = f"€{last * 100:,}.00"
        assert f"Carriedforward{sum_}" in page
        assert f"Broughtforwardfrompage{number}{sum_}" in overleaf
    assert len(texts) > 2
    assert "Broughtforward" not in texts[0]
    assert "Carriedforward" not in texts[-1]


def test_a_description_longer_than_a_page_is_printed_to_its_end() -> None:
    file = pdf_of({**INVOICE, "lines": [{**LINE, "description": "word and more words " * 249 + "the very end"}]})
    assert "theveryend" in text_of(file)
    assert len(opened(file).pages) > 1


@pytest.mark.parametrize(
    "text",
    [
        "#panic(1)",
        '#read("/etc/passwd")',
        "#{sys.inputs}",
        "*bold* _it_ $x^2$ @ref <label> `raw`",
        "\\u{41} \\ // no /* comment */",
        "[content] = heading",
        "~ --- 'single' \"double\"",
        "{{7*7}} ${7*7} {page}",
    ],
)
def test_markup_in_texts_is_printed_and_not_interpreted(text: str) -> None:
    lines = [{**LINE, "name": text, "description": text}]
    document = {**INVOICE, "customer": {**CUSTOMER, "name": text}, "title": text, "lines": lines, "closing": text}
    printed = text_of(pdf_of(document))
    assert printed.count(squeezed(text)) >= 5


def test_a_very_long_word_is_printed_over_several_lines() -> None:
    word = "Ω" * 190
    file = pdf_of({**INVOICE, "lines": [{**LINE, "name": word}]})
    with opened(file) as pdf:
        lines = [run for run in _runs(pdf.pages[0]) if "Ω" in run]
    assert "".join(lines).replace("\u200b", "") == word
    assert max(map(len, lines)) < 60


def test_a_long_number_with_hyphens_stays_in_its_column() -> None:
    number = "041234567890-" + "1234567890" * 2 + "-06"
    file = pdf_of({**INVOICE, "buyer_reference": number})
    with opened(file) as pdf:
        runs = [run.replace("\u200b", "") for run in _runs(pdf.pages[0])]
    assert number not in runs
    assert number in text_of(file)


@pytest.mark.parametrize(
    ("name", "font"),
    [
        ("שלום בעמ", "Heebo"),
        ("شركة النور", "IBMPlexSansArabic"),
        ("株式会社さくら", "NotoSansCJKjp"),
        ("北京市朝阳区", "NotoSansCJKjp"),
        ("서울특별시", "NotoSansCJKjp"),
        ("Ψηφίο", "IBMPlexSans-"),
        ("Ромашка", "IBMPlexSans-"),
        ("Nguyễn Văn Ưng, Łódź, Şişli", "IBMPlexSans-"),
    ],
)
def test_other_scripts_are_printed_in_a_subset_font(name: str, font: str) -> None:
    file = pdf_of({**INVOICE, "customer": {**CUSTOMER, "name": name}})
    assert any(font in one for one in _fonts(file))
    text = text_of(file)
    assert "[U+" not in text
    # Arabic letters are joined: copied text has each letter, in an order that depends on the reader.
    assert Counter(squeezed(name)) <= Counter(text)
    assert "AtelierLumen" not in text
    assert len(file) < 90_000


def test_plain_latin_text_is_printed_in_one_font_family() -> None:
    assert {one.partition("+")[2].partition("-")[0] for one in _fonts(pdf_of(INVOICE))} == {"IBMPlexSans"}


def _fonts(file: bytes) -> set[str]:
    with opened(file) as pdf:
        return {str(font["/BaseFont"]) for page in pdf.pages for font in page.resources["/Font"].values()}


def test_a_character_in_no_font_is_printed_as_its_code_point() -> None:
    text = text_of(pdf_of({**INVOICE, "customer": {**CUSTOMER, "name": "Sakura 𓀀 😀 👩‍👧"}}))
    assert "Sakura[U+13000][U+1F600][U+1F469]" in text
    assert "€1,469.13" in text


@settings(max_examples=40)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=80).filter(str.strip))
def test_any_text_can_be_printed(text: str) -> None:
    lines = [{**LINE, "name": text, "description": text}]
    document = {**INVOICE, "customer": {**CUSTOMER, "name": text}, "title": text, "lines": lines, "note": text}
    assert "€1,469.13" in text_of(pdf_of(document))


def test_a_thousand_characters_in_no_font_are_each_spelled_out() -> None:
    characters = [chr(code) for code in range(0x13000, 0x13000 + 1_000)]
    text = text_of(pdf_of({**INVOICE, "closing": " ".join(characters)}))
    assert all(f"[U+{ord(character):04X}]" in text for character in characters)


def test_characters_that_reorder_text_are_not_printed() -> None:
    plain = pdf_of({**INVOICE, "closing": "100"})
    assert pdf_of({**INVOICE, "closing": "\u202e100\u202c"}) == plain


def test_a_draft_needs_neither_number_nor_parties_and_is_marked() -> None:
    draft = {**INVOICE, "status": "draft", "number": None, "seller": None, "customer": None, "due": "0.00"}
    text = text_of(pdf_of({**draft, "issue_date": None, "due_date": None}))
    assert "DRAFT" in text
    assert "Pleasepay€1,469.13." in text
    assert "DRAFT" not in text_of(pdf_of(INVOICE))


@pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux says about the process")
def test_a_thousand_lines_leave_little_memory_in_use() -> None:
    lines = [{**LINE, "id": f"lin_01JD8X2V6PZ3QK7M5T9WR{place:05}"} for place in range(1_000)]
    sizes = []
    for number in ("A", "B", "C", "D"):
        pdf_of({**INVOICE, "lines": lines, "number": number})
        sizes.append(_resident_megabytes())
    assert sizes[-1] - sizes[0] < 60


def _resident_megabytes() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4 // 1024


def test_a_few_words_of_farewell_are_not_alone_on_the_last_page() -> None:
    for count in range(3, 12):
        lines = [{**LINE, "id": f"lin_01JD8X2V6PZ3QK7M5T9WR{place:05}"} for place in range(count)]
        with opened(pdf_of({**INVOICE, "lines": lines, "closing": "Kind regards"})) as pdf:
            assert "Payment" in page_text(pdf.pages[-1])
            assert "Kindregards" in page_text(pdf.pages[-1])


def test_a_long_name_and_iban_leave_room_for_how_to_pay() -> None:
    accounts = [
        {
            "id": "main",
            "name": "Hauptkonto",
            "account_holder": None,
            "iban": "FR7630006000011234567890189",
            "bic": "AGRIFRPP",
        }
    ]
    seller = {**INVOICE["seller"], "name": "Long words and many of them " * 4, "bank_accounts": accounts}
    with opened(pdf_of({**INVOICE, "seller": seller})) as pdf:
        lines = [squeezed(run) for page in pdf.pages for run in _runs(page)]
    assert squeezed("Please pay €1,469.13") in "|".join(lines)
    assert squeezed("FR76 3000 6000 0112 3456 7890 189") in lines
