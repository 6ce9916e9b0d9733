"""The RF references of numbers (ISO 11649)."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso11649

from invoicing.numbering.model import NumberSeries
from invoicing.numbering.rf import characters_of, compared, reference_mistakes, reference_of

PATTERNS = ("INV-{yyyy}-{n:06}", "INV{yyyy}{n}", "inv {n}", "{yy}{mm}/{n}", "{yyyy}-{n:04}", "{n}_{yyyy}", "R.{n:03}|A")
COUNTS = st.integers(1, 99_999)
DAYS = st.dates(date(2026, 1, 1), date(2031, 1, 1))


def series(pattern: str, name: str = "invoice") -> NumberSeries:
    return NumberSeries(name=name, pattern=pattern)


@given(st.sampled_from(PATTERNS), COUNTS, DAYS)
def test_a_reference_is_valid_and_has_its_numbers_characters(pattern: str, count: int, day: date) -> None:
    number = series(pattern).number(count, day)
    reference = reference_of(number)
    assert iso11649.validate(reference) == reference
    assert reference[4:] == characters_of(number)
    assert compared(f"{reference[:4].lower()} 0 {reference[4:]}") == compared(reference)


@given(st.sampled_from(PATTERNS), st.sampled_from(PATTERNS), COUNTS, COUNTS, DAYS)
def test_equal_references_come_from_refused_series(
    one: str, other: str, count: int, other_count: int, day: date
) -> None:
    first, second = series(one), series(other, "invoice_b2b")
    if reference_of(first.number(count, day)) == reference_of(second.number(other_count, day)):
        assert [pointer for pointer, _ in reference_mistakes([first, second])] == ["/number_series/invoice_b2b/pattern"]


def test_only_series_of_invoices_have_references() -> None:
    long = "RECHNUNGSKORREKTUR-{yyyy}-{n:06}"
    assert list(reference_mistakes([series("INV-{n}"), series(long, "credit_note")])) == []
    assert len(list(reference_mistakes([series(long)]))) == 1
    # Nine digits of a counter fit, and more only where the series begins with them.
    assert list(reference_mistakes([series("RECHNUNG-{yyyy}-{n:06}")])) == []
    later = series("RECHNUNG-{yyyy}-{n:06}").model_copy(update={"first_number": 10**9})
    assert len(list(reference_mistakes([later]))) == 1
