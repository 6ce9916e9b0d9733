"""The lines of credit notes: the price of the invoice's line where it gives the amount, else the amount itself."""

from decimal import Decimal
from typing import Any

import pytest

from invoicing.invoices.model import Invoice
from invoicing.pricing.line import Line
from invoicing.settlement.credit import CreditData
from invoicing.settlement.credit_note import IssuedCredit, cancellation, credit_note
from invoicing.settlement.errors import CreditExceedsInvoice
from tests.builders import NOON, line_json
from tests.unit.credits import MOMENT, issued

THREE = {"quantity": "3", "unit_price": "9.99"}
TENS = {"quantity": "3", "unit_price": "10.00", "unit": "HUR"}
FOUR = {"quantity": "4", "unit_price": "10.00"}
LESS = {**TENS, "discount": {"amount": "3.00", "reason": "Treue"}}
TENTH = {**TENS, "discount": {"percent": "10", "reason": "Treue"}}
LISTED = {**FOUR, "gross_price": "12.00", "price_discount": "2.00"}
FIELDS = ("quantity", "unit", "unit_price", "price_base_quantity", "net")


def credit(invoice: Invoice, *before: IssuedCredit, **asked: Any) -> IssuedCredit:
    """A credit of the first line, after others. With a line that was taken back, a part of the other one."""
    line, other = invoice.lines[:2]
    parts = [{"line_id": line.id, **asked}, {"line_id": other.id, "amount": "500.00"}]
    current = before[-1].invoice if before else invoice
    want = CreditData.model_validate({"lines": tuple(parts[: 2 if line.quantity < 0 else 1])}, strict=False)
    return credit_note(current, [one.credited for one in before], want, "CN-1", day=NOON.date(), moment=MOMENT)


def of(line: dict[str, Any], **fields: Any) -> Invoice:
    """An invoice with this line and a large one."""
    lines = [line_json(**line), line_json(quantity="1", unit_price="1000.00")]
    return issued({"currency": "EUR", "lines": lines, **fields})


def shown(line: Line) -> str:
    """Quantity, price and amount of a line, with its discount."""
    found = " ".join(str(getattr(line, name)) for name in FIELDS)
    off = line.discount
    return found + (f" less {off.percent or ''}{'%' if off.percent else off.amount} {off.reason}" if off else "")


@pytest.mark.parametrize(
    ("line", "first", "asked", "expected", "quantity"),
    [
        (THREE, None, {}, "3 C62 9.99 1 29.97", "3"),
        (THREE, None, {"quantity": "2"}, "2 C62 9.99 1 19.98", "2"),
        (THREE, {"quantity": "2"}, {}, "1 C62 9.99 1 9.99", "1"),
        (THREE, {"amount": "0.01"}, {}, "3 C62 29.96 3 29.96", "3"),
        (TENS, None, {"amount": "5.00"}, "1 C62 5.00 1 5.00", "0"),
        ({"quantity": "-2", "unit_price": "10.00"}, None, {"amount": "3.00"}, "-1 C62 3.00 1 -3.00", "0"),
        ({"quantity": "-2", "unit_price": "10.00"}, None, {"quantity": "1"}, "-1 C62 10.00 1 -10.00", "1"),
        ({**TENS, "price_base_quantity": "7"}, None, {"quantity": "1"}, "1 HUR 10.00 7 1.43", "1"),
        (TENTH, None, {"quantity": "2"}, "2 HUR 10.00 1 18.00 less 10% Treue", "2"),
        (TENTH, {"amount": "0.01"}, {}, "3 HUR 10.00 1 26.99 less 3.01 Treue", "3"),
        (LESS, None, {"quantity": "1"}, "1 HUR 10.00 1 9.00 less 1.00 Treue", "1"),
        (LESS, None, {}, "3 HUR 10.00 1 27.00 less 3.00 Treue", "3"),
        (LESS, {"amount": "0.01"}, {}, "3 HUR 10.00 1 26.99 less 3.01 Treue", "3"),
        (LESS, {"amount": "0.02"}, {}, "3 HUR 26.98 3 26.98", "3"),
        (LESS, {"amount": "1.00"}, {"quantity": "1"}, "1 HUR 10.00 1 9.00 less 1.00 Treue", "1"),
        ({**FOUR, "allowances": [{"amount": "2.00"}]}, None, {"quantity": "2"}, "2 C62 19.00 2 19.00", "2"),
        ({**FOUR, "allowances": [{"amount": "15.00"}]}, None, {"quantity": "1"}, "1 C62 6.25 1 6.25", "1"),
        ({**FOUR, "allowances": [{"percent": "10"}]}, None, {"quantity": "2"}, "2 C62 10.00 1 18.00", "2"),
        ({**FOUR, "charges": [{"percent": "10"}]}, None, {"quantity": "2"}, "2 C62 10.00 1 22.00", "2"),
    ],
)
def test_a_credited_line_has_the_simplest_price(
    line: dict[str, Any], first: dict[str, Any] | None, asked: dict[str, Any], expected: str, quantity: str
) -> None:
    invoice = of(line)
    before = [credit(invoice, **first)] if first else []
    found = credit(invoice, *before, **asked)
    credited = found.document.lines[0]
    assert shown(credited) == expected
    part = found.credited.lines[0]
    assert (part.amount, part.quantity) == (credited.net, Decimal(quantity))
    assert part.by_quantity == (credited.net if part.quantity else 0)


