"""Deposits on the pages of an invoice, in its XML, and in its arithmetic."""

import json
import random
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from invoicing.core.currency import to_minor
from invoicing.core.errors import Invalid
from invoicing.core.ids import new_id
from invoicing.documents.einvoice import render_xml
from invoicing.documents.letter import letter
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import Invoice
from invoicing.issuing.finalizing import Parties, finalized, previewed
from invoicing.issuing.legal_content import missing_content
from invoicing.settlement.correction import correction
from invoicing.settlement.credit import Credited
from invoicing.settlement.credit_note import cancellation, credit_note
from invoicing.settlement.deposits import deposit_of, is_for_same_customer, released_by
from invoicing.settlement.errors import CreditExceedsInvoice, NothingToCredit
from tests.builders import NOON, line_json
from tests.einvoices import GERMAN_FORMATS, MOMENT, TENANT, issued
from tests.unit.credits import asked
from tests.unit.independent_totals import TooMuchOff, independent, payable
from tests.unit.test_einvoice import Read, require_exact
from tests.unit.test_totals import STEP_TEXTS, STEPS, generated
from tests.validators import findings

REDUCED = {"category": "S", "rate": "7"}
TYPES = {"zugferd": "386", "xrechnung_cii": "326", "xrechnung_ubl": "326", "peppol": "386"}
TYPE = ("//rsm:ExchangedDocument/ram:TypeCode", "//cbc:InvoiceTypeCode")
PRECEDING = ("//ram:InvoiceReferencedDocument/ram:IssuerAssignedID", "//cac:InvoiceDocumentReference/cbc:ID")
NOTE = ("//ram:IncludedNote/ram:Content", "/*/cbc:Note")


def deducting(final: Invoice, *deposits: Invoice, so_far: tuple[Credited, ...] = ()) -> Invoice:
    """An invoice, issued again with deposits."""
    draft = final.model_copy(update={"status": "draft", "rounding": None})
    draft = draft.deducting(tuple(deposit_of(one, so_far) for one in deposits), TENANT)
    day = NOON.date()
    return finalized(draft, "INV-9", Parties(TENANT, None), issue_date=day, due_date=day, moment=MOMENT)


def deposit(number: str, **fields: Any) -> Invoice:
    return issued(purpose="deposit", service_period=None, **fields).model_copy(update={"number": number})


def final(**fields: Any) -> Invoice:
    """A final invoice over 1,190.00 with deposits over 119.00 and 226.00."""
    of_both = deposit("AR-2", lines=[line_json(), line_json(tax=REDUCED)])
    whole = issued(lines=[line_json(quantity=1, unit_price="1000.00")], **fields)
    return deducting(whole, deposit("AR-1"), of_both)


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_a_deposit_invoice_has_its_own_type_code(format_: Any) -> None:
    document = deposit("AR-1")
    assert document.service_period is None, "nothing is supplied yet"
    assert list(missing_content(document)) == []
    xml = render_xml(document, format_)
    assert [one for one in findings(xml, format_) if one.fatal] == []
    assert Read(xml, format_).text(*TYPE) == TYPES[format_]


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_the_xml_of_a_final_invoice_lists_its_deposits(format_: Any) -> None:
    document = final().as_issued
    xml = render_xml(document, format_)
    several = format_ == "xrechnung_cii"
    assert [one for one in findings(xml, format_) if one.fatal and not several] == []
    require_exact(document, xml, format_)
    read = Read(xml, format_)
    assert (read.text(*TYPE), read.texts(*PRECEDING)) == ("380", ["AR-1", "AR-2"])
    assert read.total("TotalPrepaidAmount", "PrepaidAmount") == Decimal("345.00")
    assert read.total("DuePayableAmount", "PayableAmount") == Decimal("845.00")
    note = read.text(*NOTE).replace("\xa0", " ")
    assert "AR-2 vom 10.03.2026: 100,00 € netto zuzüglich 19 % USt. von 19,00 €, 100,00 € netto zuzüglich 7 %" in note


