"""Split payment in Italy (category B): the customer pays the tax to the state, so only the net is ever due."""

import json
from decimal import Decimal
from typing import Any

import pytest

from invoicing.core.einvoice import XmlFormat
from invoicing.core.ids import new_id
from invoicing.core.party import Address, Contact, ElectronicAddress
from invoicing.customers.model import Customer, CustomerData
from invoicing.documents.einvoice import render_xml
from invoicing.documents.letter import letter
from invoicing.invoices.drafts.adjustment import AdjustmentData, adjustment
from invoicing.invoices.explanation import explanation
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.issuing.einvoice_rules import broken_rules
from invoicing.issuing.errors import En16931RuleBroken
from invoicing.issuing.finalizing import Parties, finalized
from invoicing.payments.model import Payment, PaymentData
from invoicing.settlement.closing import closed, reactivated, voided, voided_alone
from invoicing.settlement.credit import CreditData, Credited, CreditedPart
from invoicing.settlement.credit_note import cancellation, credit_note
from invoicing.settlement.errors import CreditExceedsInvoice, PaymentExceedsDue
from invoicing.settlement.model import settle
from tests import builders
from tests.builders import NOON, line_json
from tests.einvoices import GERMAN_FORMATS, MOMENT, issued
from tests.unit.test_einvoice import Read
from tests.validators import findings

TODAY = NOON.date()
MODENA = {"line1": "Via Emilia 2", "postal_code": "41121", "city": "Modena", "country": "IT"}
COMPANY = builders.tenant(
    name="Fornitore S.r.l.",
    address=Address(line1="Via Roma 1", postal_code="42121", city="Reggio Emilia", country="IT"),
    vat_id="IT01598570354",
    contact=Contact(name="Ufficio", phone="+39 0522 123456", email="fatture@fornitore.example"),
    electronic_address=ElectronicAddress(scheme="0201", id="UF6WX8"),
)
AUTHORITY: dict[str, Any] = {
    "name": "AUSL di Modena",
    "tax_id": "IT02241850367",
    "address": MODENA,
    "shipping_address": None,
    "electronic_address": {"scheme": "0201", "id": "UFLCTZ"},
    "leitweg_id": None,
    "buyer_reference": "110#2020-02-05#ABCDEF",
}
B22, B10 = ({"category": "B", "rate": rate} for rate in ("22", "10"))
EXEMPT = {"category": "E", "exemption_reason": "Art. 10 DPR 633/1972"}


def line(amount: str, tax: dict[str, str] = B22, **fields: Any) -> dict[str, Any]:
    return line_json(quantity=1, unit_price=amount, tax=tax, **fields)


def of_the_authority(*lines: dict[str, Any], **fields: Any) -> Invoice:
    """An invoice to the authority; by default over 100.00 at 22 % and 50.00 that is exempt."""
    buyer = {**AUTHORITY, **fields.pop("buyer", {})}
    return issued(tenant=COMPANY, buyer=buyer, lines=[*lines] or [line("100.00"), line("50.00", EXEMPT)], **fields)


def sums(invoice: InvoiceSummary) -> dict[str, str]:
    names = ("total", "split_tax", "prepaid_amount", "payable", "paid", "credited", "written_off", "due", "refund_due")
    return {name: f"{value}" for name in names if (value := getattr(invoice, name))}


def paid(invoice: Invoice, amount: str, **facts: Any) -> Invoice:
    data = PaymentData(amount=Decimal(amount), date=TODAY, **facts)
    return settle(invoice, new_id("pay", NOON), data, accept_overpayment=False, moment=MOMENT)[1]


def credited(invoice: Invoice, so_far: tuple[Credited, ...] = (), **data: Any) -> tuple[Invoice, Invoice, Credited]:
    return tuple(credit_note(invoice, so_far, CreditData(**data), "CN-1", day=TODAY, moment=MOMENT))  # type: ignore[return-value]


ISSUED = {"total": "172.00", "split_tax": "22.00", "prepaid_amount": "22.00", "payable": "150.00"}


