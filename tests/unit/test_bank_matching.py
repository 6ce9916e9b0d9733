"""Which documents a bank transaction pays: hazards 4, 5 and 20 of money."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.bank.entry import Entry
from invoicing.bank_matching.amounts import only_fit, sum_of_few
from invoicing.bank_matching.deciding import Evidence, Named, doubted, suggestions_for
from invoicing.bank_matching.model import OpenDocument, RecordedPayment, Suggestion
from invoicing.bank_matching.payer import alike
from invoicing.bank_matching.proofs import numbers_of, proofs_of, proven, references_in
from invoicing.numbering.model import NumberSeries

DAY = date(2026, 3, 9)
PATTERNS = ("INV-{yyyy}-{n:06}", "{n}", "{yy}{mm}/{n}", "R{n:03}", "{yyyy}-{n:04}", "A.{n}_{yyyy}", "re{n}")


def entry(text: str | None, *, structured: str | None = None) -> Entry:
    return Entry(
        booked_on=DAY, direction="credit", amount=Decimal(1), currency="EUR", remittance=text,
        structured_reference=structured,
    )  # fmt: skip


def named_in(text: str, pattern: str, *documents: str) -> set[str]:
    """The documents that a text names, which have their numbers as ids."""
    series = NumberSeries(name="invoice", pattern=pattern)
    return {one.document_id for one in proven(proofs_of(entry(text), [series]), {one: one for one in documents})}


def document(id_: int, due: str, customer: str | None = "A", **more: str) -> OpenDocument:
    amounts: dict[str, Any] = {name: Decimal(value) for name, value in more.items()}
    return OpenDocument(f"inv_{id_:026d}", customer, f"Kunde {customer}", "EUR", Decimal(due), **amounts)


@pytest.mark.parametrize(
    "text",
    [
        "INV-2026-000017",
        "Rechnung inv 2026 000017 vom 1.3.",
        "RG:INV2026000017, danke",
        "INV/2026/000017/INV-2026-000018",
        "SVWZ INV-2026-00 0017 KD 4711",
        "INV-2026-000017 1190,00 EUR",
        "(INV-2026-000017)",
    ],
)
def test_a_number_is_found_as_people_and_banks_write_it(text: str) -> None:
    assert "INV-2026-000017" in named_in(text, PATTERNS[0], "INV-2026-000017")


@pytest.mark.parametrize(
    "text",
    [
        "2010",
        "110",
        "A10",
        "10A",
        "20-10",
        "10,50",
        "1.10",
        "Zahlung 10 EUR",
        "2026 10",
        "10/26",
        "10%",
        "über 10",
        "1 0",
    ],
)
def test_a_number_is_no_part_of_another_one(text: str) -> None:
    found = named_in(text, "{n}", "10")
    assert found == ({"10"} if text in ("über 10", "1 0") else set())


@pytest.mark.parametrize("text", ["MINV-2026-000017", "M-INV-2026-000017", "INV-2026-0000171", "INV-2026-000017-2"])
def test_a_longer_number_is_another_one(text: str) -> None:
    assert named_in(text, PATTERNS[0], "INV-2026-000017") == set()


def test_two_readings_prove_nothing() -> None:
    assert named_in("RE 10 20", "re{n}", "re1020") == {"re1020"}
    assert named_in("RE 10 20", "re{n}", "re10") == {"re10"}
    assert named_in("RE 10 20", "re{n}", "re10", "re1020") == set()


@given(st.sampled_from(PATTERNS), st.integers(1, 10**7), st.sampled_from(["", " ", "-", "/"]), st.booleans())
def test_each_printed_number_is_found(pattern: str, count: int, separator: str, upper: bool) -> None:
    number = NumberSeries(name="invoice", pattern=pattern).number(count, DAY)
    written = number.replace("-", separator).replace("/", separator) if any(map(str.isalpha, number)) else number
    assert named_in(f"Zahlung: {written.upper() if upper else written} danke", pattern, number) == {number}


@given(st.text("INV-2026 017RF/.", max_size=60), st.sampled_from(PATTERNS), st.integers(1, 99), st.integers(1, 99))
def test_another_document_never_moves_a_proof(text: str, pattern: str, one: int, other: int) -> None:
    series = NumberSeries(name="invoice", pattern=pattern)
    mine, theirs = series.number(one, DAY), series.number(other, DAY)
    before = named_in(text, pattern, mine)
    assert named_in(text, pattern, mine, theirs) - {theirs} <= before


def test_a_reference_names_the_document_of_its_number() -> None:
    series = [NumberSeries(name="invoice", pattern=PATTERNS[0])]
    reference = next(f"RF{check:02d}INV2026000017" for check in range(98)
                     if list(references_in(f"RF{check:02d}INV2026000017")))  # fmt: skip
    for given_ in (entry(f"{reference[:4]} {reference[4:8]} {reference[8:]} danke"), entry(None, structured=reference)):
        [found] = proven(proofs_of(given_, series), {"INV-2026-000017": "inv"})
        assert found.by_reference
    assert not numbers_of(proofs_of(entry(reference.replace("17", "18")), series))


@pytest.mark.parametrize(
    ("text", "is_valid"),
    [
        ("RF18539007547034", True),
        ("RF18 5390 0754 7034", True),
        ("Zahlung RF18 0000 5390 0754 7034 danke", True),
        ("RF19539007547034", False),
        ("XRF18539007547034", False),
    ],
)
def test_a_reference_has_valid_check_digits(text: str, is_valid: bool) -> None:
    assert list(dict.fromkeys(references_in(text))) == (["RF18539007547034"] if is_valid else [])


@pytest.mark.parametrize(
    ("amount", "found"),
    [
        ("100.00", ("certain", "amount_due")),
        ("105.00", ("certain", "amount_with_fees")),
        ("98.00", ("certain", "amount_less_discount")),
        ("60.00", ("likely", "less_than_due")),
        ("106.00", ("possible", "more_than_due")),
    ],
)
def test_a_named_document_is_certain_if_the_amount_fits(amount: str, found: tuple[str, str]) -> None:
    one = document(1, "100.00", fees="5.00", discount="2.00")
    [suggested] = suggestions_for(Evidence(Decimal(amount), "EUR", named=[Named(one)]))
    assert (suggested.confidence, suggested.why[-1]) == found
    assert sum(part.amount for part in suggested.documents) <= Decimal(amount)


@pytest.mark.parametrize(("amount", "suggested"), [("60.005", "60.00"), ("100.005", "100.00")])
def test_a_part_has_the_decimals_of_its_document(amount: str, suggested: str) -> None:
    [found] = suggestions_for(Evidence(Decimal(amount), "EUR", named=[Named(document(1, "100.00"))]))
    assert [str(part.amount) for part in found.documents] == [suggested]


def test_documents_of_one_customer_are_paid_together() -> None:
    both = [Named(document(1, "100.00")), Named(document(2, "20.00"))]
    [certain] = suggestions_for(Evidence(Decimal(120), "EUR", named=both))
    assert certain.confidence == "certain"
    for other in ("B", None):
        mixed = [both[0], Named(document(2, "20.00", other))]
        [possible] = suggestions_for(Evidence(Decimal(120), "EUR", named=mixed))
        assert (possible.confidence, possible.why[-1]) == ("possible", "several_customers")


def test_a_payer_of_another_customer_is_never_certain() -> None:
    [found] = suggestions_for(Evidence(Decimal(10), "EUR", named=[Named(document(1, "10"))], payers=frozenset("B")))
    assert (found.confidence, found.why[-1]) == ("possible", "iban_of_other_customer")
    known = Evidence(Decimal(10), "EUR", named=[Named(document(1, "10"))], payers=frozenset("AB"))
    assert suggestions_for(known)[0].confidence == "certain"


def test_a_paid_document_is_named_but_not_certain() -> None:
    [found] = suggestions_for(Evidence(Decimal(10), "EUR", named=[Named(document(1, "0"))]))
    assert (found.confidence, found.why[-1]) == ("possible", "more_than_due")
    assert found.amount == 10


def test_a_known_payer_needs_the_only_fit() -> None:
    documents = [document(1, "100.00"), document(2, "60.00"), document(3, "30.00")]
    known = Evidence(Decimal(90), "EUR", payers=frozenset("A"), of_payers=documents)
    [found] = suggestions_for(known)
    assert (found.confidence, len(found.documents)) == ("likely", 2)
    assert suggestions_for(known._replace(of_payers=[*documents, document(4, "30.00")])) == ()
    assert suggestions_for(known._replace(amount=Decimal(91))) == ()
    assert only_fit(Decimal(3), [document(number, "1.00") for number in range(21)]) is None


amounts = st.integers(1, 5).map(lambda number: str(number * 10))
documents_of_customers = st.lists(st.tuples(amounts, st.sampled_from(["A", "B", None])), max_size=5).map(
    lambda found: [document(number, due, customer) for number, (due, customer) in enumerate(found, 1)]
)


@given(documents_of_customers, documents_of_customers, st.sampled_from(["", "A", "B", "AB"]), st.integers(1, 9))
def test_other_documents_change_no_certain_match(
    named: list[OpenDocument], more: list[OpenDocument], payers: str, tens: int
) -> None:
    evidence = Evidence(
        Decimal(tens * 10), "EUR", "Kunde A", [Named(one) for one in named], frozenset(payers), named, named
    )
    before = suggestions_for(evidence)
    after = suggestions_for(evidence._replace(of_payers=[*named, *more], others=[*named, *more]))
    if named:
        assert before == after
    certain = [one for one in before if one.confidence == "certain"]
    customers = {one.id: one.customer_id for one in named}
    for one in certain:
        paid = {customers[part.invoice_id] for part in one.documents}
        assert len(paid) == 1
        assert not payers or paid <= set(payers)
    assert all("known_iban" in one.why or named or "name_alike" in one.why for one in before)


@given(st.integers(1, 999), st.integers(1, 999), st.booleans(), st.sampled_from(["", "A", "B"]))
def test_a_second_candidate_removes_a_certain_match(one: int, other: int, longer: bool, payer: str) -> None:
    text, numbers = f"RE {one} {other} danke", [f"re{one}", f"re{one}{other}"]
    amount, mine = Decimal(50), numbers[longer]

    def confidences(*documents: str) -> list[str]:
        named = [Named(document(place, "50.00")) for place, _ in enumerate(named_in(text, "re{n}", *documents))]
        return [one.confidence for one in suggestions_for(Evidence(amount, "EUR", payer, named))]

    assert confidences(mine) == ["certain"]
    assert "certain" not in confidences(*numbers)


words = st.sampled_from(["Rechnung", "vom 02.03.", "danke", "KD 4711", "1190,00 EUR", "{one}", "{other}", "{both}"])


@given(
    st.sampled_from(PATTERNS), st.integers(1, 99), st.integers(1, 99), st.lists(words, max_size=5), amounts, amounts,
    st.sampled_from("AB"),
)  # fmt: skip
def test_any_other_document_keeps_or_removes_a_match(
    pattern: str, one: int, other: int, text: list[str], due: str, due_of_other: str, customer: str
) -> None:
    """It is certain as before, or removed by a second candidate for the same proof or payment; it never moves."""
    series = NumberSeries(name="invoice", pattern=pattern)
    mine, theirs = series.number(one, DAY), series.number(other, DAY)
    written = " ".join(text).format(one=mine, other=theirs, both=f"{mine} {theirs}")
    of = {mine: document(1, due), theirs: document(2, due_of_other, customer)}

    def suggested(*numbers: str) -> tuple[Suggestion, ...]:
        named = [Named(of[number]) for number in sorted(named_in(written, pattern, *numbers))]
        return suggestions_for(Evidence(Decimal(due), "EUR", named=named))

    before, after = suggested(mine), suggested(*of)
    if mine == theirs or not before or before[0].confidence != "certain":
        return
    if after != before:
        assert theirs in named_in(written, pattern, theirs)
        assert not after or after[0].confidence != "certain"


@given(documents_of_customers, st.integers(1, 9), st.lists(amounts, max_size=22))
def test_recorded_payments_only_raise_doubts(named: list[OpenDocument], tens: int, recorded: list[str]) -> None:
    amount = Decimal(tens * 10)
    before = suggestions_for(Evidence(amount, "EUR", named=[Named(one) for one in named]))
    explaining = sum_of_few(amount, [(Decimal(one), Decimal(one)) for one in recorded])
    assert sum(explaining) in (0, amount)
    assert explaining or f"{amount}" not in recorded
    payments = [RecordedPayment(payment_id=f"pay_{number:026d}", invoice_id=f"inv_{number:026d}", amount=one, date=DAY)
                for number, one in enumerate(explaining)]  # fmt: skip
    after = doubted(before, payments)
    assert [one.documents for one in after] == [one.documents for one in before]
    assert all(one.confidence == "possible" for one in after) if explaining else after == before


@given(documents_of_customers, st.integers(1, 9))
def test_an_amount_alone_is_no_suggestion(documents: list[OpenDocument], tens: int) -> None:
    evidence = Evidence(Decimal(tens * 10), "EUR", "Ganz Anders", of_payers=documents, others=documents)
    assert suggestions_for(evidence) == ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Werft & Söhne AG", "WERFT UND SOEHNE", True),
        ("Mueller GmbH", "Müller GmbH & Co. KG", True),
        ("Aimée Durand", "DURAND AIMEE", True),
        ("Werft & Söhne Schiffbaugesells", "Werft und Söhne Schiffbaugesellschaft mbH", True),
        ("Müller GmbH", "Meier GmbH", False),
        ("GmbH", "AG", False),
        ("Anna Müller", "Bernd Müller", False),
        (None, "Müller", False),
    ],
)
def test_names_are_alike_without_legal_forms(one: str | None, other: str | None, same: bool) -> None:
    assert alike(one, other) is same
    assert alike(other, one) is same
