"""Deposits on the pages of an invoice, in its XML, and in its arithmetic."""

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from invoicing.core.currency import to_minor
from invoicing.core.errors import Invalid
from invoicing.documents.einvoice import render_xml
from invoicing.documents.letter import letter
from invoicing.invoices.model import Invoice
from invoicing.issuing.finalizing import finalized, previewed
from invoicing.issuing.legal_content import missing_content
from invoicing.settlement.credit import Credited
from invoicing.settlement.credit_note import cancellation, credit_note
from invoicing.settlement.deposits import deposit_of
from invoicing.settlement.errors import CreditExceedsInvoice, NothingToCredit
from tests.builders import NOON, line_json
from tests.einvoices import GERMAN_FORMATS, MOMENT, TENANT, issued
from tests.unit.credits import asked
from tests.unit.independent_totals import EXPONENTS, TooMuchOff, independent
from tests.unit.test_einvoice import Read, require_exact
from tests.unit.test_totals import generated
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
    return finalized(draft, "INV-9", tenant=TENANT, customer=None, issue_date=day, due_date=day, moment=MOMENT)


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


def credited_deposits(dice: random.Random, count: int) -> Iterator[tuple[dict[str, Any], Invoice, list[Credited]]]:
    """Generated deposit invoices, and their credits."""
    while count:
        sent = generated(dice, 4, "EUR")
        sent.pop("prepaid", None)
        try:
            sums = independent(sent)
        except TooMuchOff:
            continue
        if sums["total"] <= 0:
            continue
        count -= 1
        invoice = issued(purpose="deposit", **sent)
        so_far: list[Credited] = []
        if dice.random() < 0.5 and len(sent["lines"]) > 1:
            try:
                _, invoice, credited = credit_note(
                    invoice, so_far, asked(dice, invoice), "CN-1", day=NOON.date(), moment=MOMENT
                )
                so_far.append(credited)
            except (CreditExceedsInvoice, NothingToCredit, Invalid):
                so_far = []
        yield sums, invoice, so_far


def test_deposits_are_those_of_an_independent_calculator() -> None:
    dice = random.Random("deposits")
    scale = 10 ** EXPONENTS["EUR"]
    with_credit = 0
    for sums, invoice, so_far in credited_deposits(dice, 60):
        entry = deposit_of(invoice, so_far)
        credited = sum((rate.net + rate.tax for one in so_far for rate in one.rates), Decimal(0))
        with_credit += bool(credited)
        assert to_minor(entry.total + credited, "EUR", pointer="") == sums["total"]
        assert (entry.net + entry.tax, entry.total) == (entry.total, invoice.total - invoice.credited)
        left = {(one.category, one.rate) for one in entry.tax_breakdown if one.taxable or one.tax}
        assert len(left) == len(entry.tax_breakdown) <= len(sums["breakdown"])
        whole = issued(lines=[line_json(quantity=1, unit_price="1000.00")])
        asked_for = deducting(whole, invoice, so_far=tuple(so_far))
        assert asked_for.payable is not None
        assert int(asked_for.payable * scale) == 119_000 - (sums["total"] - int(credited * scale))
        assert (asked_for.tax, asked_for.total) == (Decimal("190.00"), Decimal("1190.00"))
    assert with_credit > 10


def test_a_preview_asks_for_no_amount_below_zero() -> None:
    draft = issued(prepaid={"amount": "500.00"}).model_copy(update={"status": "draft"})
    shown = previewed(draft, tenant=TENANT, customer=None, today=NOON.date())
    assert (shown.due, shown.refund_due) == (Decimal(0), 500 - shown.total)
