"""Transactions: single debits and credits of customers' accounts."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Self

from invoicing.bank.model import masked
from invoicing.collection.batching import SepaScheme, SequenceType
from invoicing.collection.model import AmendedMandate, PaymentMethod
from invoicing.core.identity import Moment, Reference
from invoicing.core.ids import CustomerId, InvoiceId, PaymentId, PaymentMethodId, SepaFileId, TransactionId
from invoicing.core.model import Aggregate, Amount, CurrencyCode, Day, Instant, Internal, Value
from invoicing.transactions.errors import TransactionNotRefundable, TransactionNotUnderWay

TransactionType = Literal["credit", "debit"]
"""Type of a transaction: a `credit` to the customer's account, or a `debit` of it. New values will be added."""
TransactionState = Literal["created", "pending", "succeeded", "failed", "returned", "canceled"]
"""Status of a transaction: `created` in a file or as a refund that waits for one, `pending` once the bank has the file,
`succeeded` once it is paid, `failed` if the bank refused it, `returned` if it was paid back, or `canceled` before the
bank got it. New values will be added."""


_NEW: Final[frozenset[TransactionState]] = frozenset({"created"})
_UNDER_WAY: Final[frozenset[TransactionState]] = frozenset({"created", "pending"})
_PAID: Final[frozenset[TransactionState]] = frozenset({"succeeded"})


class TransactionAccount(Value):
    """The customer's account."""

    holder: str
    """Holder of the account."""
    iban: str
    """IBAN of the account. Its middle is replaced by `…`, except for the scope `collection:write`."""
    bic: str | None = None
    """BIC of the bank; null if it is not known."""


class DebitMandate(Value):
    """The mandate of a direct debit, as the file states it."""

    reference: str
    """Reference of the mandate."""
    scheme: SepaScheme
    """Scheme of the direct debit."""
    sequence: SequenceType
    """Sequence type of the direct debit."""
    signed_on: Day
    """Date of the holder's signature."""
    amendment: AmendedMandate | None = None
    """Changes of the mandate since the direct debit before; null if there are none."""


class TransactionFailure(Value):
    """Why the bank refused or returned a transaction."""

    code: str | None = None
    """Reason code of the bank (ISO 20022), such as `AM04`; null if the bank gave none."""
    message: str | None = None
    """Text of the bank; null if it gave none."""
    retry: bool = False
    """Whether another debit may succeed."""


class TransactionChange(Value):
    """One change of a transaction's status."""

    status: TransactionState
    """Status after the change."""
    at: Instant
    """When the status changed."""
    reason: str | None = None
    """Reason code of the bank; null without one."""


