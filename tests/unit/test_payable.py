"""The payable amount of an invoice: prepaid money, cash rounding, and later changes of both."""

import json
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from invoicing.core.einvoice import XmlFormat
from invoicing.core.errors import Invalid
from invoicing.core.ids import new_id
from invoicing.documents.einvoice import render_xml
from invoicing.documents.letter import letter
from invoicing.invoices.explanation import explanation
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import Invoice
from invoicing.payments.model import Payment, PaymentData
from invoicing.pricing.payable import money_paid_before, shown_payable
from invoicing.settlement import balance
from invoicing.settlement.closing import reactivated
from invoicing.settlement.correction import correction
from invoicing.settlement.credit import CreditData, Credited
from invoicing.settlement.credit_note import IssuedCredit, cancellation, credit_note
from invoicing.settlement.errors import RefundExceedsCredit
from invoicing.settlement.model import reverse, settle
from tests import builders
from tests.builders import NOON, line_json
from tests.einvoices import GERMAN_FORMATS, MOMENT, issued
from tests.einvoices import TENANT as COMPANY
from tests.unit.test_einvoice import Read
from tests.validators import findings

TODAY = NOON.date()
NOTHING = Decimal("0.00")
ROUNDING = builders.tenant(cash_rounding={"CHF": Decimal("0.05")}, tax_number="48/123/45678")


def priced(amount: str) -> list[dict[str, Any]]:
    return [line_json(quantity=1, unit_price=amount)]


def paid(invoice: Invoice, amount: str, **facts: Any) -> tuple[Payment, Invoice]:
    data = PaymentData(amount=Decimal(amount), date=TODAY, **facts)
    return settle(invoice, new_id("pay", NOON), data, accept_overpayment=False, moment=MOMENT)


def canceled(invoice: Invoice, so_far: tuple[Credited, ...] = ()) -> IssuedCredit:
    return cancellation(invoice, so_far, "CAN-1", day=TODAY, moment=MOMENT)


def sums(invoice: Invoice) -> dict[str, str]:
    """The payable amount and its settlement."""
    names = ("payable", "paid", "credited", "written_off", "due", "refund_due")
    return {name: f"{getattr(invoice, name)}" for name in names if getattr(invoice, name)}


def test_prepaid_money_is_deducted() -> None:
    invoice = issued(lines=priced("100.00"), prepaid={"amount": "50.00"})
    assert (invoice.status, sums(invoice)) == (Status.OPEN, {"payable": "69.00", "due": "69.00"})
    _, invoice = paid(invoice, "69.00")
    assert (invoice.status, invoice.payment_status) == (Status.PAID, "paid")


@pytest.mark.parametrize(("prepaid", "refund"), [("119.00", "0.00"), ("150.00", "31.00")])
def test_an_invoice_that_was_prepaid_is_paid(prepaid: str, refund: str) -> None:
    invoice = issued(lines=priced("100.00"), prepaid={"amount": prepaid})
    assert (invoice.status, invoice.payment_status, invoice.due) == (Status.PAID, "paid", NOTHING)
    assert f"{invoice.refund_due}" == refund
    if invoice.refund_due:
        _, invoice = paid(invoice, refund, type="refund")
        assert (invoice.status, invoice.payment_status, sums(invoice)) == (Status.PAID, "paid", {})
        assert f"{invoice.prepaid_refunded}" == refund


def test_a_cancellation_refunds_prepaid_money() -> None:
    invoice = issued(lines=priced("100.00"), prepaid={"amount": "50.00"})
    document, after, _ = canceled(invoice)
    assert (document.total, after.canceled_amount) == (Decimal("119.00"), Decimal("119.00"))
    assert sums(after) == {"payable": "69.00", "credited": "119.00", "refund_due": "50.00"}
    assert document.credit_settlement is not None
    assert (document.credit_settlement.set_off, document.credit_settlement.refund) == (Decimal(69), Decimal(50))
    refund, after = paid(after, "50.00", type="refund")
    assert sums(after) == {"payable": "119.00", "credited": "119.00"}
    assert after.payment_status == "refunded"
    _, after = reverse(after, refund, [], reason="error", moment=MOMENT)
    assert sums(after) == {"payable": "69.00", "credited": "119.00", "refund_due": "50.00"}


