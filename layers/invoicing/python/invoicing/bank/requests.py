"""Requests about bank statements and transactions."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Base64Bytes, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from invoicing.bank.entry import (
    LONGEST_REFERENCE,
    LONGEST_REMITTANCE,
    BankAmount,
    Confidence,
    Counterparty,
    Direction,
    FoundEntry,
    Ignored,
    IgnoredReason,
    OriginalAmount,
    line,
    reference,
    returned,
)
from invoicing.bank.model import StatementStatus, TransactionStatus
from invoicing.core.currency import to_minor
from invoicing.core.errors import Invalid
from invoicing.core.ids import BankStatementId, CustomerId
from invoicing.core.model import Amount, CurrencyCode, Day, ShortText, Value
from invoicing.core.page import ListQuery
from invoicing.core.stored_file import Form
from invoicing.tenants.csv_profile import CsvProfile

_Reference = Annotated[str, Field(min_length=1, max_length=LONGEST_REFERENCE)]


def _profile(given: Any) -> Any:
    """A profile from the JSON text of a form's field."""
    if not isinstance(given, str):
        return given
    try:
        return CsvProfile.model_validate_json(given)
    except RecursionError:
        raise ValueError("nested too deep") from None


class UploadStatement(Form):
    """A file of a bank: the only `file` of a form, at most 4 MB, or the `content` of a JSON body."""

    content: Annotated[Base64Bytes, Field(max_length=1_000_000)] | None = None
    """File in base64, in place of one in a form. A JSON body has at most 1 MB."""

    bank_account_id: ShortText | None = None
    """Bank account of the tenant. By default the one whose IBAN the file has; CSV files need it."""
    csv_profile: Annotated[CsvProfile, BeforeValidator(_profile)] | None = None
    """How to read CSV files, as JSON text in the field of a form. By default the profile of the bank account."""

    @property
    def only_content(self) -> bytes:
        """The content of the file. Refuses a body without one or with several."""
        found = [file.content for file in self.files] + ([] if self.content is None else [self.content])
        if len(found) != 1:
            raise Invalid("Exactly one file is required, in a form or as content.", pointer="/file")
        return found[0]


class AnnounceStatement(Value):
    """A file of a bank to upload to S3, of at most 50 MB."""

    size: Annotated[int, Field(ge=1, examples=[12_582_912])]
    """Size of the file in bytes, at least 1 and at most 52,428,800 (50 MB)."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", examples=["5f" * 32])]
    """SHA-256 hash of the file, as 64 hexadecimal digits."""
    bank_account_id: ShortText | None = None
    """Bank account of the tenant. By default the one whose IBAN the file has; CSV files need it."""
    csv_profile: CsvProfile | None = None
    """How to read CSV files. By default the profile of the bank account."""


class FeedCounterparty(Value):
    """The other party of a transaction."""

    name: ShortText | None = None
    """Name of the other party."""
    iban: (
        Annotated[str, Field(pattern=r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$", examples=["DE02120300000000202051"])] | None
    ) = None
    """IBAN of the other party, without spaces."""
    bic: Annotated[str, Field(pattern=r"^[A-Z0-9]{8}([A-Z0-9]{3})?$", examples=["BYLADEM1001"])] | None = None
    """BIC of the other party's bank."""


class FeedReturn(Value):
    """The reason why a payment was returned."""

    code: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,35}$", examples=["AC04"])] = "NARR"
    """Reason code of ISO 20022; by default `NARR`, a reason in words."""
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REFERENCE)] | None = None
    """Explanation of the bank."""


class FeedOriginalAmount(Value):
    """The amount that was instructed."""

    amount: Annotated[Amount, Field(ge=0)]
    """Amount, zero or more."""
    currency: CurrencyCode
    """Currency of the amount."""


