"""Credits in any order add up to the invoice, to the cent: A22."""

import random
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

import pytest

from invoicing.core.currency import exponent
from invoicing.core.einvoice import DocumentNote
from invoicing.core.errors import Invalid
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import Invoice
from invoicing.issuing.errors import En16931RuleBroken
from invoicing.pricing.errors import DiscountExceedsAmount, NegativeTotal
from invoicing.settlement.closing import voided
from invoicing.settlement.credit import CreditData, Credited
from invoicing.settlement.credit_note import cancellation, credit_note
from invoicing.settlement.errors import CreditExceedsInvoice, NothingToCancel, NothingToCredit
from tests.builders import NOON, line_json
from tests.unit.credits import MOMENT, asked, issued
from tests.unit.independent_totals import rounded
from tests.unit.test_totals import generated

DAY = NOON.date()
Sums = dict[tuple[str, Decimal], tuple[Decimal, Decimal]]


def sums(documents: Iterable[Invoice]) -> Sums:
    """Net and tax by category and rate."""
    found: dict[tuple[str, Decimal], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for document in documents:
        for entry in document.tax_breakdown:
            found[entry.category, entry.rate][0] += entry.taxable
            found[entry.category, entry.rate][1] += entry.tax
    return {key: (net, tax) for key, (net, tax) in found.items()}


def require_sound(note: Invoice, invoice: Invoice) -> None:
    """A credit note is a complete document, with the parties of its invoice."""
    assert note.total == note.subtotal - note.discount_amount + note.shipping_cost + note.tax
    assert note.subtotal == sum(line.net for line in note.lines)
    assert (note.tax, note.total - note.tax) == tuple(
        sum(getattr(entry, name) for entry in note.tax_breakdown) for name in ("tax", "taxable")
    )
    assert min(note.total, note.discount_amount, note.shipping_cost) >= 0
    assert all(line.total == line.net + line.tax_amount for line in note.lines)
    assert (note.customer, note.seller) == (invoice.customer, invoice.seller)
    assert note.due == note.refund_due == 0
    reference = note.references[0]
    assert (reference.invoice_id, reference.number) == (invoice.id, invoice.number)
    assert Invoice.model_validate_json(note.model_dump_json()) == note


def require_settled(invoice: Invoice) -> None:
    """The contract's settlement equation."""
    parts = (invoice.paid, invoice.cash_discount_taken, invoice.credited, invoice.written_off, invoice.due)
    assert invoice.payable is not None
    assert invoice.payable + invoice.refund_due == sum(parts)
    assert min(*parts, invoice.refund_due) >= 0
    assert not (invoice.due and invoice.refund_due)


def require_no_new_discount(note: Invoice, original: Invoice) -> None:
    """A credited line shows a discount only if the invoice's line had one."""
    discounted = {line.id for line in original.lines if line.discount}
    assert {line.id for line in note.lines if line.discount} <= discounted


def an_invoice(dice: random.Random, most_lines: int = 6) -> Invoice:
    """A draft that can be issued."""
    while True:
        try:
            invoice = issued(generated(dice, most_lines))
        except (DiscountExceedsAmount, NegativeTotal, En16931RuleBroken):
            continue
        if invoice.total > 0:
            return invoice


@pytest.mark.parametrize("part", range(20))
def test_credits_in_any_order_end_at_the_invoice(part: int) -> None:
    dice = random.Random(f"credits {part}")
    for _ in range(40):
        original = invoice = an_invoice(dice)
        notes: list[tuple[Invoice, Credited]] = []
        for _ in range(dice.randint(0, 8)):
            if notes and dice.random() < 0.15:
                note, credited = notes.pop(dice.randrange(len(notes)))
                _, invoice, gone = voided(invoice, note, credited, moment=MOMENT)
                assert gone.void
                continue
            want = asked(dice, invoice)
            so_far = [credited for _, credited in notes]
            try:
                note, invoice, credited = credit_note(invoice, so_far, want, "CN", day=DAY, moment=MOMENT)
            except (CreditExceedsInvoice, NothingToCredit):
                continue
            notes.append((note, credited))
            require_sound(note, original)
            require_no_new_discount(note, original)
            require_settled(invoice)
            assert want.amount in (None, note.total)
            assert invoice.credited == sum(one.total for one, _ in notes)
        if invoice.credited < invoice.total:
            so_far = [credited for _, credited in notes]
            note, invoice, credited = cancellation(invoice, so_far, "CAN", day=DAY, moment=MOMENT)
            require_sound(note, original)
            require_no_new_discount(note, original)
            require_settled(invoice)
            notes.append((note, credited))
            assert sums(note for note, _ in notes) == sums([original])
        assert invoice.credited == original.total


@pytest.mark.parametrize("part", range(5))
def test_tax_credited_so_far_is_that_of_the_net_so_far(part: int) -> None:
    """By lines and quantities, prices without tax: round(T × net so far ÷ N) for each rate, after each credit note."""
    dice = random.Random(f"law {part}")
    checked = 0
    while checked < 100:
        data = generated(dice, 4)
        data["price_tax_inclusive"] = False
        if any(line["quantity"].startswith("-") for line in data["lines"]):
            continue
        try:
            original = invoice = issued(data)
        except (DiscountExceedsAmount, NegativeTotal, En16931RuleBroken):
            continue
        notes: list[Invoice] = []
        so_far: list[Credited] = []
        for _ in range(4):
            want = asked(dice, invoice)
            if want.lines is None:
                continue
            try:
                note, invoice, credited = credit_note(invoice, so_far, want, "CN", day=DAY, moment=MOMENT)
            except (CreditExceedsInvoice, NothingToCredit):
                continue
            notes.append(note)
            so_far.append(credited)
            scale = 10 ** exponent(invoice.currency)
            for key, (net, tax) in sums(notes).items():
                whole_net, whole_tax = sums([original])[key]
                if whole_net:
                    assert tax * scale == rounded(Fraction(whole_tax) * Fraction(net) / Fraction(whole_net) * scale)
                    checked += 1


def test_a_credited_line_keeps_its_price_if_the_amount_matches() -> None:
    invoice = issued({"currency": "EUR", "lines": [line_json(quantity="3", unit_price="9.99")]})
    want = CreditData.model_validate({"lines": ({"line_id": invoice.lines[0].id, "quantity": "2"},)}, strict=False)
    note = credit_note(invoice, (), want, "CN", day=DAY, moment=MOMENT).document
    [line] = note.lines
    assert (str(line.quantity), str(line.unit_price), str(line.net), str(note.total)) == ("2", "9.99", "19.98", "23.77")


def test_a_gross_amount_is_credited_exactly_on_net_prices() -> None:
    """10.05 is net 8.44 or 8.45 with 1.60 or 1.61 of tax: no net amount gives it exactly."""
    invoice = issued({"currency": "EUR", "lines": [line_json()]})
    note = credit_note(invoice, (), CreditData(amount=Decimal("10.05")), "CN", day=DAY, moment=MOMENT).document
    assert (note.total, note.subtotal, note.tax) == (Decimal("10.05"), Decimal("8.45"), Decimal("1.60"))
    assert [line.name for line in note.lines] == ["Gutschrift auf INV-1"]


def test_a_credit_note_has_its_own_notes() -> None:
    invoice = issued({"currency": "EUR", "notes": [{"text": "AGB", "subject_code": "AAI"}], "lines": [line_json()]})
    stated = (DocumentNote(text="REKLA-17", subject_code="ADU"), DocumentNote(text="Danke"))
    note = credit_note(invoice, (), CreditData(notes=stated), "CN", day=DAY, moment=MOMENT).document
    assert note.notes == stated
    assert credit_note(invoice, (), CreditData(), "CN", day=DAY, moment=MOMENT).document.notes == ()


def test_an_invoice_credited_in_full_and_never_paid_is_closed() -> None:
    invoice = issued({"currency": "EUR", "lines": [line_json()]})
    after = credit_note(invoice, (), CreditData(), "CN", day=DAY, moment=MOMENT).invoice
    assert (after.status, after.close_reason, after.payment_status) == (Status.CLOSED, "credited", "unpaid")


def test_an_invoice_credited_in_full_cannot_be_canceled() -> None:
    invoice = issued({"currency": "EUR", "lines": [line_json()]})
    _, after, credited = credit_note(invoice, (), CreditData(), "CN", day=DAY, moment=MOMENT)
    with pytest.raises(NothingToCancel):
        cancellation(after, [credited], "CAN", day=DAY, moment=MOMENT)


def test_unknown_or_repeated_lines_have_a_pointer() -> None:
    invoice = issued({"currency": "EUR", "lines": [line_json()]})
    known, unknown = invoice.lines[0].id, "lin_01JD8X2V6PZ3QK7M5T9WRC4HBN"
    want = {"lines": tuple({"line_id": id_, "amount": "1.00"} for id_ in (known, unknown, known))}
    with pytest.raises(Invalid) as refused:
        credit_note(
            invoice,
            (),
            CreditData.model_validate(want, strict=False),
            "CN",
            day=DAY,
            moment=MOMENT,
        )
    assert [error.pointer for error in refused.value.errors] == ["/lines/1/line_id", "/lines/2/line_id"]
