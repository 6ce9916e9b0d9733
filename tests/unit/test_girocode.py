"""GiroCode: a banking app reads the payment data of the invoice from the page (EPC069-12)."""

import io
import json
from decimal import Decimal
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from invoicing.core.party import BankAccount
from invoicing.documents.girocode import drawn, girocode
from invoicing.documents.pdf import _compiler
from tests.unit.test_pdf import INVOICE, letter_of

ACCOUNT = BankAccount(id="main", iban="DE02120300000000202051", bic="BYLADEM1001")
SELLER = "Nordlicht Möbel GmbH"


def test_the_code_has_payee_amount_and_reference() -> None:
    assert girocode(ACCOUNT, SELLER, Decimal("1469.13"), "EUR", "INV-2026-000042") == (
        "BCD\n002\n1\nSCT\nBYLADEM1001\nNordlicht Möbel GmbH\nDE02120300000000202051\nEUR1469.13\n\n\nINV-2026-000042"
    )


def test_the_payee_is_the_account_holder_and_never_a_label() -> None:
    labeled = ACCOUNT.model_copy(update={"name": "Hauptkonto"})
    holders = (("Nordlicht Möbel GmbH", None), ("Nordlicht Treuhand KG", "Nordlicht Treuhand KG"))
    for payee, holder in holders:
        code = girocode(labeled.model_copy(update={"account_holder": holder}), SELLER, Decimal("1.00"), "EUR", None)
        assert code is not None
        assert code.split("\n")[5] == payee


def test_a_creditor_reference_is_in_the_structured_field() -> None:
    code = girocode(ACCOUNT, SELLER, Decimal("1.00"), "EUR", "RF18 5390 0754 7034")
    assert code is not None
    assert code.split("\n")[8:] == ["", "RF18539007547034"]


@pytest.mark.parametrize(
    ("account", "amount", "currency"),
    [
        ({}, "10.00", "USD"),
        ({}, "0.00", "EUR"),
        ({}, "-10.00", "EUR"),
        ({}, "1000000000.00", "EUR"),
        ({"iban": "TR330006100519786457841326"}, "10.00", "EUR"),
        ({"iban": "CH9300762011623852957", "bic": None}, "10.00", "EUR"),
    ],
)
def test_only_sepa_transfers_have_a_code(account: dict[str, Any], amount: str, currency: str) -> None:
    assert girocode(ACCOUNT.model_copy(update=account), SELLER, Decimal(amount), currency, "INV-1") is None


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "draft"},
        {"type": "credit_note"},
        {"payment_method": "card"},
        {"payment_method": "sepa_direct_debit"},
        {"due": "0.00"},
        {"currency": "CHF"},
    ],
)
def test_only_documents_paid_by_transfer_have_a_code(fields: dict[str, Any]) -> None:
    assert "EUR1469.13" in letter_of(INVOICE)["payment"]["code"]
    payment = letter_of({**INVOICE, **fields})["payment"]
    assert payment is None or payment["code"] is None


def test_line_breaks_in_a_name_cannot_shift_the_fields() -> None:
    account = ACCOUNT.model_copy(update={"account_holder": "A\nDE75512108001245126199\nEUR1.00"})
    code = girocode(account, SELLER, Decimal("5.00"), "EUR", "x\r\ny" * 100)
    assert code is not None
    fields = code.split("\n")
    assert fields[5:8] == ["A DE75512108001245126199 EUR1.00", ACCOUNT.iban, "EUR5.00"]
    assert len(fields[10]) == 140


def test_content_beyond_the_capacity_has_no_code() -> None:
    assert girocode(ACCOUNT, "株" * 70, Decimal("1.00"), "EUR", "式" * 10) is not None
    assert girocode(ACCOUNT, "株" * 70, Decimal("1.00"), "EUR", "式" * 30) is None


def test_a_scanner_reads_the_same_bytes_from_the_printed_page() -> None:
    said = letter_of(INVOICE)
    inputs = {"letter": json.dumps({**said, "day": [2026, 11, 20]}), "code": drawn(said["payment"]["code"])}
    page = _compiler("invoice.typ").compile(format="png", ppi=150, sys_inputs=inputs)
    assert isinstance(page, bytes)
    [read] = zxingcpp.read_barcodes(Image.open(io.BytesIO(page)))
    assert read.bytes == said["payment"]["code"].encode()
    assert read.ec_level == "M"
