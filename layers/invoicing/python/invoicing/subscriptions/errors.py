"""Refusals about subscriptions."""

from invoicing.core.errors import AccessDenied, Category, DomainError, NotFound, RuleBroken
from invoicing.invoices.errors import InvalidState
from invoicing.settlement.errors import CreditExceedsInvoice, DepositDeducted, NothingToCredit


class SubscriptionNotFound(NotFound):
    """The subscription does not exist.

    Check the identifier; list the subscriptions to find it.
    """

    code = "SUBSCRIPTION_NOT_FOUND"


class PeriodNotFound(NotFound):
    """The subscription has no such period that can be billed or skipped.

    Use the `next` period of a track, or a period of the subscription's list of periods.
    """

    code = "PERIOD_NOT_FOUND"


class BillingNotFound(NotFound):
    """The document bills no subscription.

    Only invoices that a subscription created have periods.
    """

    code = "BILLING_NOT_FOUND"


class PeriodBilled(DomainError):
    """The period is billed already; `detail` names the invoice.

    Delete the draft, or cancel the invoice, to bill the period again.
    """

    code = "PERIOD_BILLED"
    category = Category.CONFLICT


class SubscriptionPaused(DomainError):
    """The subscription is paused, or a pause of it is scheduled.

    Resume the subscription first.
    """

    code = "SUBSCRIPTION_PAUSED"
    category = Category.CONFLICT


class AlreadyRebilled(DomainError):
    """A period of the invoice was billed again or skipped, or the subscription changed in the meantime.

    Leave the invoice canceled, and bill its period again if it is released.
    """

    code = "ALREADY_REBILLED"
    category = Category.CONFLICT


class ChangeNotFound(NotFound):
    """The subscription has no such change.

    Its `changes` are those that are scheduled, and the last 20 that are in force.
    """

    code = "CHANGE_NOT_FOUND"


class BooksClosed(RuleBroken):
    """The date is in closed books.

    Send a date after `books_closed_until` of the tenant.
    """

    code = "BOOKS_CLOSED"


class TermHasNoEnd(RuleBroken):
    """The subscription renews or ends with a term whose length it does not have.

    Cancel it at a `period_end`, `now` or on a `date`.
    """

    code = "TERM_HAS_NO_END"


class CatchUpRequired(RuleBroken):
    """The subscription has periods that ended before today; state whether they are billed.

    Send `catch_up` with `bill` or `none`.
    """

    code = "CATCH_UP_REQUIRED"


class TooManyPeriods(RuleBroken):
    """More than 12 past periods would be billed at once.

    Start a new subscription later, or send `catch_up` with `none`. Bill or skip the periods of one whose billing waits.
    """

    code = "TOO_MANY_PERIODS"


class TotalTooHigh(RuleBroken):
    """The total is more than ten times the average of the subscription's invoices.

    Check the items, then bill the period.
    """

    code = "TOTAL_TOO_HIGH"


OF_A_CHANGE = (SubscriptionNotFound, AccessDenied, InvalidState)
"""Errors of operations that change a subscription."""
OF_A_CREDIT = (CreditExceedsInvoice, NothingToCredit, DepositDeducted)
"""Errors of operations that credit billed days."""
