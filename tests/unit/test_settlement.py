"""The settlement equation of a document after any sequence of payments."""

import json
from datetime import timedelta
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from invoicing.core.identity import Caller, Moment
from invoicing.core.ids import new_id
from invoicing.core.party import PaymentTerms
from invoicing.customers.model import Customer, CustomerData
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.invoices.drafts.references import Deposit
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import Invoice
from invoicing.issuing.finalizing import Parties, finalized
from invoicing.payments.model import PaymentData
from invoicing.settlement.errors import CashDiscountNotAllowed, PaymentExceedsDue, RefundExceedsCredit
from invoicing.settlement.model import settle
from tests import builders
from tests.builders import NOON

CENTS = st.integers(1, 20_000).map(lambda cents: Decimal(cents).scaleb(-2))


class Settlement(RuleBasedStateMachine):
    """An issued invoice, with or without a deposit, that is paid, overpaid, refunded, early and late, in any order."""

    invoice: Invoice

    @initialize(
        price=st.integers(1, 15_000), prepaid=st.none() | CENTS, deposit=st.none() | CENTS, cents=st.integers(-2, 2)
    )
    def issue(self, price: int, prepaid: Decimal | None, deposit: Decimal | None, cents: int) -> None:
        tenant = builders.tenant()
        by = Caller.system(tenant.id)
        terms = PaymentTerms(days=14, discount_percent=Decimal(3), discount_days=7)
        data = CustomerData(name="Kundin", payment_terms=terms)
        customer = Customer.new(new_id("cus", NOON), data, Moment(by, NOON, "UTC"))
        line = builders.line_json(unit_price=f"{Decimal(price).scaleb(-2)}", quantity=1)
        asked = {"rounding": f"{Decimal(cents).scaleb(-2):f}", "prepaid": prepaid and {"amount": f"{prepaid:f}"}}
        new = NewInvoice.model_validate_json(json.dumps(builders.invoice_json(lines=[line], **asked)))
        draft = Invoice.draft(
            new_id("inv", NOON), new, customer=customer, tenant=tenant, moment=Moment(by, NOON, "UTC")
        )
        day = NOON.date()
        if deposit:
            nothing = Decimal(0)
            entry = Deposit(
                invoice_id=new_id("inv", NOON),
                number="AR-1",
                issue_date=day,
                net=deposit,
                tax=nothing,
                total=deposit,
                due=nothing,
                tax_breakdown=(),
            )
            draft = draft.deducting((entry,), tenant)
        self.by = by
        self.invoice = finalized(draft, "1", Parties(tenant, customer), issue_date=day, moment=Moment(by, NOON, "UTC"))

    @rule(
        amount=CENTS,
        kind=st.sampled_from(["payment", "refund"]),
        discount=st.none() | CENTS,
        consent=st.booleans(),
        days=st.integers(0, 12),
    )
    def pay(self, amount: Decimal, kind: str, discount: Decimal | None, consent: bool, days: int) -> None:
        before, today = self.invoice, NOON.date() + timedelta(days=days)
        data = PaymentData.model_validate(
            {"amount": amount, "date": today, "type": kind, "cash_discount": discount}, strict=False
        )
        moment = Moment(self.by, NOON + timedelta(days=days), "UTC")
        try:
            payment, self.invoice = settle(before, new_id("pay", NOON), data, accept_overpayment=consent, moment=moment)
        except (PaymentExceedsDue, RefundExceedsCredit, CashDiscountNotAllowed):
            return
        signed = amount if kind == "payment" else -amount
        returned = (self.invoice.prepaid_refunded or 0) - (before.prepaid_refunded or 0)
        assert self.invoice.paid == before.paid + signed + returned
        assert self.invoice.paid == 0 or returned == 0, "the invoice's own payments go back first"
        assert sum(part.amount for part in payment.allocations) == amount

    @invariant()
    def settled(self) -> None:
        one = getattr(self, "invoice", None)
        if one is None:
            return
        settled = one.paid + one.cash_discount_taken + one.credited + one.written_off + one.due
        assert one.payable is not None
        assert one.payable + one.refund_due == settled
        assert 0 <= (one.prepaid_refunded or 0) <= (one.prepaid_amount or 0)
        assert min(one.paid, one.cash_discount_taken, one.written_off, one.due, one.refund_due) >= 0
        assert one.due == 0 or one.refund_due == 0
        assert (one.status is Status.PAID) == (one.due == 0)
        assert one.cash_discount_taken <= max(one.payable, Decimal(0)) * 3 / 100 + Decimal("0.005")


TestSettlement = Settlement.TestCase
TestSettlement.settings = settings(max_examples=60, stateful_step_count=20)