class FeedTransaction(Value):
    """A booked transaction that another system read from the bank."""

    external_id: Annotated[str, Field(pattern=r"^[!-~]{1,100}$", examples=["2026-03-02/00017"])]
    """Identifier of the transaction in that system, unique on the account: 1 to 100 printable ASCII characters."""
    booked_on: Day
    """Date on which the bank booked it."""
    value_date: Day | None = None
    """Date from which it bears interest."""
    direction: Direction
    """Whether the money came in or went out."""
    amount: Annotated[Amount, Field(ge=0)]
    """Amount, zero or more."""
    currency: CurrencyCode
    """Currency of the amount."""
    counterparty: FeedCounterparty = FeedCounterparty()
    """Other party of the transaction."""
    remittance: Annotated[str, Field(max_length=LONGEST_REMITTANCE)] | None = None
    """Text that the payer wrote, up to 2,000 characters."""
    structured_reference: _Reference | None = None
    """Structured reference of the creditor."""
    end_to_end_id: _Reference | None = None
    """Identifier that the ordering party gave the payment."""
    mandate_reference: _Reference | None = None
    """Reference of the mandate of a direct debit."""
    payment_information_id: _Reference | None = None
    """Identifier of the batch that the payment was ordered with, or of its file."""
    charges: Annotated[Amount, Field(ge=0)] | None = None
    """Charges that the bank deducted beside the amount."""
    original_amount: FeedOriginalAmount | None = None
    """Amount that was instructed, if it is another one, such as that of a returned direct debit without charges."""
    reversal: bool = False
    """Whether the bank marked it as the reversal of an earlier transaction."""
    bank_reference: _Reference | None = None
    """Reference that the bank gave the entry. It identifies nothing, because banks repeat them."""
    returned: Annotated[FeedReturn | None, Field(alias="return")] = None
    """Reason of the return, if it returns a payment."""

    @property
    def entry(self) -> FoundEntry:
        """The transaction as an entry of a statement."""
        return FoundEntry(
            booked_on=self.booked_on,
            value_date=self.value_date,
            direction=self.direction,
            amount=self.amount,
            currency=self.currency,
            counterparty=Counterparty(**dict(self.counterparty)),
            remittance=line(self.remittance, LONGEST_REMITTANCE),
            structured_reference=reference(self.structured_reference),
            end_to_end_id=reference(self.end_to_end_id),
            mandate_reference=reference(self.mandate_reference),
            payment_information_id=reference(self.payment_information_id),
            returned=returned(self.returned.code, self.returned.reason) if self.returned else None,
            charges=self.charges or None,
            original_amount=self._instructed,
            reversal=self.reversal,
            bank_reference=line(self.bank_reference),
        )

    @property
    def amounts(self) -> Iterator[tuple[Decimal, str, str]]:
        """Its amounts with their currencies, and their places in it."""
        yield self.amount, self.currency, "amount"
        if self.charges is not None:
            yield self.charges, self.currency, "charges"
        if self.original_amount is not None:
            yield self.original_amount.amount, self.original_amount.currency, "original_amount/amount"

    @property
    def _instructed(self) -> OriginalAmount | None:
        given = self.original_amount
        if given is None or (given.amount, given.currency) == (self.amount, self.currency):
            return None
        return OriginalAmount(amount=given.amount, currency=given.currency)


class SendBankTransactions(Value):
    """Booked transactions of one bank account."""

    bank_account_id: ShortText
    """Bank account of the tenant."""
    transactions: Annotated[tuple[FeedTransaction, ...], Field(min_length=1, max_length=100)]
    """Transactions to store, 1 to 100."""

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        ids = [one.external_id for one in self.transactions]
        if len(set(ids)) < len(ids):
            raise PydanticCustomError("repeated", "Each external_id can occur once", {"field": "transactions"})
        for place, one in enumerate(self.transactions):
            for amount, currency, name in one.amounts:
                to_minor(amount, currency, pointer=f"/transactions/{place}/{name}")
        return self


class SetTransactionStatus(Value):
    """Whether a transaction waits for documents."""

    status: Literal["open", "ignored"]
    """New status: `ignored` for one that pays no document, or `open` again."""
    reason: IgnoredReason | None = None
    """Reason why it is ignored. Required with `ignored`."""
    account: ShortText | None = None
    """With `ignored`: account of the books that it belongs to."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.status == "ignored") != (self.reason is not None):
            raise PydanticCustomError("reason", "An ignored transaction has a reason, others none", {"field": "reason"})
        if self.status == "open" and self.account is not None:
            raise PydanticCustomError("account", "Only an ignored transaction has an account", {"field": "account"})
        return self

    @property
    def ignored(self) -> Ignored | None:
        """The reason, if it is ignored."""
        return Ignored(reason=self.reason, account=self.account) if self.reason else None


class BankStatementQuery(ListQuery):
    """Filters for bank statements; an entry matches all that are given."""

    bank_account_id: ShortText | None = None
    """Statements of this bank account."""
    status: StatementStatus | None = None
    """Statements with this status of their import."""
    ended_from: Day | None = None
    """Statements whose last day is this date or later."""
    ended_to: Day | None = None
    """Statements whose last day is this date or earlier."""


class BankTransactionQuery(ListQuery):
    """Filters for bank transactions; an entry matches all that are given."""

    status: TransactionStatus | None = None
    """Transactions with this status."""
    direction: Direction | None = None
    """Money that came in or went out."""
    booked_from: Day | None = None
    """Transactions booked on this date or later."""
    booked_to: Day | None = None
    """Transactions booked on this date or earlier."""
    amount: BankAmount | None = None
    """Transactions of exactly this amount."""
    bank_account_id: ShortText | None = None
    """Transactions on this bank account."""
    statement_id: BankStatementId | None = None
    """Transactions that came with this statement first."""
    customer_id: CustomerId | None = None
    """Transactions that are allocated to documents of this customer, or whose suggestions had some when they were last
    matched."""
    confidence: Confidence | None = None
    """Transactions that a rule allocated with this confidence, or whose best suggestion had it when they were last
    matched: at their import, or by a matching run."""
