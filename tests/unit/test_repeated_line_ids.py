"""Invoices issued by earlier releases with several lines of one id: they can be credited and canceled to the cent."""

import random

import pytest

from invoicing.core.errors import Invalid
from invoicing.core.ids import successor
from invoicing.invoices.model import Invoice
from invoicing.settlement.credit import CreditData, Credited
from invoicing.settlement.credit_note import cancellation, credit_note
from invoicing.settlement.errors import CreditExceedsInvoice, NothingToCredit
from invoicing.settlement.line_ids import distinct
from tests.builders import line_json
from tests.unit.credits import MOMENT, asked, issued
from tests.unit.test_credit import DAY, an_invoice, require_settled, require_sound, sums


def repeating(invoice: Invoice, names: int = 1) -> Invoice:
    """The invoice with this number of different line ids."""
    ids = [line.id for line in invoice.lines]
    lines = (line.model_copy(update={"id": ids[place % names]}) for place, line in enumerate(invoice.lines))
    return invoice.model_copy(update={"lines": tuple(lines)})


def as_stored_before(credited: Credited, invoice: Invoice) -> Credited:
    """A credit by amount as earlier releases stored it: with the ids that the invoice has."""
    found = distinct(invoice, ()).invoice.lines
    names = {own.id: line.id for own, line in zip(found, invoice.lines, strict=True)}
    lines = (line.model_copy(update={"id": names[line.id]}) for line in credited.lines)
    return credited.model_copy(update={"lines": tuple(lines)})


@pytest.mark.parametrize("part", range(10))
def test_credits_of_repeated_lines_end_at_the_invoice(part: int) -> None:
    dice = random.Random(f"repeated {part}")
    refused = 0
    for _ in range(40):
        original = invoice = repeating(an_invoice(dice), dice.randint(1, 3))
        notes: list[tuple[Invoice, Credited]] = []
        for _ in range(dice.randint(0, 4)):
            want, so_far = asked(dice, invoice), [credited for _, credited in notes]
            try:
                note, invoice, credited = credit_note(invoice, so_far, want, "CN", day=DAY, moment=MOMENT)
            except (CreditExceedsInvoice, NothingToCredit):
                continue
            except Invalid:
                refused += 1
                continue
            require_sound(note, original)
            require_settled(invoice)
            old = want.amount is not None and dice.random() < 0.5
            notes.append((note, as_stored_before(credited, original) if old else credited))
        if invoice.credited < invoice.total:
            so_far = [credited for _, credited in notes]
            note, invoice, credited = cancellation(invoice, so_far, "CAN", day=DAY, moment=MOMENT)
            require_sound(note, original)
            require_settled(invoice)
            notes.append((note, credited))
        assert sums(note for note, _ in notes) == sums([original])
        assert (invoice.credited, invoice.lines) == (original.total, original.lines)
    assert refused


def test_cancellation_lists_every_line_under_its_own_id() -> None:
    lines = [line_json(name="A"), line_json(name="B", quantity="2"), line_json(name="C", tax={"category": "Z"})]
    invoice = repeating(issued({"currency": "EUR", "lines": lines}))
    document = cancellation(invoice, (), "CAN", day=DAY, moment=MOMENT).document
    assert [(line.name, line.quantity, line.net) for line in document.lines] == [
        (line.name, line.quantity, line.net) for line in invoice.lines
    ]
    assert len({line.id for line in document.lines}) == 3


def test_line_of_a_repeated_id_cannot_be_credited_alone() -> None:
    lines = [line_json(name="A"), line_json(name="B"), line_json(name="C")]
    whole = issued({"currency": "EUR", "lines": lines})
    first, second, third = whole.lines
    invoice = whole.model_copy(update={"lines": (first, second.model_copy(update={"id": first.id}), third)})

    def credit(*ids: str) -> Invoice:
        want = CreditData.model_validate({"lines": tuple({"line_id": id_} for id_ in ids)}, strict=False)
        return credit_note(invoice, (), want, "CN", day=DAY, moment=MOMENT).document

    with pytest.raises(Invalid) as refused:
        credit(third.id, first.id)
    assert [(one.code, one.pointer) for one in refused.value.errors] == [("LINE_AMBIGUOUS", "/lines/1/line_id")]
    assert [line.name for line in credit(third.id).lines] == ["C"]


def test_own_ids_are_distinct_and_always_the_same() -> None:
    line = issued({"currency": "EUR", "lines": [line_json() for _ in range(3)]}).lines[0]
    following = line.model_copy(update={"id": successor(line.id)})
    invoice = issued({"currency": "EUR", "lines": [line_json()]})
    invoice = invoice.model_copy(update={"lines": (*[line] * 50, following)})
    found = [one.id for one in distinct(invoice, ()).invoice.lines]
    assert len(set(found)) == 51
    assert (found[0], found[-1]) == (line.id, following.id)
    assert found == [one.id for one in distinct(invoice, ()).invoice.lines]


@pytest.mark.parametrize(("id_", "next_"), [("0" * 25 + "9", "0" * 25 + "A"), ("0" * 24 + "1Z", "0" * 24 + "20")])
def test_successor_is_the_next_id(id_: str, next_: str) -> None:
    assert successor(f"lin_{id_}") == f"lin_{next_}"
