"""Suggestions: which documents a bank transaction pays, with their reasons."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from invoicing.bank.model import BankTransaction
from invoicing.core.ids import InvoiceId
from invoicing.core.model import Amount, Value, values_of

Confidence = Literal["certain", "likely", "possible"]
"""How sure a suggestion is: `certain`, `likely` or `possible`."""
Why = Literal[
    "document_number", "rf_reference", "amount_due", "amount_with_fees", "amount_less_discount", "less_than_due",
    "more_than_due", "several_customers", "known_iban", "iban_of_other_customer", "name_alike",
]  # fmt: skip
"""Reason for a suggestion: a name in the transaction, its amount, or its payer."""


class SuggestedDocument(Value):
    """A part of a transaction that pays a document, as `allocations` accept it."""

    invoice_id: InvoiceId
    """Identifier of the document, `inv_` followed by a ULID."""
    amount: Amount
    """Part of the transaction."""
    cash_discount: Amount | None = None
    """Cash discount that the terms allow on the value date and the payer kept back; null without one."""


class Suggestion(Value):
    """Documents that a transaction may pay."""

    documents: tuple[SuggestedDocument, ...]
    """Documents with their parts of the transaction."""
    amount: Amount
    """Sum of the parts."""
    confidence: Confidence
    """How sure it is."""
    why: tuple[Why, ...]
    """Reasons for the suggestion."""

    @classmethod
    def of(cls, documents: Sequence[SuggestedDocument], confidence: Confidence, *why: Why) -> "Suggestion":
        """A suggestion with the sum of its parts."""
        amount = sum((one.amount for one in documents), Decimal())
        return cls(documents=tuple(documents), amount=amount, confidence=confidence, why=tuple(dict.fromkeys(why)))


class MatchedTransaction(BankTransaction):
    """A bank transaction with the documents that it may pay."""

    suggestions: tuple[Suggestion, ...] = ()
    """Documents that the part that is not allocated may pay, best first, as of this moment."""

    @classmethod
    def suggesting(cls, transaction: BankTransaction, suggestions: tuple[Suggestion, ...]) -> "MatchedTransaction":
        """A transaction with its suggestions."""
        # Rows of newer code can have values that are only shown, so the fields are not checked again.
        return cls.model_construct(**values_of(transaction, BankTransaction.model_fields), suggestions=suggestions)


class OpenDocument(NamedTuple):
    """A document that can be paid, as far as it decides about a transaction of a day."""

    id: str
    customer_id: str | None
    customer_name: str | None
    currency: str
    due: Decimal
    """The amount due without fees."""
    fees: Decimal = Decimal()
    """The dunning fees and interest due."""
    discount: Decimal = Decimal()
    """The cash discount that the terms allow on the value date."""

    def paid(self, amount: Decimal, cash_discount: Decimal = Decimal()) -> SuggestedDocument:
        """A part of a transaction that pays it."""
        return SuggestedDocument(invoice_id=self.id, amount=amount, cash_discount=cash_discount or None)