def test_only_the_net_is_due() -> None:
    invoice = of_the_authority()
    assert sums(invoice) == {**ISSUED, "due": "150.00"}
    assert invoice.tax == Decimal("22.00")
    with pytest.raises(PaymentExceedsDue):
        paid(invoice, "172.00")
    invoice = paid(invoice, "150.00")
    assert (invoice.status, invoice.payment_status) == (Status.PAID, "paid")
    assert sums(invoice) == {**ISSUED, "paid": "150.00"}


def test_prepaid_money_rounding_and_earlier_debts_are_beside_it() -> None:
    invoice = of_the_authority(prepaid={"amount": "40.00"}, rounding="0.03")
    assert sums(invoice) == {**ISSUED, "prepaid_amount": "62.00", "payable": "110.03", "due": "110.03"}
    after = cancellation(invoice, (), "C-1", day=TODAY, moment=MOMENT).invoice
    assert (sums(after)["credited"], sums(after)["refund_due"]) == ("150.00", "40.00")
    indebted = of_the_authority(prepaid={"amount": "-5.00"})
    assert sums(indebted) == {**ISSUED, "prepaid_amount": "17.00", "payable": "155.00", "due": "155.00"}
    after = cancellation(indebted, (), "C-1", day=TODAY, moment=MOMENT).invoice
    assert "due" not in sums(after)
    assert "refund_due" not in sums(after)


def test_a_credit_owes_no_tax() -> None:
    invoice = paid(of_the_authority(), "150.00")
    parts = (CreditedPart(line_id=invoice.lines[0].id, amount=Decimal("40.00")),)
    note, after, row = credited(invoice, lines=parts)
    assert sums(note) == {
        "total": "48.80", "split_tax": "8.80", "prepaid_amount": "8.80", "payable": "40.00", "credited": "40.00",
    }  # fmt: skip
    assert sums(after) == {**ISSUED, "paid": "150.00", "credited": "40.00", "refund_due": "40.00"}
    assert note.credit_settlement is not None
    assert (note.credit_settlement.set_off, note.credit_settlement.refund) == (Decimal(0), Decimal(40))
    rest, whole, _ = credited(after, (row,))
    assert (rest.total + note.total, sums(whole)["refund_due"]) == (invoice.total, "150.00")
    with pytest.raises(CreditExceedsInvoice):
        credited(whole, (row,), amount=Decimal("0.01"))
    back, again, _ = voided(after, note, row, moment=MOMENT)
    assert (back.status, sums(again)) == (Status.CANCELED, sums(invoice))


def test_a_cent_of_tax_can_be_credited_alone() -> None:
    invoice = of_the_authority(line("1.67"), price_tax_inclusive=True)
    _, after, first = credited(invoice, amount=Decimal("1.58"))
    note, same, second = credited(after, (first,), amount=Decimal("0.01"))
    assert sums(note) == {"total": "0.01", "split_tax": "0.01", "prepaid_amount": "0.01"}
    assert (sums(same), same.status) == (sums(after), after.status)
    _, whole, _ = credited(same, (first, second))
    assert (sums(whole)["credited"], whole.status) == ("1.37", Status.CLOSED)


def test_an_unpaid_invoice_that_is_credited_in_full_is_closed() -> None:
    invoice = of_the_authority()
    by_amount, after, row = credited(invoice, amount=Decimal("122.00"))
    assert (sums(by_amount)["payable"], sums(after)["due"]) == ("106.40", "43.60")
    _, whole, _ = credited(after, (row,))
    assert (whole.status, whole.close_reason, whole.due) == (Status.CLOSED, "credited", Decimal(0))
    assert whole.credited == Decimal("150.00")


def test_a_canceled_invoice_can_be_reactivated() -> None:
    invoice = paid(of_the_authority(), "60.00")
    document, after, row = cancellation(invoice, (), "C-1", day=TODAY, moment=MOMENT)
    assert (document.total, document.payable, after.canceled_amount) == (Decimal(172), Decimal(150), Decimal(150))
    assert (after.payment_status, sums(after)["refund_due"]) == ("partially_paid", "60.00")
    again, _, _ = reactivated(after, document, row, corrected=False, moment=MOMENT)
    assert sums(again) == sums(invoice)
    whole = cancellation(paid(invoice, "90.00"), (), "C-1", day=TODAY, moment=MOMENT).invoice
    assert whole.payment_status == "paid"
    assert paid(whole, "150.00", type="refund").payment_status == "refunded"


