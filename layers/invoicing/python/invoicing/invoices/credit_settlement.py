"""What becomes of the money that a credit note or cancellation takes off its invoice."""

from invoicing.core.model import Amount, Day, ShortText, Value


class EarlierCredit(Value):
    """A document that took something off the same invoice before."""

    number: ShortText
    issue_date: Day
    amount: Amount


class CreditSettlement(Value):
    """Where a credited amount goes, as the document states it from its issue on.

    `set_off` lowers what is open on the invoice, `refund` goes back to the customer, and `cash_discount` was never
    paid because of a cash discount. The three add up to the document's total.
    """

    set_off: Amount
    refund: Amount
    cash_discount: Amount
    earlier: tuple[EarlierCredit, ...] = ()
