"""The statements of a credit note or cancellation about its lines and its settlement."""

from decimal import Decimal
from typing import Any

import pytest

from invoicing.documents.einvoice.mapping import terms_of
from invoicing.documents.letter import letter
from invoicing.invoices.model import Invoice
from invoicing.pricing.allowances import Discount
from invoicing.settlement.balance import balanced
from invoicing.settlement.credit import CreditData, CreditedPart
from invoicing.settlement.credit_note import IssuedCredit, cancellation, credit_note
from tests.builders import NOON
from tests.einvoices import GERMAN_FORMATS
from tests.unit.credits import MOMENT, issued

DAY = NOON.date()


def line_of(gross: str, **fields: Any) -> dict[str, Any]:
    line = {"name": "A", "quantity": "1", "unit_price": gross, "tax": {"category": "S", "rate": "19"}, **fields}
    return {"currency": "EUR", "language": "de", "price_tax_inclusive": True, "lines": [line]}


def credited_by(invoice: Invoice, amount: str) -> IssuedCredit:
    return credit_note(invoice, [], CreditData(amount=Decimal(amount)), "CN-1", day=DAY, moment=MOMENT)


def require_same_words(document: Invoice, sentences: list[str]) -> None:
    """The PDF and the XML state the same settlement."""
    assert letter(document)["payment"]["sentences"] == sentences
    for format_ in GERMAN_FORMATS:
        assert terms_of(document, format_).payment_terms == " ".join(sentences)


def test_the_rest_of_a_line_is_a_price_without_discount() -> None:
    _, invoice, credited = credited_by(issued(line_of("60.00", quantity="2")), "30.00")
    [line] = cancellation(invoice, [credited], "CAN-1", day=DAY, moment=MOMENT).document.lines
    assert line.discount is None
    assert (line.quantity, line.price_base_quantity) == (Decimal(2), Decimal(2))
    assert (line.unit_price, line.total) == (Decimal("90.00"), Decimal("90.00"))


def test_a_line_with_a_discount_keeps_its_share_of_it() -> None:
    invoice = issued(line_of("10.00", quantity="10", discount={"amount": "20.00", "reason": "Treue"}))
    part = CreditedPart(line_id=invoice.lines[0].id, quantity=Decimal(5))
    note = credit_note(invoice, [], CreditData(lines=(part,)), "CN-1", day=DAY, moment=MOMENT).document
    [line] = note.lines
    assert line.discount == Discount(amount=Decimal("10.00"), reason="Treue")
    assert (line.unit_price, line.total) == (Decimal("10.00"), Decimal("40.00"))


@pytest.mark.parametrize(
    ("paid", "sentences"),
    [
        ("0.00", ["50,00\u00a0€ werden mit dem offenen Betrag der Rechnung INV-1 verrechnet."]),
        (
            "100.00",
            [
                "19,00\u00a0€ werden mit dem offenen Betrag der Rechnung INV-1 verrechnet.",
                "31,00\u00a0€, auf Rechnung INV-1 gezahlt, werden erstattet.",
            ],
        ),
        ("119.00", ["50,00\u00a0€, auf Rechnung INV-1 gezahlt, werden erstattet."]),
    ],
)
def test_a_credit_states_the_use_of_its_amount(paid: str, sentences: list[str]) -> None:
    invoice = balanced(issued(line_of("119.00")), paid=Decimal(paid))
    require_same_words(credited_by(invoice, "50.00").document, sentences)


def test_a_cancellation_names_the_credits_before_it() -> None:
    _, invoice, credited = credited_by(issued(line_of("119.00")), "50.00")
    paid = balanced(invoice, paid=Decimal("69.00"))
    require_same_words(
        cancellation(paid, [credited], "CAN-1", day=DAY, moment=MOMENT).document,
        [
            "Auf Rechnung INV-1 bereits gutgeschrieben: CN-1 vom 10.03.2026, 50,00\u00a0€.",
            "69,00\u00a0€, auf Rechnung INV-1 gezahlt, werden erstattet.",
        ],
    )


def test_a_voided_credit_is_not_named() -> None:
    original = issued(line_of("119.00"))
    void = credited_by(original, "50.00").credited.voided(NOON)
    canceled = cancellation(original, [], "CAN-1", day=DAY, moment=MOMENT)
    assert void.void
    assert canceled.document.credit_settlement
    assert canceled.document.credit_settlement.earlier == ()


def test_an_unused_cash_discount_is_not_refunded() -> None:
    invoice = balanced(issued(line_of("100.00")), paid=Decimal("98.00"), cash_discount_taken=Decimal("2.00"))
    settlement = credited_by(invoice, "50.00").document.credit_settlement
    assert settlement
    assert (settlement.set_off, settlement.refund, settlement.cash_discount) == (
        Decimal(0),
        Decimal("49.00"),
        Decimal("1.00"),
    )
