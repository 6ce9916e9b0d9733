import io
from datetime import date
from decimal import Decimal
from typing import Any

import pikepdf
import pytest

from invoicing.core.model import LANGUAGES
from invoicing.documents.pdf import render_statement
from invoicing.documents.statement_letter import Correspondence, statement_letter
from invoicing.documents.texts.model import texts_of
from invoicing.reports.statement import Account, Statement
from tests.unit.test_pdf import INVOICE, invoice_of, text_of

ISSUED = invoice_of(INVOICE)
LAST = date(2026, 11, 30)


def entry(type_: str, amount: str, balance: str, **more: Any) -> dict[str, Any]:
    fields = {"document_type": "invoice", "number": "INV-2026-000042"} | more
    return {
        **fields,
        "date": "2026-11-10",
        "recorded_at": "2026-11-10T10:00:00.000Z",
        "type": type_,
        "invoice_id": INVOICE["id"],
        "amount": Decimal(amount),
        "balance": Decimal(balance),
    }


ENTRIES = (
    entry("document", "1469.13", "1669.13"),
    entry("payment", "-800.00", "869.13"),
    entry("cash_discount", "-29.38", "839.75"),
    entry("credit", "-39.75", "800.00"),
    entry("payment", "50.00", "850.00"),
    entry("write_off", "-850.00", "0.00"),
    entry("document", "-23.80", "-23.80", document_type="credit_note", number="CN-2026-000003"),
)


def account(currency: str, closing: str, entries: tuple[dict[str, Any], ...] = ()) -> Account:
    opening = Decimal("200.00") if entries else Decimal(closing)
    fields = {"currency": currency, "opening_balance": opening, "closing_balance": Decimal(closing)}
    return Account.model_validate({**fields, "entries": entries}, strict=False)


def statement(*accounts: Account) -> Statement:
    return Statement(
        customer_id="cus_01JD8X2V6PZ3QK7M5T9WRC4HBN",
        customer_name="Atelier Lumen",
        first=LAST.replace(day=1),
        last=LAST,
        accounts=accounts,
    )


def between(language: str = "en") -> Correspondence:
    assert ISSUED.seller is not None
    assert ISSUED.customer is not None
    return Correspondence(ISSUED.seller, ISSUED.customer, language, None, LAST)


def test_each_change_has_its_reason_and_the_balance_after_it() -> None:
    made = statement_letter(statement(account("EUR", "-23.80", ENTRIES)), between())
    [printed] = made["accounts"]
    assert printed["title"] is None
    assert [row[1:] for row in printed["rows"]] == [
        ["Opening balance", "", "200.00"],
        ["Invoice INV-2026-000042", "1,469.13", "1,669.13"],
        ["Payment for INV-2026-000042", "-800.00", "869.13"],
        ["Cash discount on INV-2026-000042", "-29.38", "839.75"],
        ["Credit on INV-2026-000042", "-39.75", "800.00"],
        ["Refund or reversed payment for INV-2026-000042", "50.00", "850.00"],
        ["Write-off on INV-2026-000042", "-850.00", "0.00"],
        ["Credit note CN-2026-000003", "-23.80", "-23.80"],
        ["Closing balance", "", "-23.80"],
    ]
    assert printed["total"] == ["Balance in your favor", "€23.80"]
    assert made["facts"][1] == ["Period", "Nov\xa01,\xa02026 \u2013 Nov\xa030,\xa02026"]


def test_accounts_in_several_currencies_have_their_names() -> None:
    made = statement_letter(statement(account("EUR", "0.00"), account("USD", "7.00")), between())
    assert [(one["title"], *one["total"]) for one in made["accounts"]] == [
        ("Account in EUR", "Balance", "€0.00"),
        ("Account in USD", "Balance due", "$7.00"),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_letter_is_tagged_and_in_its_language(language: str) -> None:
    content = render_statement(statement(account("EUR", "-23.80", ENTRIES)), between(language))
    assert content == render_statement(statement(account("EUR", "-23.80", ENTRIES)), between(language))
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert str(pdf.docinfo["/Title"]) == texts_of(language).label("statement")
        assert (str(pdf.Root.Lang), bool(pdf.Root.MarkInfo.Marked)) == (language, True)
        assert b"pdfaid:part>3<" in pdf.Root.Metadata.read_bytes()
    assert "INV-2026-000042" in text_of(content)


def test_a_statement_without_accounts_explains_that() -> None:
    assert "Noopenbalance" in text_of(render_statement(statement(), between()))


def test_a_long_table_repeats_its_header() -> None:
    content = render_statement(statement(account("EUR", "-23.80", ENTRIES * 12)), between())
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert len(pdf.pages) == 3
    assert text_of(content).count("Description") == 3