def test_a_cash_discount_and_a_write_off_are_of_the_net() -> None:
    terms = {"days": 30, "discount_percent": "2", "discount_days": 10}
    invoice = paid(of_the_authority(payment_terms=terms), "147.00", cash_discount=Decimal("3.00"))
    assert invoice.status is Status.PAID
    after = cancellation(invoice, (), "C-1", day=TODAY, moment=MOMENT).invoice
    assert (after.refund_due, after.cash_discount_taken) == (Decimal(147), Decimal(0))
    assert closed(of_the_authority(), "write_off", moment=MOMENT).written_off == Decimal("150.00")


def test_a_credit_note_of_its_own_owes_the_net() -> None:
    customer = Customer.new(new_id("cus", NOON), CustomerData.model_validate_json(json.dumps(AUTHORITY)), MOMENT)
    asked = {"customer_id": customer.id, "amount": "-100.00", "description": "Abbuono", "tax": B22}
    data = AdjustmentData.model_validate_json(json.dumps(asked))
    draft = adjustment(new_id("inv", NOON), data, customer=customer, tenant=COMPANY, moment=MOMENT)
    note = finalized(draft, "CN-1", Parties(COMPANY, customer), issue_date=TODAY, moment=MOMENT)
    assert (note.type, sums(note)["payable"], sums(note)["refund_due"]) == ("credit_note", "100.00", "100.00")
    assert voided_alone(note, moment=MOMENT).refund_due == 0
    refunded = paid(note, "100.00", type="refund")
    assert (refunded.status, "refund_due" in sums(refunded)) == (Status.PAID, False)


@pytest.mark.parametrize("format_", [one for one in GERMAN_FORMATS if one != "zugferd"])
def test_the_xml_states_the_tax_as_paid(format_: XmlFormat) -> None:
    invoice = of_the_authority(line("100.00"), line("50.00", B10), allowances=[{"amount": "10.00", "tax": B22}])
    note, _, row = credited(invoice, lines=(CreditedPart(line_id=invoice.lines[1].id),))
    rest = cancellation(credited(invoice, amount=Decimal("61.00"))[1], (), "C", day=TODAY, moment=MOMENT)
    assert row.rates
    for document, split, due in ((invoice, "24.80", "140.00"), (note, "5.00", "50.00")):
        xml = render_xml(document.as_issued, format_)
        assert [one for one in findings(xml, format_) if one.fatal] == []
        read = Read(xml, format_)
        assert read.total("TotalPrepaidAmount", "PrepaidAmount") == Decimal(split)
        assert read.total("DuePayableAmount", "PayableAmount") == Decimal(due)
    assert rest.document.total


def test_the_pages_name_the_split_payment() -> None:
    invoice = of_the_authority(language="en")
    shown = letter(invoice.as_issued.listed)
    rows = [(label, amount.replace("\xa0", " ")) for label, amount in shown["settlement"]]
    assert rows == [("VAT that the customer pays to the state", "-€22.00"), ("Amount due", "€150.00")]
    assert any("art. 17-ter of DPR 633/1972" in one for one in shown["remarks"])
    note, _, _ = credited(invoice)
    rows = [(label, amount.replace("\xa0", " ")) for label, amount in letter(note.as_issued.listed)["settlement"]]
    assert rows == [("VAT that the customer pays to the state", "-€22.00"), ("Amount without this VAT", "€150.00")]


def test_the_amounts_are_explained() -> None:
    invoice = of_the_authority(line("100.00"), line("50.00", B10), prepaid={"amount": "40.00"})
    numbers = {one.number: (one.formula, f"{one.result}") for one in explanation(invoice).numbers}
    assert numbers["/split_tax"] == ("22.00 + 5.00", "27.00")
    assert numbers["/prepaid_amount"] == ("40.00 + 27.00", "67.00")
    assert numbers["/payable"] == ("177.00 − 67.00", "110.00")