@pytest.mark.parametrize(
    ("language", "names", "row", "sentence"),
    [
        ("de", ("Anzahlungsrechnung", "Schlussrechnung"), "Anzahlung AR-1", "100,00 € netto zuzüglich 19 % USt."),
        ("en", ("Deposit invoice", "Final invoice"), "Deposit AR-1", "€100.00 net plus 19% VAT of €19.00"),
        ("fr", ("Facture d\u2019acompte", "Facture de solde"), "Acompte AR-1", "100,00 € HT plus TVA 19 % de 19,00 €"),
    ],
)
def test_the_pages_show_deposits(language: str, names: tuple[str, str], row: str, sentence: str) -> None:
    made = letter(final(language=language).listed)
    first = letter(deposit("AR-1", language=language).listed)
    assert (first["title"], made["title"]) == (f"{names[0]} AR-1", f"{names[1]} INV-9")
    assert [label for label, _ in made["settlement"]][:2] == [row, row.replace("1", "2")]
    assert sentence in made["remarks"][0].replace("\xa0", " ").replace("\u202f", " ")


def test_a_cancellation_names_released_deposits() -> None:
    document = cancellation(final(), (), "CAN-1", day=NOON.date(), moment=MOMENT).document
    shown = " ".join(letter(document.listed)["payment"]["sentences"]).replace("\xa0", " ")
    assert "845,00 € werden mit dem offenen Betrag der Rechnung INV-9 verrechnet." in shown
    assert "345,00 € der Rechnung INV-9 waren durch Anzahlungen gedeckt" in shown


type Left = dict[tuple[str, Fraction], tuple[int, int]]