def test_own_payments_are_refunded_before_prepaid_money() -> None:
    _, invoice = paid(issued(lines=priced("100.00"), prepaid={"amount": "50.00"}), "69.00")
    _, after, _ = canceled(invoice)
    first, after = paid(after, "70.00", type="refund")
    assert (after.paid, after.prepaid_refunded, after.refund_due) == (NOTHING, Decimal("1.00"), Decimal("49.00"))
    with pytest.raises(RefundExceedsCredit):
        paid(after, "49.01", type="refund")
    _, after = reverse(after, first, [], reason="error", moment=MOMENT)
    assert (after.paid, after.prepaid_refunded, after.refund_due) == (Decimal("69.00"), NOTHING, Decimal("119.00"))


@pytest.mark.parametrize(
    ("net", "total", "asked"),
    [("93.46", "111.22", "111.20"), ("93.47", "111.23", "111.25"), ("93.50", "111.27", "111.25")],
)
def test_the_tenants_step_rounds_the_payable_amount(net: str, total: str, asked: str) -> None:
    invoice = issued(tenant=ROUNDING, currency="CHF", lines=priced(net))
    assert (f"{invoice.total}", f"{invoice.payable}", invoice.due) == (total, asked, invoice.payable)
    assert invoice.rounding == Decimal(asked) - Decimal(total)


def test_a_rounding_by_hand_precedes_the_tenants_step() -> None:
    fields: dict[str, Any] = {"currency": "CHF", "lines": priced("93.46")}
    assert issued(tenant=ROUNDING, **fields, rounding="0.00").payable == Decimal("111.22")
    assert issued(tenant=ROUNDING, **fields, rounding="-0.22").payable == Decimal("111.00")
    assert issued(**fields).payable == Decimal("111.22"), "no step is set for the currency"
    assert issued(tenant=ROUNDING, **fields, prepaid={"amount": "11.21"}).payable == Decimal("100.00")


@pytest.mark.parametrize("rounding", ["0.03", "-0.02"])
def test_a_full_credit_leaves_no_rounding_behind(rounding: str) -> None:
    invoice = issued(lines=priced("100.00"), rounding=rounding)
    _, unpaid, _ = canceled(invoice)
    assert (unpaid.due, unpaid.refund_due, unpaid.payable) == (NOTHING, NOTHING, Decimal("119.00"))
    _, settled = paid(invoice, f"{invoice.payable}")
    document, after, credited = canceled(settled)
    assert after.refund_due == settled.paid == invoice.payable, "what was paid goes back, no cent more or less"
    assert after.payment_status == "paid"
    again, _, _ = reactivated(after, document, credited, corrected=False, moment=MOMENT)
    assert (again.canceled_amount, again.deposits_released) == (NOTHING, None)
    assert sums(again) == sums(settled)


@pytest.mark.parametrize("total", ["0.01", "1.00"])
def test_the_smallest_invoice_can_be_credited_in_full(total: str) -> None:
    invoice = issued(lines=[line_json(quantity=1, unit_price=total, tax={"category": "Z"})], rounding="0.02")
    _, after, _ = canceled(invoice)
    assert sums(after) == {"payable": total, "credited": total}


def test_credit_is_measured_against_the_total() -> None:
    invoice = issued(lines=priced("100.00"), prepaid={"amount": "119.00"})
    note, after, first = credit_note(invoice, (), CreditData(amount=Decimal("19.00")), "CN-1", day=TODAY, moment=MOMENT)
    assert (note.total, after.refund_due) == (Decimal("19.00"), Decimal("19.00"))
    _, after, _ = canceled(after, (first,))
    assert sums(after) == {"credited": "119.00", "refund_due": "119.00"}


