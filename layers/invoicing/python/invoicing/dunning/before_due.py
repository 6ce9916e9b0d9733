"""The reminder some days before an invoice is due: level 0 of the dunning rules. It changes no invoice."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, Self

from invoicing.core.model import Aggregate, Day, days_after
from invoicing.customers.model import Customer
from invoicing.dunning.rule import BEFORE_DUE, DunningRule, rule_for
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import InvoiceSummary
from invoicing.payments.model import Method

_COLLECTED: frozenset[Method | None] = frozenset({"sepa_direct_debit", "card"})
"""The methods by which the tenant takes the amount itself, so that the customer has nothing to do."""


class DueReminder(Aggregate):
    """The record that the customer was reminded of a due date. It exists once for each document."""

    object: Literal["due_reminder"] = "due_reminder"
    due_date: Day
    invoice_id: str
    mail_id: str

    @classmethod
    def of(cls, invoice: InvoiceSummary, due_date: date, mail_id: str, at: datetime) -> Self:
        """The record of a mail."""
        return cls(
            id=reminder_id(due_date, invoice.id),
            due_date=due_date,
            invoice_id=invoice.id,
            mail_id=mail_id,
            created_at=at,
            updated_at=at,
        )


def reminder_id(due_date: date, invoice_id: str) -> str:
    """The id that is the same for each reminder of a document."""
    return f"{due_date}#{invoice_id}"


def rule_before_due(
    invoice: InvoiceSummary, rules: Sequence[DunningRule], customer: Customer | None, today: date
) -> DunningRule | None:
    """The rule by which the customer is reminded today; None if there is nothing to remind of.

    An invoice that was issued within these days was just sent, so it has no reminder.
    """
    rule = rule_for(rules, BEFORE_DUE, invoice.dunning_so_far.customer_type)
    due = invoice.due_date
    if rule is None or due is None or not reminds(invoice, customer, today):
        return None
    first = days_after(due, rule.days_overdue)
    issued = invoice.issue_date
    return rule if first <= today < due and (issued is None or issued < first) else None


def reminds(invoice: InvoiceSummary, customer: Customer | None, today: date) -> bool:
    """Whether the customer still has to pay the invoice by its due date, and is to be reminded."""
    dunning = invoice.dunning_so_far
    if invoice.type != "invoice" or invoice.status is not Status.OPEN or dunning.level > BEFORE_DUE:
        return False
    if dunning.disabled or (customer is not None and customer.dunning_disabled):
        return False
    if dunning.paused_until is not None and dunning.paused_until > today:
        return False
    in_time = invoice.due_date is not None and today <= invoice.due_date
    return in_time and invoice.payment_method not in _COLLECTED
