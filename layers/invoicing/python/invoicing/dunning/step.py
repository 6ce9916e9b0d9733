"""The next level of an unpaid invoice, with its day, fees and interest, or the reason why there is none."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple

from invoicing.core.currency import from_minor
from invoicing.core.model import Amount, Day, Value, days_after
from invoicing.dunning.rule import DunningRule, rule_for
from invoicing.invoices.dunning import Charges, Dunning, charged, flat_fee_of
from invoicing.invoices.lifecycle import Status
from invoicing.tenants.late_interest import Accrued, Open, late_interest

if TYPE_CHECKING:
    from invoicing.customers.model import Customer
    from invoicing.invoices.model import InvoiceSummary
    from invoicing.payments.model import Payment
    from invoicing.tenants.model import Tenant

Obstacle = Literal[
    "nothing_due",
    "disabled",
    "customer_disabled",
    "no_rule",
    "base_rate_missing",
    "address_missing",
    "address_suppressed",
    "sender_missing",
    "email_limit_reached",
    "undelivered",
    "paused",
    "not_due",
    "debit_under_way",
]
"""For example `paused`, `no_rule` or `address_missing`; new reasons can be added."""


class Step(NamedTuple):
    """A level that is reached on a day, with the amounts of its document."""

    rule: DunningRule
    on: date
    due_date: date
    open: Decimal
    fee: Decimal
    flat_fee: Decimal
    charges: Charges
    interest: Decimal
    accrued: tuple[Accrued, ...]


class NextStep(Value):
    """The next dunning level of an invoice, as far as it is known today."""

    level: int
    """Dunning level, from 1 to 5."""
    type: Literal["reminder", "dunning"]
    """Kind of the document: `reminder` or `dunning`."""
    at: Day
    """Date on which the level is due."""
    due_date: Day
    """Date until which the customer will be asked to pay."""
    open: Amount
    """Amount due on the invoice."""
    fee: Amount
    """Reminder fee of the level."""
    flat_fee: Amount
    """Flat fee for late payment, as far as it will be charged."""
    charges: Charges = ()
    """Fees that will have been charged by then, one by one."""
    interest: Amount
    """Interest that will have accrued by then."""

    @classmethod
    def of(cls, step: Step) -> "NextStep":
        """The step as it is shown."""
        rule, on, due_date, open_, fee, flat_fee, charges, interest, _ = step
        return cls(
            level=rule.level, type=rule.type, at=on, due_date=due_date, open=open_,
            fee=fee, flat_fee=flat_fee, charges=charges, interest=interest,
        )  # fmt: skip


class DunningOutlook(Dunning):
    """The dunning of an invoice, with its next level and the obstacle to it."""

    object: Literal["dunning"] = "dunning"
    invoice_id: str
    next: NextStep | None = None
    """Next dunning level; null if there is none."""
    obstacle: Obstacle | None = None
    """Reason why the next level cannot be reached today; null if there is none."""

    @classmethod
    def of(cls, invoice: "InvoiceSummary", ahead: "Prospect") -> "DunningOutlook":
        """The outlook of an invoice."""
        dunning = invoice.dunning_so_far
        following = ahead.step and NextStep.of(ahead.step)
        known = {**dict(dunning), "next_at": following and following.at}
        return cls(**known, invoice_id=invoice.id, next=following, obstacle=ahead.obstacle)


class Prospect(NamedTuple):
    """The next step of an invoice and the obstacle to it today; each None if there is none."""

    step: Step | None
    obstacle: Obstacle | None


class Debtor(NamedTuple):
    """The customer of an invoice, and whether the next document would arrive."""

    customer: "Customer | None"
    unreachable: Obstacle | None = None
    """Reason why a mail would not arrive now; None if there is none."""
    undelivered: bool = False
    """Whether the document of the last level has not been sent yet."""


def prospect(
    invoice: "InvoiceSummary",
    rules: Sequence[DunningRule],
    debtor: Debtor,
    *,
    tenant: "Tenant",
    payments: Sequence["Payment"],
    today: date,
) -> Prospect:
    """The next dunning step of an invoice. Levels are never skipped, even if a run missed one."""
    dunning = invoice.dunning_so_far
    if invoice.type != "invoice" or invoice.status is not Status.OPEN or invoice.due_date is None:
        return Prospect(None, "nothing_due")
    if dunning.disabled:
        return Prospect(None, "disabled")
    if debtor.customer is not None and debtor.customer.dunning_disabled:
        return Prospect(None, "customer_disabled")
    rule = rule_for(rules, dunning.level + 1, dunning.customer_type)
    if rule is None:
        return Prospect(None, "no_rule")
    if rule.interest is not None and not tenant.known_base_rates.cover(invoice.due_date, today):
        return Prospect(None, "base_rate_missing")
    earliest = _date_of(rule, dunning, invoice.due_date)
    step = _step(rule, max(earliest, today), invoice, dunning, tenant, payments)
    return Prospect(step, _obstacle(dunning, earliest, debtor, today))


def _obstacle(dunning: Dunning, earliest: date, debtor: Debtor, today: date) -> Obstacle | None:
    """The obstacle that keeps an invoice from reaching a level today, although a rule exists."""
    unreachable = debtor.unreachable
    if debtor.undelivered and earliest <= today:
        return "undelivered"
    # The limit of today does not apply to the day on which the level is due.
    if unreachable is not None and (earliest <= today or unreachable != "email_limit_reached"):
        return unreachable
    if dunning.paused_until is not None and dunning.paused_until > today:
        return "paused"
    if dunning.retry_at is not None and dunning.retry_at > today:
        return "undelivered"
    return "not_due" if earliest > today else None


def _date_of(rule: DunningRule, dunning: Dunning, invoice_due: date) -> date:
    """The day on which a level is reached: after the due date of the last document. Later rules do not change it."""
    days = [days_after(dunning.counts_from(invoice_due), rule.days_overdue)]
    if dunning.due_date is not None:
        days.append(days_after(dunning.due_date, 1))
    if dunning.paused_until is not None:
        days.append(dunning.paused_until)
    if dunning.retry_at is not None:
        days.append(dunning.retry_at)
    return max(days)


def _step(
    rule: DunningRule,
    on: date,
    invoice: "InvoiceSummary",
    dunning: Dunning,
    tenant: "Tenant",
    payments: Sequence["Payment"],
) -> Step:
    nothing = from_minor(0, invoice.currency)
    company = dunning.customer_type == "company"
    # The first reminder to a consumer is free, and only companies owe the flat fee (Directive 2011/7/EU article 6).
    fee = rule.fees.get(invoice.currency, nothing) if company or rule.level > 1 else nothing
    owed = rule.interest is not None and company and not dunning.flat_fee_charged
    whole = tenant.late_payment_fees.get(invoice.currency, nothing) if owed else nothing
    charges = charged(dunning.items, rule.level, fee=fee, flat_fee=whole)
    flat_fee = flat_fee_of(charges, nothing)
    interest, accrued = nothing, tuple[Accrued, ...]()
    if rule.interest is not None and invoice.due_date is not None:
        history = open_amounts(invoice, payments, invoice.due_date)
        interest, accrued = late_interest(
            history, tenant.known_base_rates.rates, rule.interest.points, invoice.currency, until=on
        )
    return Step(rule, on, days_after(on, rule.due_in_days), invoice.due, fee, flat_fee, charges, interest, accrued)


def open_amounts(invoice: "InvoiceSummary", payments: Iterable["Payment"], due: date) -> list[Open]:
    """The open amounts from the day after the due date on. Amounts credited by now count as never owed."""
    standing = [one for one in payments if one.reversed_at is None]
    moves = sorted((one.date, _towards_invoice(one)) for one in standing)
    amount = invoice.due + sum((part for _, part in moves), from_minor(0, invoice.currency))
    begin = days_after(due, 1)
    found = {begin: amount}
    for paid_on, part in moves:
        amount -= part
        # A payment counts from its date: that day bears no interest on it.
        found[max(paid_on, begin)] = amount
    return [Open(since, max(left, left - left)) for since, left in sorted(found.items())]


def _towards_invoice(payment: "Payment") -> Decimal:
    settled = sum((part.amount for part in payment.allocations if part.to == "invoice"), Decimal(0))
    settled += payment.cash_discount or Decimal(0)
    return settled if payment.type == "payment" else -settled