def test_a_correction_takes_prepaid_money_over_once() -> None:
    invoice = issued(lines=priced("100.00"), prepaid={"amount": "50.00"}, rounding="0.01")
    draft = correction(invoice, {}, customer=None, tenant=COMPANY, moment=MOMENT)
    assert (draft.prepaid, draft.rounding, draft.payable) == (None, None, Decimal("119.00"))


def test_cash_discount_is_a_part_of_the_payable_amount() -> None:
    terms = {"days": 14, "discount_percent": "2", "discount_days": 7}
    invoice = issued(lines=priced("100.00"), prepaid={"amount": "69.00"}, payment_terms=terms)
    _, after = paid(invoice, "49.00", cash_discount=Decimal("1.00"))
    assert (after.status, after.due) == (Status.PAID, NOTHING)


def test_only_an_invoice_can_be_prepaid_or_rounded() -> None:
    draft = issued(lines=priced("100.00")).model_copy(update={"status": Status.DRAFT, "type": "credit_note"})
    for field, value in (("prepaid", {"amount": "1.00"}), ("rounding", "0.01")):
        data = json.loads(draft.data.model_dump_json()) | {field: value, "customer_id": None}
        changed = type(draft.data).model_validate_json(json.dumps(data))
        with pytest.raises(Invalid) as refused:
            draft.changed(changed, customer=None, tenant=COMPANY, moment=MOMENT)
        assert refused.value.errors[0].pointer.startswith(f"/{field}")


def test_rows_from_before_are_payable_in_full() -> None:
    """Neither head nor content had these fields, and `prepaid` was the payment that a correction took over."""
    new = issued(lines=priced("100.00"))
    row = json.loads(new.model_dump_json())
    for name in ("payable", "prepaid_amount", "prepaid_refunded", "rounding", "paid_at_issue", "allowances", "charges"):
        del row[name]
    for line in row["lines"]:
        for name in ("allowances", "charges", "gross_price", "price_discount", "net_given"):
            del line[name]
    row |= {"prepaid": "19.00", "paid": "19.00", "due": "100.00"}
    invoice = Invoice.model_validate_json(json.dumps(row))
    assert (invoice.prepaid, invoice.paid_at_issue, invoice.as_issued.due) == (
        None,
        Decimal("19.00"),
        Decimal("100.00"),
    )
    shown = invoice.shown(TODAY)
    assert (shown.payable, shown.rounding, shown.prepaid_amount) == (Decimal("119.00"), NOTHING, NOTHING)
    _, after = paid(invoice, "100.00")
    assert (after.status, sums(after)) == (Status.PAID, {"payable": "119.00", "paid": "119.00"})


def test_the_payable_amount_is_explained() -> None:
    invoice = issued(lines=priced("100.00"), prepaid={"amount": "50.00"}, rounding="0.03")
    number = explanation(invoice).numbers[-1]
    assert (number.number, number.formula, number.exact) == ("/payable", "119.00 − 50.00", "69.00")
    assert (f"{number.result}", number.rounding) == ("69.03", "0.03")


def test_an_earlier_debt_ends_with_a_full_credit() -> None:
    invoice = issued(lines=priced("100.00"), prepaid={"amount": "-50.00", "references": [{"number": "ALT-1"}]})
    assert sums(invoice) == {"payable": "169.00", "due": "169.00"}
    document, after, _ = canceled(invoice)
    assert sums(after) == {"payable": "119.00", "credited": "119.00"}
    assert document.credit_settlement is not None
    assert document.credit_settlement.set_off == Decimal("119.00")
    _, settled = paid(invoice, "160.00")
    document, after, _ = canceled(settled)
    assert sums(after) == {"payable": "119.00", "paid": "160.00", "credited": "119.00", "refund_due": "160.00"}
    assert document.credit_settlement is not None
    facts = (document.credit_settlement.set_off, document.credit_settlement.refund)
    assert facts == (NOTHING, Decimal("119.00"))