@pytest.mark.parametrize(
    ("rule", "pointer", "fields"),
    [
        ("BR-B-01", "/customer/address/country", {"buyer": {"address": {**MODENA, "country": "DE"}}}),
        ("BR-B-01", "/ship_to/country", {"ship_to": {**MODENA, "country": "SM"}}),
        ("BR-B-02", "/lines/1/tax", {"lines": [line("1.00"), line("1.00", {"category": "S", "rate": "22"})]}),
        ("BR-B-02", "/lines", {"charges": [{"amount": "1.00", "tax": {"category": "S", "rate": "22"}}]}),
        ("SPLIT_PAYMENT_NOT_SUPPORTED", "/purpose", {"purpose": "deposit"}),
        ("SPLIT_PAYMENT_NOT_SUPPORTED", "/lines", {"lines": [line("9.00"), {**line("1.00", B10), "quantity": "-1"}]}),
        ("SPLIT_PAYMENT_NOT_SUPPORTED", "/prepaid/references", {"prepaid": {"amount": "12.20", "references": [
            {"number": "AR-1", "issue_date": "2026-03-01",
             "tax_breakdown": [{"category": "B", "rate": "22", "taxable": "10.00", "tax": "2.20"}]}]}}),
    ],
)  # fmt: skip
def test_unsupported_documents_are_refused(rule: str, pointer: str, fields: dict[str, Any]) -> None:
    lines = fields.pop("lines", [line("100.00")])
    with pytest.raises(En16931RuleBroken) as refused:
        of_the_authority(*lines, **fields)
    assert [(one.code, one.pointer) for one in refused.value.errors] == [(rule, pointer)]


def test_formats_restrict_it_further() -> None:
    invoice = of_the_authority(
        line("1.00", origin_country="FR"),
        allowances=[{"amount": "0.10", "tax": B22}],
        charges=[{"amount": "0.10", "tax": B22}],
    )
    cases: tuple[tuple[XmlFormat, list[str]], ...] = (
        ("peppol", ["BR-B-01"]),
        ("xrechnung_cii", []),
        ("zugferd", ["FX-SCH-A-000619", "FX-SCH-A-000599", "FX-SCH-A-000602"]),
    )
    for format_, refused in cases:
        found = [one.code for one in broken_rules(invoice, format_)]
        official = {one.rule for one in findings(render_xml(invoice.as_issued, format_), format_) if one.fatal}
        assert (found, set(refused) - official) == (refused, set())


def test_earlier_code_settles_its_rows_too() -> None:
    """Code that does not know `split_tax` computes the amount due from the prepaid amount, which contains it."""
    row = of_the_authority().model_dump()
    del row["split_tax"]
    known = {name: row[name] for name in InvoiceSummary.head() if name in row}
    head = InvoiceSummary.model_validate(known, strict=False)
    data = PaymentData(amount=Decimal("150.00"), date=TODAY)
    payment, after = settle(head, new_id("pay", NOON), data, accept_overpayment=False, moment=MOMENT)
    assert isinstance(payment, Payment)
    assert (after.status, after.due, after.payable) == (Status.PAID, Decimal(0), Decimal("150.00"))


def test_a_cent_of_tax_that_is_left_can_be_credited() -> None:
    """It can be left after a credit was voided, when the customer owes nothing any more."""
    invoice = paid(of_the_authority(line("100.00")), "100.00")
    _, whole, row = credited(invoice)
    [of_rate] = row.rates
    less = row.model_copy(update={"rates": (of_rate.model_copy(update={"tax": Decimal("21.99")}),)})
    note, _, _ = credited(whole, (less,), amount=Decimal("0.01"))
    assert sums(note) == {"total": "0.01", "split_tax": "0.01", "prepaid_amount": "0.01"}
    [of_tax] = note.lines
    assert (of_tax.quantity, of_tax.unit_price, of_tax.total) == (Decimal(1), Decimal(0), Decimal("0.01"))
