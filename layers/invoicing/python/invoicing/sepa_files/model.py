"""SEPA files: the direct debits and credit transfers that the tenant gives its bank."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from invoicing.bank.model import masked
from invoicing.collection.batching import (
    Debit,
    PaymentFile,
    SepaAccount,
    SepaScheme,
    SequenceType,
    Transfer,
    message_id,
    total_of,
)
from invoicing.collection.ready import SkipReason
from invoicing.core.identity import Moment, Reference
from invoicing.core.ids import SepaFileId
from invoicing.core.model import Aggregate, Amount, Day, Instant, Internal, Value
from invoicing.sepa_files.errors import (
    SepaDocumentNotFound,
    SepaFileIncomplete,
    SepaFileIsCanceled,
    SepaFileIsUploaded,
)
from invoicing.tenants.banking import Alphabet
from invoicing.transactions.model import Transaction, TransactionType

SepaFileStatus = Literal["created", "uploaded", "settled", "canceled"]
"""Status of a SEPA file: `created`, `uploaded` once the bank has it, `settled` once none of its transactions is under
way, or `canceled`. New values will be added."""
MOST_TRANSACTIONS = 1_000
"""The most transactions of a file."""


class FileOriginator(Value):
    """The tenant as the file names it."""

    name: str
    """Name of the tenant."""
    holder: str
    """Holder of the bank account."""
    iban: str
    """IBAN of the bank account. Its middle is replaced by `…`, except for the scope `collection:write`."""
    bic: str | None = None
    """BIC of the bank; null if it is not known."""
    creditor_id: str | None = None
    """Creditor identifier of direct debits; null for credit transfers."""
    alphabet: Alphabet = "basic"
    """Characters that the bank accepts in files."""
    one_batch_per_file: bool = False
    """Whether each batch is a file of its own."""


class SepaBatch(Value):
    """The transactions that the bank books together."""

    payment_information_id: str
    """Identifier of the batch, by which statements of the bank name it."""
    scheme: SepaScheme | None = None
    """Scheme of direct debits; null for credit transfers."""
    sequence: SequenceType | None = None
    """Sequence type of direct debits; null for credit transfers."""
    count: int
    """Number of transactions."""
    total: Amount
    """Sum of the transactions."""


class SepaDocument(Value):
    """An XML file for the bank."""

    id: str
    """Identifier of the XML file: `file_` followed by a ULID."""
    message_id: str
    """Identifier of the message. Banks accept each one once."""
    sha256: str
    """SHA-256 hash of the XML file, as 64 hexadecimal digits."""
    size: int
    """Size of the XML file in bytes."""


class SepaFile(Aggregate):
    """Direct debits or credit transfers that the tenant gives its bank in one file."""

    object: Literal["sepa_file"] = "sepa_file"
    id: SepaFileId
    """Unique identifier of the SEPA file: `spf_` followed by a ULID."""
    type: TransactionType
    """Type of its transactions."""
    status: SepaFileStatus = "created"
    """Status of the SEPA file."""
    format: Literal["pain.008.001.08", "pain.001.001.09"]
    """Format of its XML files."""
    message_id: str
    """Identifier of the message. It changes when the file is written again."""
    bank_account_id: str
    """Bank account of the tenant."""
    originator: FileOriginator
    """Tenant as the file names it."""
    due_on: Day
    """Day on which the bank executes the transactions."""
    settles_on: Day
    """Day from which transactions count as paid, if no statement of the bank shows them before."""
    count: int = 0
    """Number of transactions."""
    total: Amount = Decimal("0.00")
    """Sum of the transactions."""
    batches: tuple[SepaBatch, ...] = ()
    """Batches of the file."""
    files: tuple[SepaDocument, ...] = ()
    """XML files for the bank: one, or one for each batch. Empty while the file is incomplete."""
    uploaded_at: Instant | None = None
    """When the bank got the file; null before."""
    returned_count: int = 0
    """Number of transactions that the bank refused or returned."""
    writings: Annotated[int, Internal] = 1
    """Number of messages so far."""
    replaced: Annotated[tuple[str, ...], Internal] = ()
    """Storage locations of XML files with canceled transactions, until an event names them."""
    request_key: Annotated[str | None, Field(exclude=True)] = None
    """The name of the request that creates it, by which a repetition finds it, until the file is complete."""
    created_by: Annotated[Reference | None, Internal] = None
    updated_by: Annotated[Reference | None, Internal] = None

    _is_revealed: bool = False

    @property
    def account(self) -> SepaAccount:
        """The account of the tenant."""
        tenant = self.originator
        return SepaAccount(tenant.holder, tenant.iban, tenant.bic)

    @property
    def is_complete(self) -> bool:
        """Whether its XML files have all its transactions, and no others."""
        return bool(self.files)

    def shown(self, today: date) -> Self:  # noqa: ARG002 — an account does not depend on the day
        """The file with a masked account, unless it was revealed."""
        if self._is_revealed:
            return self
        originator = self.originator.model_copy(update={"iban": masked(self.originator.iban)})
        return self.model_copy(update={"originator": originator})

    def revealed(self) -> Self:
        """The file with the whole account, for a caller who may see it."""
        whole = self.model_copy()
        whole._is_revealed = True
        return whole

    def require_open(self) -> None:
        """Refuse a file that the bank has, and a canceled one."""
        if self.status == "canceled":
            raise SepaFileIsCanceled
        if self.status != "created":
            raise SepaFileIsUploaded

    def require_complete(self) -> None:
        """Refuse a canceled file, and one that is not completely written."""
        if self.status == "canceled":
            raise SepaFileIsCanceled
        if not self.is_complete:
            raise SepaFileIncomplete

    def document(self, id_: str | None, *, pointer: str = "") -> SepaDocument:
        """One of the XML files, by default the first one."""
        self.require_complete()
        found = next((one for one in self.files if id_ is None or one.id == id_), None)
        if found is None:
            raise SepaDocumentNotFound(pointer=pointer)
        return found

    def with_more(self, new: Sequence[Transaction], moment: Moment) -> Self:
        """The incomplete file with more transactions."""
        self.require_open()
        return self._counted(len(new), _sum(new), moment)

    def with_fewer(self, canceled: Sequence[Transaction], moment: Moment) -> Self:
        """The file without some transactions. It is incomplete until it is written again."""
        self.require_open()
        return self._counted(-len(canceled), -_sum(canceled), moment)

    def _counted(self, count: int, amount: Decimal, moment: Moment) -> Self:
        changed: dict[str, Any] = {"count": self.count + count, "total": self.total + amount}
        if self.is_complete:
            changed |= {"writings": self.writings + 1, "message_id": message_id(self.id, self.writings + 1)}
        replaced = (*self.replaced, *(f"{one.id}/{one.sha256}" for one in self.files))
        left = {"files": (), "batches": (), "replaced": replaced}
        return self.model_copy(update={**changed, **left, **moment.updated})

    def written(
        self, content: PaymentFile[Debit] | PaymentFile[Transfer], files: Iterable[SepaDocument], moment: Moment
    ) -> Self:
        """The complete file."""
        self.require_open()
        if (content.payments_count, content.total) != (self.count, self.total):
            raise AssertionError(f"{self.id} has other transactions than it counted")
        batches = tuple(_batch(*one) for one in content.batches)
        done = {"batches": batches, "files": tuple(files), "replaced": (), "request_key": None}
        return self.model_copy(update={**done, **moment.updated})

    def uploaded(self, moment: Moment) -> Self:
        """The file after the bank got it. A repetition changes nothing."""
        if self.status in ("uploaded", "settled"):
            return self
        self.require_complete()
        return self.model_copy(update={"status": "uploaded", "uploaded_at": moment.at, **moment.updated})

    def canceled(self, moment: Moment) -> Self:
        """The file after all its transactions were canceled."""
        self.require_open()
        return self.model_copy(update={"status": "canceled", "replaced": (), "request_key": None, **moment.updated})

    def with_returns(self, count: int, moment: Moment) -> Self:
        """The file after the bank refused or returned more of its transactions."""
        return self.model_copy(update={"returned_count": self.returned_count + count, **moment.updated})

    def settled(self, moment: Moment) -> Self:
        """The file after the last of its transactions ended."""
        return self.model_copy(update={"status": "settled", **moment.updated})


class PlannedPayment(Value):
    """A transaction in the file."""

    invoice_id: str
    invoice_number: str
    """Number of the document that it collects or refunds."""
    customer_id: str
    amount: Amount
    """Amount of the transaction."""


class PlannedDebit(PlannedPayment):
    """A direct debit in the file."""

    payment_method_id: str
    """Payment method that it debits, `pme_` followed by a ULID."""
    mandate_reference: str
    """Reference of the mandate that the holder signed."""


class PlannedCredit(PlannedPayment):
    """A credit transfer in the file."""

    iban: str
    """Account of the customer. Its middle is replaced by `…`; the transaction has the whole IBAN."""


class SkippedDocument(Value):
    """A document that the file does not contain."""

    invoice_id: str
    invoice_number: str | None
    """Number of the document; null for drafts."""
    reason: SkipReason
    """Reason why it is not collected or refunded."""


class NewSepaFile(SepaFile):
    """A new SEPA file, with the documents that it collects or refunds and those that it skips."""

    debits: tuple[PlannedDebit, ...] = ()
    """Direct debits in the file."""
    credits: tuple[PlannedCredit, ...] = ()
    """Credit transfers in the file."""
    skipped: tuple[SkippedDocument, ...]
    """Documents that the file does not contain, at most 1,000. Without `invoice_ids`, only invoices that are to be paid
    by direct debit, or documents with a `refund_due`."""


class WholeSepaFile(SepaFile):
    """A SEPA file with its transactions."""

    transactions: tuple[Transaction, ...]
    """Transactions of the file, oldest first."""

    def shown(self, today: date) -> Self:
        """The file with masked accounts, unless it was revealed."""
        file = super().shown(today)
        if file is self:
            return self
        return file.model_copy(update={"transactions": tuple(one.shown(today) for one in self.transactions)})


def _batch(payment_information_id: str, payments: Sequence[Debit | Transfer]) -> SepaBatch:
    first = payments[0]
    return SepaBatch(
        payment_information_id=payment_information_id,
        scheme=first.scheme if isinstance(first, Debit) else None,
        sequence=first.sequence if isinstance(first, Debit) else None,
        count=len(payments),
        total=total_of(payments),
    )


def _sum(transactions: Iterable[Transaction]) -> Decimal:
    return sum((one.amount for one in transactions), Decimal())