@pytest.mark.parametrize("terms", [{"prepaid": {"amount": "-50.00"}}, {"rounding": "1.00"}])
def test_a_cash_discount_lapses_with_a_full_credit(terms: dict[str, Any]) -> None:
    """The refund is the money that was paid, although the payable amount was above the total."""
    discount = {"days": 30, "discount_percent": "3", "discount_days": 10}
    invoice = issued(lines=priced("100.00"), payment_terms=discount, **terms)
    asked = invoice.payable or NOTHING
    kept_back = (asked * 3 / 100).quantize(NOTHING)
    _, settled = paid(invoice, f"{asked - kept_back:.2f}", cash_discount=kept_back)
    _, after, credited = canceled(settled)
    assert (after.cash_discount_taken, credited.cash_discount) == (NOTHING, settled.cash_discount_taken)
    assert after.refund_due == settled.paid


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_the_files_state_an_earlier_debt(format_: XmlFormat) -> None:
    debt = {"amount": "-50.00", "date": "2026-01-31", "references": [{"number": "ALT-1"}]}
    invoice = issued(lines=priced("100.00"), prepaid=debt)
    xml = render_xml(invoice.as_issued, format_)
    assert [one for one in findings(xml, format_) if one.fatal] == []
    read = Read(xml, format_)
    assert read.total("TotalPrepaidAmount", "PrepaidAmount") == Decimal("-50.00")
    assert read.total("DuePayableAmount", "PayableAmount") == Decimal("169.00")
    rows = [(label, amount.replace("\xa0", " ")) for label, amount in letter(invoice.listed)["settlement"]]
    assert rows == [("Frühere Forderung vom 31.01.2026 (ALT-1)", "50,00 €"), ("Offener Betrag", "169,00 €")]


@pytest.mark.parametrize("lines", [priced("0.00"), None])
def test_a_debt_alone_is_no_invoice(lines: list[dict[str, Any]] | None) -> None:
    """Neither is an amount of zero."""
    with pytest.raises((Invalid, ValidationError)):
        issued(lines=lines or priced("1.00"), prepaid={"amount": "-50.00" if lines else "0.00"})


def test_the_refunds_of_all_credits_are_the_payment() -> None:
    """The rounding ends with the last cent, which is refunded less."""
    _, invoice = paid(issued(lines=priced("100.00"), rounding="-0.02"), "118.98")
    first = credit_note(invoice, (), CreditData(amount=Decimal("118.99")), "CN-1", day=TODAY, moment=MOMENT)
    last = canceled(first.invoice, (first.credited,))
    refunds = [one.document.credit_settlement and one.document.credit_settlement.refund for one in (first, last)]
    assert refunds == [Decimal("118.99"), Decimal("-0.01")]
    assert last.invoice.refund_due == invoice.paid


def test_released_deposits_leave_no_negative_refund() -> None:
    released, open_ = (
        {"deposits_released": Decimal("5.00")},
        {"credited": NOTHING, "total": Decimal("119.00"), "split_tax": None},
    )
    before: Any = SimpleNamespace(refund_due=Decimal("5.00"), currency="EUR")
    after: Any = SimpleNamespace(**open_, **released, refund_due=Decimal("3.00"), currency="EUR")
    assert balance._refund(before, after, after) == NOTHING


def test_a_row_without_rounding_shows_none() -> None:
    facts = {"total": "119.00", "credited": "0.00", "prepaid_amount": "50.00", "prepaid_refunded": "10.00"}
    sums_ = {name: Decimal(value) for name, value in facts.items()} | {"deposits_released": Decimal("5.00")}
    row: Any = SimpleNamespace(**sums_, currency="EUR", rounding=None, payable=None, split_tax=Decimal("19.00"))
    assert (shown_payable(row)["rounding"], shown_payable(row)["payable"]) == (NOTHING, Decimal("84.00"))
    assert money_paid_before(row) == Decimal("31.00")
