"""Refusals about the allocation of bank transactions."""

from invoicing.core.errors import RuleBroken


class AllocationExceedsTransaction(RuleBroken):
    """The allocations exceed the part of the transaction that is not allocated.

    Reduce the amounts, or reverse another allocation first. `unallocated` of the transaction is the most.
    """

    code = "ALLOCATION_EXCEEDS_TRANSACTION"


class AllocationCurrencyDiffers(RuleBroken):
    """The document and the bank transaction have different currencies.

    Record a payment on the document with the amount in its own currency.
    """

    code = "ALLOCATION_CURRENCY_DIFFERS"


class SmallDifferenceNotAllowed(RuleBroken):
    """The rest of the document cannot be closed as a small difference.

    Send exactly the amount that stays due, at most `bank_matching.small_difference` of the tenant, and no fees.
    """

    code = "SMALL_DIFFERENCE_NOT_ALLOWED"


class TooManyChanges(RuleBroken):
    """The allocations change too many documents at once.

    Allocate to fewer documents in one request. The dunning documents that become paid count too.
    """

    code = "TOO_MANY_CHANGES"