class Transaction(Aggregate):
    """A debit of a customer's account, or a credit to it."""

    object: Literal["transaction"] = "transaction"
    id: TransactionId
    """Unique identifier of the transaction: `txn_` followed by a ULID."""
    type: TransactionType
    """Type of the transaction."""
    status: TransactionState = "created"
    """Status of the transaction."""
    invoice_id: InvoiceId
    customer_id: CustomerId
    payment_method_id: PaymentMethodId | None = None
    """Payment method that is debited; null for credits."""
    sepa_file_id: SepaFileId | None = None
    """SEPA file with the transaction; null for a refund that waits for the next file of credit transfers."""
    refunded_transaction_id: TransactionId | None = None
    """Direct debit that it pays back; null for other transactions."""
    amount: Amount
    """Amount of the transaction."""
    currency: CurrencyCode = "EUR"
    """Currency of the amount."""
    end_to_end_id: str
    """End-to-end id, by which statements of the bank name the transaction."""
    due_on: Day | None = None
    """Day on which the bank executes it; null for a refund that waits for a file."""
    account: TransactionAccount | None
    """Account of the customer; null after the transaction was canceled."""
    mandate: DebitMandate | None = None
    """Mandate of a direct debit; null for credits."""
    remittance: str
    """Text for the customer's statement of account."""
    payment_id: PaymentId | None = None
    """Payment or refund that was recorded; null before the transaction succeeded, and if the document did not accept
    it: a debit of a canceled invoice, or a credit of a document that owed nothing any more. If it owed less than the
    credit, the refund has that amount."""
    booked_payment_id: PaymentId | None = None
    """Payment by which a user booked a bank transaction that names the debit, while it was under way; null otherwise.
    The debit is recorded beside it only if the bank credits it by itself."""
    failure: TransactionFailure | None = None
    """Why it failed or was returned; null otherwise."""
    history: tuple[TransactionChange, ...] = ()
    """Changes of the status, oldest first."""
    created_by: Annotated[Reference | None, Internal] = None
    updated_by: Annotated[Reference | None, Internal] = None

    _is_revealed: bool = False

    @property
    def is_under_way(self) -> bool:
        """Whether its outcome is open."""
        return self.status in _UNDER_WAY

    @property
    def is_waiting(self) -> bool:
        """Whether it is a refund that waits for the next file of credit transfers."""
        return self.status == "created" and self.sepa_file_id is None

    @property
    def is_booked_alone(self) -> bool:
        """Whether it settled with the payment of a user, and the bank has not credited it by itself."""
        return self.status == "succeeded" and self.payment_id is not None and self.payment_id == self.booked_payment_id

    @property
    def file_id(self) -> str:
        """The id of its file."""
        if self.sepa_file_id is None:
            raise AssertionError(f"{self.id} is in no file")
        return self.sepa_file_id

    @property
    def executed_on(self) -> date:
        """The day on which the bank executes it."""
        if self.due_on is None:
            raise AssertionError(f"{self.id} is in no file")
        return self.due_on

    def in_file(self, file_id: str, due_on: date, amount: Decimal, moment: Moment) -> Self:
        """A refund that waited, in the file of its day, with the amount that is still owed."""
        if not self.is_waiting:
            raise TransactionNotUnderWay(f"The transaction {self.id} waits for no file.")
        return self.model_copy(update={"sepa_file_id": file_id, "due_on": due_on, "amount": amount, **moment.updated})

    def uploaded(self, moment: Moment) -> Self:
        """The transaction after the bank got its file."""
        return self._moved("pending", moment, _NEW)

    def booked(self, payment_id: str, moment: Moment) -> Self:
        """The debit after a user booked a bank transaction that names it."""
        return self.model_copy(update={"booked_payment_id": payment_id, **moment.updated})

    def settled(self, payment_id: str | None, moment: Moment) -> Self:
        """The transaction after its payment or refund was recorded. A canceled invoice gets none."""
        return self._moved("succeeded", moment, _UNDER_WAY, payment_id=payment_id)

    def credited(self, payment_id: str, moment: Moment) -> Self:
        """The debit that settled with the payment of a user, after the bank credited it by itself."""
        if not self.is_booked_alone:
            raise TransactionNotUnderWay(f"The transaction {self.id} is {self.status}.")
        return self.model_copy(update={"payment_id": payment_id, **moment.updated})

    def refused(self, failure: TransactionFailure, moment: Moment) -> Self:
        """The transaction after the bank refused it, or paid it back before it was recorded as paid."""
        return self._moved("failed", moment, _UNDER_WAY, failure=failure)

    def returned(self, failure: TransactionFailure, moment: Moment) -> Self:
        """The transaction after the bank returned its money."""
        return self._moved("returned", moment, _PAID, failure=failure)

    def canceled(self, moment: Moment) -> Self:
        """The transaction after it left its file, or waits for none any more. The account is no longer needed."""
        return self._moved("canceled", moment, _NEW, account=None)

    def require_refundable(self) -> TransactionAccount:
        """The account of a debit that can be paid back. Refuses other transactions."""
        if self.type != "debit" or self.status != "succeeded" or self.account is None:
            raise TransactionNotRefundable(f"The transaction {self.id} is a {self.type} that is {self.status}.")
        return self.account

    def _moved(
        self, status: TransactionState, moment: Moment, before: frozenset[TransactionState], **changes: Any
    ) -> Self:
        if self.status not in before:
            raise TransactionNotUnderWay(f"The transaction {self.id} is {self.status}.")
        failure: TransactionFailure | None = changes.get("failure")
        change = TransactionChange(status=status, at=moment.at, reason=failure.code if failure else None)
        changes |= {"status": status, "history": (*self.history, change)}
        return self.model_copy(update={**changes, **moment.updated})

    def shown(self, today: date) -> Self:  # noqa: ARG002 — an account does not depend on the day
        """The transaction with masked accounts, unless it was revealed."""
        if self._is_revealed:
            return self
        account, mandate = self.account, self.mandate
        if account is not None:
            account = account.model_copy(update={"iban": masked(account.iban)})
        if mandate is not None and mandate.amendment is not None:
            amendment = mandate.amendment.model_copy(update={"original_iban": masked(mandate.amendment.original_iban)})
            mandate = mandate.model_copy(update={"amendment": amendment})
        return self.model_copy(update={"account": account, "mandate": mandate})

    def revealed(self) -> Self:
        """The transaction with whole accounts, for a caller who may see them."""
        whole = self.model_copy()
        whole._is_revealed = True
        return whole


def account_of(method: PaymentMethod) -> TransactionAccount:
    """The account of a payment method."""
    return TransactionAccount(holder=method.holder, iban=method.iban or "", bic=method.bic)
