"""Suggestions: which documents a bank transaction pays, with their reasons."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Literal, NamedTuple

from invoicing.bank.entry import Confidence, Why
from invoicing.bank.model import BankTransaction
from invoicing.core.ids import BankTransactionId, InvoiceId, PaymentId
from invoicing.core.model import Amount, Day, Value, values_of

MatchObstacle = Literal[
    "no_document", "payment_recorded", "money_out", "money_returned", "not_open", "partly_allocated", "may_be_copy",
    "reversed_before", "auto_off", "not_sure_enough", "statement_unbalanced", "sepa_transaction", "refused",
    "changed_meanwhile",
]  # fmt: skip
"""Reason why no rule allocates a transaction.

`no_document`: it names none, and its payer has none of the amount. `payment_recorded`: users recorded its payment.
`money_out`, `money_returned`: it pays none by rule. `not_open`: users allocated or ignored it meanwhile.
`partly_allocated`, `may_be_copy` (`suspect_of`), `reversed_before`: it is left to users. `auto_off`,
`not_sure_enough`: by `bank_matching.auto` of the tenant. `statement_unbalanced`: its statement does not add up.
`sepa_transaction`: it names transactions of SEPA files, which only exactly their money settles, in a run at most 20.
`refused`: the documents do not accept it. `changed_meanwhile`: others change the documents now; match it again.
"""


class SuggestedDocument(Value):
    """A part of a transaction that pays a document, as `allocations` accept it."""

    invoice_id: InvoiceId
    """Identifier of the document, `inv_` followed by a ULID."""
    amount: Amount
    """Part of the transaction."""
    cash_discount: Amount | None = None
    """Cash discount that the terms allow on the value date and the payer kept back; null without one."""
    small_difference: Amount | None = None
    """Rest of the amount due that is closed with the payment; null without one."""


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


class RecordedPayment(Value):
    """A payment that a user recorded, and that may be the transaction."""

    payment_id: PaymentId
    """Identifier of the payment, `pay_` followed by a ULID."""
    invoice_id: InvoiceId
    """Identifier of its document, `inv_` followed by a ULID."""
    amount: Amount
    """Amount of the payment."""
    date: Day
    """Date of the payment, at most 7 days from that of the transaction."""


class TransactionMatch(Value):
    """The result of a bank transaction in a matching run."""

    transaction_id: BankTransactionId
    """Identifier of the transaction, `btx_` followed by a ULID."""
    outcome: Literal["allocated", "suggested", "left"]
    """Whether a rule allocated it (in a dry run: would allocate it), documents are suggested, or none was found."""
    why: tuple[Why | MatchObstacle, ...]
    """Reasons: those of the first suggestion, then the one why no rule allocates it."""
    suggestions: tuple[Suggestion, ...] = ()
    """Documents that it is allocated to, or that it may pay, best first."""

    @classmethod
    def of(cls, id_: str, suggestions: Sequence[Suggestion], obstacle: MatchObstacle | None) -> "TransactionMatch":
        """The result for an open transaction; without an obstacle, its first suggestion is allocated."""
        outcome: Literal["allocated", "suggested", "left"] = "suggested" if suggestions else "left"
        reasons = (*(suggestions[0].why if suggestions else ()), *((obstacle,) if obstacle else ()))
        return cls(
            transaction_id=id_,
            outcome=outcome if obstacle else "allocated",
            why=reasons,
            suggestions=tuple(suggestions),
        )

    @classmethod
    def of_sepa(cls, id_: str) -> "TransactionMatch":
        """The result for the money of transactions of SEPA files."""
        return cls(transaction_id=id_, outcome="allocated", why=("sepa_transaction",))

    @classmethod
    def of_closed(cls, transaction: BankTransaction) -> "TransactionMatch":
        """The result for a transaction that is not open: the documents to which a rule allocated it."""
        by_rule = [one for one in transaction.allocations if one.by == "rule"]
        if not by_rule:
            return cls.of(transaction.id, (), "not_open")
        parts = [
            SuggestedDocument(
                invoice_id=one.target_id,
                amount=one.amount,
                cash_discount=one.cash_discount,
                small_difference=one.small_difference,
            )
            for one in by_rule
        ]
        allocated = Suggestion.of(parts, transaction.confidence or "certain", *by_rule[0].why)
        return cls.of(transaction.id, (allocated,), None)


class BankMatchingRun(Value):
    """The results of a matching run, a page of open transactions."""

    object: Literal["bank_matching_run"] = "bank_matching_run"
    """Name of the object's type: `bank_matching_run`."""
    dry_run: bool
    """Whether nothing was allocated."""
    data: tuple[TransactionMatch, ...]
    """Results of the transactions, earliest booking date first."""
    has_more: bool
    """Whether more transactions are open than the run matched."""
    next_cursor: str | None
    """Cursor of the next page, to be sent as `cursor` with the same filters; null on the last page."""


class MatchedTransaction(BankTransaction):
    """A bank transaction with the documents that it may pay."""

    suggestions: tuple[Suggestion, ...] = ()
    """Documents that the part that is not allocated may pay, best first, as of this moment."""
    recorded_payments: tuple[RecordedPayment, ...] = ()
    """Payments of the same customer and, together, the same amount that users recorded: they may be this transaction.
    Then no rule allocates it."""

    @classmethod
    def suggesting(
        cls,
        transaction: BankTransaction,
        suggestions: tuple[Suggestion, ...],
        recorded: tuple[RecordedPayment, ...] = (),
    ) -> "MatchedTransaction":
        """A transaction with its suggestions, and the recorded payments that may be it."""
        # Rows of newer code can have values that are only shown, so the fields are not checked again.
        known = values_of(transaction, BankTransaction.model_fields)
        return cls.model_construct(**known, suggestions=suggestions, recorded_payments=recorded)


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
    in_full: bool = False
    """Whether no rest of it is closed by rule: it is closed already, or a deposit invoice, which has to be paid."""

    def paid(self, amount: Decimal, cash_discount: Decimal = Decimal()) -> SuggestedDocument:
        """A part of a transaction that pays it, without the decimals that its currency does not have."""
        amount = amount.quantize(self.due, ROUND_DOWN)
        return SuggestedDocument(invoice_id=self.id, amount=amount, cash_discount=cash_discount or None)
