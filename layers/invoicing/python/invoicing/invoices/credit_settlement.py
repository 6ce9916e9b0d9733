"""What becomes of the money that a credit note or cancellation takes off its invoice."""

from invoicing.core.model import Amount, Day, ShortText, Value


class EarlierCredit(Value):
    """An earlier document that credited a part of the same invoice."""

    number: ShortText
    """Number of the earlier document."""
    issue_date: Day
    """Issue date of the earlier document."""
    amount: Amount
    """Amount that it credited."""


class CreditSettlement(Value):
    """How a credited amount is settled. `set_off`, `refund` and `cash_discount` add up to the document's total."""

    set_off: Amount
    """Part that reduces the amount due on the invoice."""
    refund: Amount
    """Part that is paid back to the customer."""
    cash_discount: Amount
    """Part that was never paid because of a cash discount."""
    earlier: tuple[EarlierCredit, ...] = ()
    """Earlier credits of the same invoice."""
