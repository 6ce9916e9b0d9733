"""Values of a document that are derived when it is shown, and not stored."""

from invoicing.core.model import Amount, Day, Value


class Kpis(Value):
    """Key figures of a document, derived when it is read."""

    outstanding: Amount
    """Amount that is due."""
    overdue: Amount
    """Amount that is due since before today; zero before the due date has passed."""
    last_payment_date: Day | None
    """Date of the last payment; null if there is none."""
    payment_applied: Amount
    """Payments less refunds and reversals."""
    credit_applied: Amount
    """Credited amount that reduced the amount due."""
    credit_issued: Amount
    """Credited amount in total, by credit notes and a cancellation."""
    total_items: int
    """Number of lines."""
    total_discount: Amount
    """Discounts of the lines and of the document, with or without tax as the prices are."""
    average_item_cost: Amount
    """Average net amount of a line."""
    last_reactivated_on: Day | None
    """Date on which the invoice was last reactivated; null if it never was."""
    last_canceled_on: Day | None
    """Date on which the invoice was last canceled; null if it never was."""
    last_amended_on: Day | None
    """Date of the last change; null if there was none."""
    voided_on: Day | None
    """Date on which a credit note or cancellation was voided; null if it was not."""


class DocumentWarning(Value):
    """A likely mistake in a document, which does not prevent its issue."""

    pointer: str
    """RFC 6901 pointer to the field in the document."""
    code: str
    """Stable code of the warning for programs."""
    message: str
    """Explanation for users, in English."""
