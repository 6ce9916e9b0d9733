"""An entry of a bank statement, as files give it: the movement on the account, and the texts that belong to it."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, PlainSerializer, WithJsonSchema

from invoicing.core.model import CurrencyCode, Day, Shared, ShortText, Value, clean, decimal_of, decimal_text

_BANK_AMOUNT = r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,5})?"
BankAmount = Annotated[
    Decimal,
    Shared(
        decimal_of(_BANK_AMOUNT, integers=False),
        PlainSerializer(decimal_text, return_type=str),
        WithJsonSchema({"type": "string", "pattern": f"^{_BANK_AMOUNT}$", "examples": ["119.00"]}),
    ),
]
"""Decimal string in the major unit of the currency, such as `119.00`. Files of banks can have up to 5 decimals."""
Direction = Literal["credit", "debit"]
"""Whether the money came in (`credit`) or went out (`debit`)."""
Confidence = Literal["certain", "likely", "possible"]
"""How sure a suggestion is: `certain`, `likely` or `possible`."""
Why = Literal[
    "document_number", "rf_reference", "amount_due", "amount_with_fees", "amount_less_discount", "less_than_due",
    "more_than_due", "several_customers", "known_iban", "iban_of_other_customer", "name_alike",
    "small_difference", "payment_recorded",
]  # fmt: skip
"""Reason for a suggestion: a name in the transaction, its amount, or its payer.

`small_difference`: the amount is less by at most `bank_matching.small_difference` of the tenant.
`payment_recorded` is a doubt: users recorded payments of this amount, which may be the transaction.
"""
LONGEST_NAME = 200
LONGEST_CODE = 35
LONGEST_REFERENCE = 140
LONGEST_REMITTANCE = 2_000


class Counterparty(Value):
    """The other party of a transaction, as the bank names it."""

    name: str | None = None
    """Name of the other party; null if the bank gives none."""
    iban: str | None = None
    """Account of the other party. Its middle is replaced by `…`, except for the scope `collection:write`."""
    bic: str | None = None
    """BIC of the other party's bank."""


class BankTransactionCode(Value):
    """The kind of a transaction, in the codes of ISO 20022 and of the bank."""

    domain: str | None = None
    """Domain of ISO 20022, such as `PMNT`."""
    family: str | None = None
    """Family of ISO 20022, such as `RCDT`."""
    subfamily: str | None = None
    """Subfamily of ISO 20022, such as `ESCT`."""
    proprietary: str | None = None
    """Code of the bank, such as `NTRF+166`."""


class ReturnReason(Value):
    """The reason why a payment was returned."""

    code: str
    """Reason code of ISO 20022, such as `AC04`."""
    reason: str | None = None
    """Explanation of the bank."""


def returned(code: str | None, reason: str | None) -> ReturnReason | None:
    """The reason of a return; None for the codes of payments that succeeded. Returns without a code have `NARR`."""
    given = line(code, LONGEST_CODE)
    return None if given in _NO_RETURN else ReturnReason(code=given or "NARR", reason=line(reason))


_NO_RETURN = frozenset({"0000", "ACCC", "ACCP", "ACSC", "ACSP", "ACTC", "ACWC", "ACWP"})


class OriginalAmount(Value):
    """The amount that was instructed, where it differs from the one that moved on the account."""

    amount: BankAmount
    """Amount in the currency."""
    currency: CurrencyCode
    """Currency of the amount."""


class Entry(Value):
    """A booked movement on an account."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    booked_on: Day
    """Date on which the bank booked it."""
    value_date: Day | None = None
    """Date from which it bears interest; null if the bank gives none."""
    direction: Direction
    """Whether the money came in or went out."""
    amount: BankAmount
    """Amount, zero or more."""
    currency: CurrencyCode
    """Currency of the amount."""
    counterparty: Counterparty = Counterparty()
    """Other party of the transaction."""
    remittance: str | None = None
    """Text that the payer wrote, up to 2,000 characters; null without one."""
    structured_reference: str | None = None
    """Structured reference of the creditor (ISO 11649 or national); null without one."""
    end_to_end_id: str | None = None
    """Identifier that the ordering party gave the payment; null without one."""
    mandate_reference: str | None = None
    """Reference of the mandate of a direct debit; null without one."""
    payment_information_id: str | None = None
    """Identifier of the batch that the payment was ordered with, or of its file; null without one."""
    bank_reference: str | None = None
    """Reference of the bank. Banks repeat them, so it identifies nothing."""
    code: BankTransactionCode | None = None
    """Kind of the transaction; null if the bank gives none."""
    charges: BankAmount | None = None
    """Charges that the bank deducted beside the amount; null without any."""
    original_amount: OriginalAmount | None = None
    """Amount that was instructed; null if it is the amount."""
    returned: Annotated[ReturnReason | None, Field(alias="return")] = None
    """Reason of the return, if it returns a payment; null otherwise."""
    reversal: bool = False
    """Whether the bank marked it as the reversal of an earlier transaction."""

    @property
    def signed(self) -> Decimal:
        """The amount as it changes the balance, without the charges."""
        return self.amount if self.direction == "credit" else -self.amount

    @property
    def effect(self) -> Decimal:
        """The change of the balance, with the charges."""
        return self.signed - (self.charges or 0)


IgnoredReason = Literal["private", "transfer", "bank_charges", "provider_payout", "other"]
"""Reason why a transaction is ignored: it is private, a transfer between own accounts, charges of the bank, a payout of
a payment provider, or something else that pays no document."""


class Ignored(Value):
    """The reason why a transaction pays no document."""

    reason: IgnoredReason
    """Reason why the transaction is ignored."""
    account: ShortText | None = None
    """Account of the books that it belongs to, such as `4970`; null if none is named."""


class ReplacedEntry(Value):
    """An entry of a file that its details replace: they, less their charges, add up to it."""

    signed: BankAmount
    """The amount of the entry as it changes the balance."""
    details: int
    """The number of its details."""


class FoundEntry(Entry):
    """An entry as a reader found it. The first of the details that replace an entry knows that entry."""

    batch: ReplacedEntry | None = None


class Rejection(Value):
    """A payment that the bank did not execute. Without `end_to_end_id`, all payments of a batch, or of a file."""

    message_id: str | None = None
    """The id of the file."""
    payment_information_id: str | None = None
    """The id of the batch."""
    end_to_end_id: str | None = None
    """The id of the payment."""
    mandate_reference: str | None = None
    """The reference of the mandate of a direct debit."""
    amount: OriginalAmount | None = None
    """The amount of the payment."""
    reason: ReturnReason
    """The reason of the bank."""


def line(text: str | None, longest: int = LONGEST_REFERENCE) -> str | None:
    """A text of a bank as it is stored: one clean line, cut at its longest; None without characters."""
    return (" ".join(clean(text).split())[:longest].strip() or None) if text else None


def reference(text: str | None) -> str | None:
    """A reference; None where the bank writes that there is none."""
    given = line(text)
    return None if given is None or given.upper().replace(" ", "") in _NO_REFERENCE else given


_NO_REFERENCE = frozenset({"NOTPROVIDED", "NONREF", "NONE", "KEINEREFERENZ"})
