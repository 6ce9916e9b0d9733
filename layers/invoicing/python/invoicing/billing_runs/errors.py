"""Refusals about billing runs."""

from invoicing.core.errors import Category, DomainError, NotFound, RuleBroken


class BillingRunNotFound(NotFound):
    """The billing run does not exist.

    Check the identifier; list the billing runs to find it.
    """

    code = "RUN_NOT_FOUND"


class BillingRunActive(DomainError):
    """Another billing run of this source is active.

    Wait until it is completed, or cancel it. A run over subscriptions that is parked before all are billed stays
    active.
    """

    code = "BILLING_RUN_ACTIVE"
    category = Category.CONFLICT


class RunCanceled(RuleBroken):
    """The billing run of the draft was canceled.

    Finalize the draft, or delete it. Its subscription is billed again after that.
    """

    code = "BILLING_RUN_CANCELED"


class NothingToBill(RuleBroken):
    """The billing run selects nothing.

    Check `invoice_ids`, `filter` or `up_to`; list the invoices with the status `draft` to find drafts, and preview
    subscriptions to find the dates on which they are billed.
    """

    code = "NOTHING_TO_BILL"