@pytest.mark.parametrize(
    ("asked", "prices"),
    [({"quantity": "2"}, ("12.00", "2.00")), ({}, ("12.00", "2.00")), ({"amount": "7.00"}, (None, None))],
)
def test_a_gross_price_is_shown_beside_its_own_net_price(asked: dict[str, Any], prices: tuple[Any, Any]) -> None:
    [line] = credit(of(LISTED), **asked).document.lines
    assert tuple(price and str(price) for price in (line.gross_price, line.price_discount)) == prices


def test_entries_of_a_line_are_shown_if_they_give_the_amount() -> None:
    for entry, quantity, kept in (({"percent": "10"}, "2", True), ({"amount": "2.00"}, "2", False)):
        [line] = credit(of({**FOUR, "allowances": [entry]}), quantity=quantity).document.lines
        assert bool(line.allowances) is kept
    [line] = credit(of({**FOUR, "allowances": [{"amount": "2.00"}]})).document.lines
    assert (line.allowances[0].amount, line.net) == (Decimal("2.00"), Decimal("38.00"))


def test_a_credit_has_its_part_of_discount_and_shipping() -> None:
    invoice = of(TENS, discount={"amount": "10.30", "reason": "Treue"}, shipping={"amount": "4.00"})
    one = credit(invoice).document
    assert one.discount is not None
    assert (one.discount.amount, one.discount.reason, one.shipping) == (Decimal("0.30"), "Treue", None)
    assert (one.subtotal, one.discount_amount, one.shipping_cost) == (Decimal("30.00"), Decimal("0.30"), Decimal(0))
    rest = cancellation(invoice, (), "CAN-1", day=NOON.date(), moment=MOMENT).document
    assert rest.discount is not None
    assert rest.shipping is not None
    assert (rest.discount.amount, rest.shipping.amount) == (Decimal("10.30"), Decimal("4.00"))


def test_entries_of_the_document_are_credited_by_rate() -> None:
    standard, exempt = {"category": "S", "rate": "19"}, {"category": "Z", "rate": "0"}
    lines = [line_json(quantity="1", unit_price="100.00"), line_json(quantity="1", unit_price="50.00", tax=exempt)]
    entries = {
        "allowances": [{"amount": "10.00", "tax": standard, "reason": "A"}],
        "charges": [{"amount": "5.00", "tax": exempt, "reason": "C"}],
    }
    invoice = issued({"currency": "EUR", "lines": lines, **entries})
    one = credit(invoice, amount="50.00").document
    assert [(str(entry.amount), entry.tax and entry.tax.category, entry.reason) for entry in one.allowances] == [
        ("5.00", "S", None)
    ]
    assert (one.charges, one.total) == ((), Decimal("53.55"))
    whole = cancellation(invoice, (), "CAN-1", day=NOON.date(), moment=MOMENT).document
    assert [entry.reason for entry in (*whole.allowances, *whole.charges)] == ["A", "C"]


def test_a_gross_amount_has_a_line_for_each_rate() -> None:
    exempt = {"category": "Z", "rate": "0"}
    lines = [line_json(quantity="1", unit_price="100.00"), line_json(quantity="1", unit_price="119.00", tax=exempt)]
    invoice = issued({"currency": "EUR", "lines": lines})
    found = credit_note(invoice, (), CreditData(amount=Decimal("23.80")), "CN-1", day=NOON.date(), moment=MOMENT)
    note = found.document
    assert [(line.name, str(line.quantity), str(line.net), str(line.tax_amount)) for line in note.lines] == [
        ("Gutschrift auf INV-1", "1", "10.00", "1.90"),
        ("Gutschrift auf INV-1", "1", "11.90", "0.00"),
    ]
    assert [(str(rate.net), str(rate.tax)) for rate in found.credited.rates] == [("10.00", "1.90"), ("11.90", "0.00")]
    assert [(line.amount, line.quantity, line.by_quantity) for line in found.credited.lines] == [
        (Decimal("10.00"), Decimal(0), Decimal(0)),
        (Decimal("11.90"), Decimal(0), Decimal(0)),
    ]


def test_the_refusal_of_a_credit_names_lines_only_if_asked() -> None:
    whole = of(TENS)
    rest = credit_note(whole, (), CreditData(), "CN-1", day=NOON.date(), moment=MOMENT)
    with pytest.raises(CreditExceedsInvoice) as refused:
        credit_note(rest.invoice, [rest.credited], CreditData(), "CN-2", day=NOON.date(), moment=MOMENT)
    assert [error.pointer for error in refused.value.errors] == [""]
    of_line = CreditData.model_validate({"lines": ({"line_id": whole.lines[0].id},)}, strict=False)
    with pytest.raises(CreditExceedsInvoice) as refused:
        credit_note(rest.invoice, [rest.credited], of_line, "CN-2", day=NOON.date(), moment=MOMENT)
    assert [error.pointer for error in refused.value.errors] == ["/lines"]