def accepted(dice: random.Random, most_lines: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A generated invoice in euros with a positive total, and its sums by the independent calculator."""
    while True:
        sent = generated(dice, most_lines, "EUR")
        with suppress(TooMuchOff):
            sums = independent(sent)
            if sums["total"] > 0:
                return sent, sums


def drafted(sent: dict[str, Any], **fields: Any) -> Invoice:
    new = NewInvoice.model_validate_json(json.dumps({**sent, **fields}))
    return Invoice.draft(new_id("inv", NOON), new, customer=None, tenant=TENANT, moment=MOMENT)


def credited_deposit(dice: random.Random) -> tuple[Left, Invoice, list[Credited]]:
    """A generated deposit invoice, the rest of each rate by the independent calculator, and its credits."""
    sent, sums = accepted(dice, 4)
    sent.pop("prepaid", None)
    draft = drafted(sent, purpose="deposit")
    issue = {"status": Status.OPEN, "number": "AR-1", "issue_date": NOON.date(), "due": draft.total}
    invoice, so_far = draft.model_copy(update=issue), list[Credited]()
    left: Left = dict(sums["breakdown"])
    if dice.random() < 0.5 and len(sent["lines"]) > 1:
        with suppress(CreditExceedsInvoice, NothingToCredit, Invalid):
            data = asked(dice, invoice)
            _, invoice, credited = credit_note(invoice, so_far, data, "CN-1", day=NOON.date(), moment=MOMENT)
            so_far.append(credited)
            for rate in credited.rates:
                key = (rate.category, Fraction(rate.rate))
                net, tax = (to_minor(amount, "EUR", pointer="") for amount in (rate.net, rate.tax))
                left[key] = (left[key][0] - net, left[key][1] - tax)
    return {key: amounts for key, amounts in left.items() if any(amounts)}, invoice, so_far


def compared(dice: random.Random) -> tuple[bool, bool]:
    """Whether a deposit of a generated final invoice is credited, and whether the deposits exceed its total."""
    found = [credited_deposit(dice) for _ in range(dice.randint(1, 3))]
    entries = tuple(deposit_of(invoice, so_far) for _, invoice, so_far in found)
    for (left, invoice, _), entry in zip(found, entries, strict=True):
        amounts = {
            (one.category, Fraction(one.rate)): tuple(
                to_minor(each, "EUR", pointer="") for each in (one.taxable, one.tax)
            )
            for one in entry.tax_breakdown
        }
        assert amounts == left
        assert (entry.net + entry.tax, entry.total) == (entry.total, invoice.total - invoice.credited)
    sent, sums = accepted(dice, 30)
    draft = drafted(sent)
    final_invoice = draft.deducting(entries, TENANT)
    sums_of_deposits = [sum(net + tax for net, tax in left.values()) for left, _, _ in found]
    expected = payable(sent, sums["total"], sums_of_deposits)
    assert final_invoice.payable is not None
    assert to_minor(final_invoice.payable, "EUR", pointer="") == expected
    rounding = draft.deducting(entries, TENANT.model_copy(update={"cash_rounding": STEPS}))
    assert rounding.payable is not None
    rounded = payable(sent, sums["total"], sums_of_deposits, step=STEP_TEXTS["EUR"])
    assert to_minor(rounding.payable, "EUR", pointer="") == rounded
    assert [to_minor(each, "EUR", pointer="") for each in (final_invoice.tax, final_invoice.total)] == [
        sums["tax"],
        sums["total"],
    ]
    return any(so_far for _, _, so_far in found), expected < 0


def test_deposits_are_those_of_an_independent_calculator() -> None:
    dice = random.Random("deposits")
    credited, owed = (sum(kinds) for kinds in zip(*(compared(dice) for _ in range(60)), strict=True))
    assert (credited > 10, owed > 5) == (True, True)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_ten_thousand_final_invoices_with_deposits(part: int) -> None:
    dice = random.Random(f"many deposits {part}")
    assert sum(credited for credited, _ in (compared(dice) for _ in range(1_000))) > 300


def test_a_preview_asks_for_no_amount_below_zero() -> None:
    draft = issued(prepaid={"amount": "500.00"}).model_copy(update={"status": "draft"})
    shown = previewed(draft, Parties(TENANT, None), today=NOON.date())
    assert (shown.due, shown.refund_due) == (Decimal(0), 500 - shown.total)


ELSEWHERE: dict[str, Any] = {
    "amount": "345.00",
    "references": [
        {"number": "ALT-1", "issue_date": "2026-01-15",
         "tax_breakdown": [{"category": "S", "rate": "19", "taxable": "100.00", "tax": "19.00"}]},
        {"number": "ALT-2", "issue_date": "2026-02-01", "amount": "226.00",
         "tax_breakdown": [{"category": "S", "rate": "19", "taxable": "100.00", "tax": "19.00"},
                           {"category": "S", "rate": "7", "taxable": "100.00", "tax": "7.00"}]},
    ],
}  # fmt: skip
"""Deposits that another system issued."""


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_deposits_of_another_system_are_stated_like_own_ones(format_: Any) -> None:
    whole = issued(lines=[line_json(quantity=1, unit_price="1000.00")], prepaid=ELSEWHERE)
    made = letter(whole.listed)
    assert made["title"].startswith("Schlussrechnung")
    rows = [(label, amount.replace("\xa0", " ")) for label, amount in made["settlement"]]
    assert rows == [("Anzahlung ALT-1", "-119,00 €"), ("Anzahlung ALT-2", "-226,00 €"), ("Offener Betrag", "845,00 €")]
    xml = render_xml(whole.as_issued, format_)
    read = Read(xml, format_)
    assert [one for one in findings(xml, format_) if one.fatal and format_ != "xrechnung_cii"] == []
    assert (read.text(*TYPE), read.texts(*PRECEDING)) == ("380", ["ALT-1", "ALT-2"])
    assert read.total("DuePayableAmount", "PayableAmount") == Decimal("845.00")
    assert "Anzahlungsrechnung ALT-2 vom 01.02.2026: 100,00" in read.text(*NOTE).replace("\xa0", " ")


def test_other_prepaid_money_keeps_its_row_beside_deposits() -> None:
    references = [*ELSEWHERE["references"], {"number": "GUT-1"}]
    whole = issued(lines=[line_json(quantity=1, unit_price="1000.00")],
                   prepaid={"amount": "400.00", "references": references})  # fmt: skip
    rows = [label for label, _ in letter(whole.listed)["settlement"]]
    assert rows == ["Anzahlung ALT-1", "Anzahlung ALT-2", "Anzahlung (GUT-1)", "Offener Betrag"]


def test_a_correction_states_many_deposits_in_several_notes() -> None:
    parts = [{"category": "S", "rate": rate, "taxable": "100.00", "tax": f"{rate}.00"} for rate in ("19", "7")]
    numbers = [f"ANZAHLUNG-{n}" for n in range(48)]
    references = [{"number": number, "issue_date": "2026-01-15", "tax_breakdown": parts} for number in numbers]
    amount = f"{226 * len(references)}.00"
    whole = issued(lines=[line_json(quantity=1, unit_price="20000.00")],
                   prepaid={"amount": amount, "references": references})  # fmt: skip
    draft = correction(whole, {}, customer=None, tenant=TENANT, moment=MOMENT)
    assert len(draft.notes) == 2
    stated = "\n".join(note.text for note in draft.notes)
    assert [number for number in numbers if number not in stated] == []
    full = whole.model_copy(update={"notes": whole.notes + draft.notes[:1] * 19})
    with pytest.raises(Invalid):
        correction(full, {}, customer=None, tenant=TENANT, moment=MOMENT)


@pytest.mark.parametrize(
    ("change", "amount", "pointer"),
    [
        ({"issue_date": None}, "119.00", "/prepaid/references/0/issue_date"),
        ({"amount": "120.00"}, "120.00", "/prepaid/references/0/tax_breakdown"),
        ({}, "118.00", "/prepaid/references"),
        ({}, "120.00", "/prepaid/references"),
        ({"amount": "119"}, "119.00", "/prepaid/references/0/amount"),
        ({"tax_breakdown": [{"category": "S", "rate": "19", "taxable": "100.00", "tax": "7.00"}]}, "107.00",
         "/prepaid/references/0/tax_breakdown/0/tax"),
        ({"tax_breakdown": [{"category": "S", "rate": "19", "taxable": "50.0", "tax": "9.50"}] * 2}, "119.00",
         "/prepaid/references/0/tax_breakdown/0/taxable"),
        ({"tax_breakdown": [{"category": "S", "rate": "19", "taxable": "50.00", "tax": "9.50"}] * 2}, "119.00",
         "/prepaid/references/0/tax_breakdown/1"),
    ],
)  # fmt: skip
def test_parts_that_do_not_add_up_are_refused(change: dict[str, Any], amount: str, pointer: str) -> None:
    one = {**ELSEWHERE["references"][0], **change}
    with pytest.raises(Invalid) as refused:
        issued(prepaid={"amount": amount, "references": [one]})
    assert [error.pointer for error in refused.value.errors] == [pointer]


def test_buyers_without_id_have_the_address_of_their_document() -> None:
    drawn = issued().customer
    assert drawn is not None
    assert drawn.address is not None
    elsewhere = drawn.address.model_copy(update={"line1": "Neuer Weg 9"})
    buyer = drawn.model_copy(update={"tax_id": None, "legal_id": None, "party_id": None, "leitweg_id": None})
    one = issued().model_copy(update={"customer_id": None, "customer": buyer, "customer_address": drawn.address})
    other = one.model_copy(update={"customer": buyer.model_copy(update={"address": elsewhere})})
    assert is_for_same_customer(one, other)
    assert not is_for_same_customer(one, other.model_copy(update={"customer_address": elsewhere}))
    assert not is_for_same_customer(one, other.model_copy(update={"customer": None}))
    assert not is_for_same_customer(one, other.model_copy(update={"customer_id": "cus_1"}))


@pytest.mark.parametrize(
    ("sums", "released"),
    [
        ({}, "345.00"),
        ({"credited": "10.00", "refund_due": "19.00"}, "345.00"),
        ({"credited": "10.00", "refund_due": "19.01"}, None),
        ({"credited": "10.00", "refund_due": "24.00", "paid": "5.00"}, "345.00"),
        ({"credited": "10.00", "refund_due": "24.01", "paid": "5.00"}, None),
        ({"refund_due": "500.00"}, "345.00"),
        ({"prepaid_refunded": "0.01"}, None),
    ],
)
def test_deposits_are_released_while_their_money_is_here(sums: dict[str, str], released: str | None) -> None:
    """The final invoice deducts 345.00 of deposits, and 19.00 that were prepaid beside them."""
    whole = final().model_copy(update={"prepaid_amount": Decimal("364.00")})
    found = released_by(whole.model_copy(update={name: Decimal(value) for name, value in sums.items()}))
    assert found == (None if released is None else Decimal(released))
