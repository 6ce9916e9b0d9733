"""Bank statements, and the transactions of the tenant's accounts."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import ConfigDict, Field

from invoicing.bank.entry import BankAmount, Confidence, Counterparty, Entry, Ignored, Why
from invoicing.bank.errors import TransactionAllocated, TransactionIgnored
from invoicing.bank.once import EntrySource, New
from invoicing.bank.statement_parts import (
    MOST_PROBLEMS,
    AnnouncedFile,
    ImportProgress,
    StatementAccount,
    StatementFile,
    StatementGap,
    StatementProblem,
)
from invoicing.core.identity import Moment, Reference
from invoicing.core.ids import (
    BankStatementId,
    BankTransactionId,
    CustomerId,
    InvoiceId,
    PaymentId,
    SepaFileId,
    TransactionId,
)
from invoicing.core.model import Aggregate, Amount, Day, Instant, Internal, Value, values_of

StatementStatus = Literal["pending", "queued", "running", "done", "failed"]
"""Status of an import: `pending` until its file is uploaded, `queued`, `running`, `done`, or `failed`."""
TransactionStatus = Literal["open", "partly_allocated", "allocated", "ignored"]
"""Status of a transaction: `open`, `partly_allocated` or `allocated` by its amount, or `ignored` by a user."""


def masked(iban: str | None) -> str | None:
    """An IBAN without its middle, by which people recognize it and nobody can use it."""
    return iban and (f"{iban[:4]}…{iban[-4:]}" if len(iban) > 8 else "…")


class StatementOrigin(NamedTuple):
    """The bank account and the format that entries come from."""

    account_id: str
    format: EntrySource


class BankStatement(Aggregate):
    """A statement of one bank account. Each of its entries is imported once, even if several files contain it."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    object: Literal["bank_statement"] = "bank_statement"
    id: BankStatementId
    """Unique identifier of the statement: `bst_` followed by a ULID."""
    bank_account_id: str | None
    """Bank account of the tenant; null until a file that names it was read."""
    source: Literal["upload", "feed"]
    """Whether it was uploaded as a file or came through the feed."""
    format: EntrySource | None
    """Format of the file; null until it was read."""
    account: StatementAccount
    """Account as the file names it."""
    number: str | None = None
    """Number of the statement, as the bank counts; null without one."""
    first_day: Annotated[Day | None, Field(alias="from")] = None
    """First day of the statement; null if it has neither entries nor balances."""
    last_day: Annotated[Day | None, Field(alias="to")] = None
    """Last day of the statement; null if it has neither entries nor balances."""
    opening_balance: BankAmount | None = None
    """Balance before the first entry, negative for a debt; null if the file has none."""
    closing_balance: BankAmount | None = None
    """Balance after the last entry, negative for a debt; null if the file has none."""
    booked: int
    """Number of booked entries."""
    new: int = 0
    """Number of entries that became transactions."""
    duplicates: int = 0
    """Number of entries that were known from other statements or the feed."""
    pending_left_out: int = 0
    """Number of entries that are not booked yet. They are not imported."""
    rejected: int = 0
    """Number of payments that the bank did not execute. Only pain.002 has them, alone, by batch or by file."""
    balanced: bool | None = None
    """Whether the entries add up to the difference of the balances; null if the file lacks a balance."""
    gap: StatementGap | None = None
    """Difference from the statement before; null if it continues that one, or if there is none."""
    status: StatementStatus = "queued"
    """Status of the import."""
    progress: ImportProgress
    """Progress of the import."""
    files: tuple[StatementFile, ...] = ()
    """Files of the statement: the upload, and its entries as they were read."""
    announced: AnnouncedFile | None = None
    """How to read the file, if it was announced before its upload to S3; null otherwise."""
    position: int = 0
    """Position of the statement in the uploaded file, starting at 0."""
    statements_in_file: int = 1
    """Number of statements in the uploaded file."""
    problems: Annotated[tuple[StatementProblem, ...], Field(max_length=MOST_PROBLEMS)] = ()
    """Parts that could not be read, at most 100."""
    imported_at: Instant | None = None
    """When all entries were imported; null before."""
    created_by: Reference | None
    updated_by: Reference | None

    _is_revealed: bool = False

    def shown(self, today: date) -> Self:  # noqa: ARG002 — an account does not depend on the day
        """The statement with a masked account, unless it was revealed."""
        if self._is_revealed:
            return self
        hidden = {"iban": masked(self.account.iban), "number": masked(self.account.number)}
        account = self.account.model_copy(update=hidden)
        return self.model_copy(update={"account": account})

    def revealed(self) -> Self:
        """The statement with its whole account, for a caller who may see it."""
        whole = self.model_copy()
        whole._is_revealed = True
        return whole

    @property
    def is_ended(self) -> bool:
        """Whether its import ended."""
        return self.status in ("done", "failed")

    @property
    def is_read(self) -> bool:
        """Whether its file was read. A file that was announced may never arrive, or be no statement."""
        return self.format is not None

    @property
    def origin(self) -> StatementOrigin:
        """The bank account and the format of a statement that was read."""
        if self.bank_account_id is None or self.format is None:
            raise AssertionError(f"{self.id} was not read yet")
        return StatementOrigin(self.bank_account_id, self.format)

    def file(self, kind: Literal["original", "entries"]) -> StatementFile:
        """One of its files."""
        return next(one for one in self.files if one.kind == kind)

    def advanced(self, *, new: int, duplicates: int, moment: Moment) -> Self:
        """The statement after some more entries."""
        progress = self.progress.model_copy(update={"done": self.progress.done + new + duplicates})
        counts = {"new": self.new + new, "duplicates": self.duplicates + duplicates}
        return self.model_copy(update={**counts, "progress": progress, "status": "running", **moment.updated})

    def grown(self, days: Sequence[date], *, new: int, moment: Moment) -> Self:
        """The statement of a feed's request after some more transactions, booked on these days. It is done so far."""
        at = [*days, *(day for day in (self.first_day, self.last_day) if day is not None)]
        booked = self.booked + len(days)
        counts = {"booked": booked, "new": self.new + new, "duplicates": self.duplicates + len(days) - new}
        within = {"first_day": min(at), "last_day": max(at)}
        done = {"progress": ImportProgress(done=booked, total=booked), "status": "done", "imported_at": moment.at}
        return self.model_copy(update={**counts, **within, **done, **moment.updated})

    def ended(self, moment: Moment) -> Self:
        """The statement after its last entry."""
        return self.model_copy(update={"status": "done", "imported_at": moment.at, **moment.updated})

    def failed(self, moment: Moment) -> Self:
        """The statement after its import failed for good. The entries that were imported stay."""
        message = "The import failed several times. Upload the file again to continue it."
        problem = StatementProblem(place="", code="IMPORT_FAILED", message=message)
        problems = (problem, *self.problems)[:MOST_PROBLEMS]
        return self.model_copy(update={"status": "failed", "problems": problems, **moment.updated})

    def queued_again(self, moment: Moment) -> Self:
        """A failed statement that is imported again from its progress on."""
        problems = tuple(one for one in self.problems if one.code != "IMPORT_FAILED")
        return self.model_copy(update={"status": "queued", "problems": problems, **moment.updated})

    def continuing(self, expected_opening: Decimal | None) -> Self:
        """The statement with its difference from the one before."""
        gap = None if expected_opening is None else StatementGap(expected_opening=expected_opening)
        return self.model_copy(update={"gap": gap})


_COMPLETED = (
    "value_date", "remittance", "structured_reference", "end_to_end_id", "mandate_reference", "payment_information_id",
    "bank_reference", "code", "original_amount", "returned",
)  # fmt: skip
"""The fields that another format can add to a transaction."""


class BankAllocation(Value):
    """A part of a transaction that was allocated to a document, as a payment or refund of it."""

    kind: Literal["invoice", "refund"]
    """Kind of the allocation: a payment of the `invoice`, or a `refund` of its credit. New values will be added."""
    target_id: InvoiceId
    """Identifier of the document, `inv_` followed by a ULID."""
    amount: Amount
    """Part of the transaction."""
    cash_discount: Amount | None = None
    """Cash discount that the payer kept back; null without one."""
    small_difference: Amount | None = None
    """Rest of the amount due that was closed with the payment; null without one."""
    customer_id: CustomerId | None = None
    """Customer of the document; null if it has none, or if the allocation is older than this field."""
    payment_id: PaymentId
    """Payment or refund of the document, `pay_` followed by a ULID."""
    by: Literal["rule", "user"]
    """Whether a `rule` or a `user` allocated it."""
    why: tuple[Why, ...] = ()
    """Reasons of the rule; none if a user allocated it."""


class BankCollection(Value):
    """The transactions of SEPA files that a bank transaction is the money of. They name their payments."""

    kind: Literal["collection", "refund", "return"]
    """Whether debits were collected, customers refunded, or one transaction returned. New values will be added."""
    target_id: TransactionId | SepaFileId
    """Identifier of the transaction, or of the SEPA file whose transactions were booked together."""
    amount: Amount
    """Amount of the transactions that was recorded."""
    charges: Amount | None = None
    """Charges of the bank for a return; null without any."""


class BankTransaction(Aggregate, Entry):
    """A booked transaction on a bank account."""

    object: Literal["bank_transaction"] = "bank_transaction"
    id: BankTransactionId
    """Unique identifier of the transaction: `btx_` followed by a ULID."""
    statement_id: BankStatementId
    """Statement that it came with first."""
    bank_account_id: str
    """Bank account of the tenant."""
    suspect_of: BankTransactionId | None = None
    """Transaction that may be the same: it differs only in its text and came in another format, came in the same format
    with more or fewer texts, or is the first detail of this one."""
    status: TransactionStatus = "open"
    """Status of the transaction."""
    unallocated: BankAmount
    """Part of the amount that is not allocated to documents."""
    allocations: tuple[BankAllocation, ...] = ()
    """Parts of the amount that are allocated to documents."""
    collection: BankCollection | None = None
    """Transactions of a SEPA file that it is the money of as a whole; null if it is of none."""
    ignored: Ignored | None = None
    """Reason why it pays no document; null unless it is ignored."""
    left_to_users: Annotated[bool, Internal] = False
    """Whether an allocation was reversed: then no rule allocates the transaction again."""
    confidence: Annotated[Confidence | None, Internal] = None
    """How sure the rule was that allocated it, or else its best suggestion when it was last matched."""
    suggested_to: Annotated[tuple[CustomerId, ...], Internal] = ()
    """Customers whose documents were suggested when it was last matched."""

    _is_revealed: bool = False

    @classmethod
    def of(cls, id_: str, statement: BankStatement, new: New, *, moment: Moment) -> Self:
        """A transaction for an entry that was not known."""
        return cls(
            id=id_,
            statement_id=statement.id,
            bank_account_id=statement.origin.account_id,
            suspect_of=new.suspect_of,
            unallocated=new.entry.amount,
            created_at=moment.at,
            updated_at=moment.at,
            **values_of(new.entry, Entry.model_fields),
        )

    def completed(self, entry: Entry, moment: Moment) -> Self:
        """The transaction with the fields that it lacks and that the same entry has in another format."""
        changes = {name: getattr(entry, name) for name in _COMPLETED if getattr(self, name) is None}
        changes = {name: value for name, value in changes.items() if value is not None}
        known = {name: one for name, one in dict(self.counterparty).items() if one is not None}
        party = Counterparty(**{**dict(entry.counterparty), **known})
        if party != self.counterparty:
            changes["counterparty"] = party
        return self.model_copy(update={**changes, "updated_at": moment.at}) if changes else self

    def suspected(self, detail_id: str, moment: Moment) -> Self:
        """A whole entry after its details were stored, of which this is the first."""
        return self.model_copy(update={"suspect_of": self.suspect_of or detail_id, "updated_at": moment.at})

    def without_document(self, ignored: Ignored | None, moment: Moment) -> Self:
        """The transaction ignored for a reason, or open again without one. Refuses an allocated one."""
        if self.allocations or self.collection is not None:
            raise TransactionAllocated
        status = "ignored" if ignored else "open"
        changes = {"status": status, "ignored": ignored, "updated_at": moment.at}
        return self.suggested(None, ()).model_copy(update=changes)

    def suggested(self, confidence: Confidence | None, customers: Sequence[str]) -> Self:
        """The transaction after it was matched, with its best confidence and the customers of the documents."""
        return self.model_copy(update={"confidence": confidence, "suggested_to": tuple(customers)})

    @property
    def customers(self) -> frozenset[str]:
        """The customers of its allocations and suggestions."""
        return frozenset(self.suggested_to).union(one.customer_id for one in self.allocations if one.customer_id)

    @property
    def is_open(self) -> bool:
        """Whether a part of it waits for documents."""
        return self.status == "open" or (self.status == "partly_allocated" and bool(self.unallocated))

    def require_not_ignored(self) -> None:
        """Refuse to allocate an ignored transaction."""
        if self.status == "ignored":
            raise TransactionIgnored

    def allocated(self, more: Sequence[BankAllocation], moment: Moment, confidence: Confidence | None = None) -> Self:
        """The transaction with more allocations; `confidence` is that of a rule."""
        return self._with((*self.allocations, *more), moment, confidence)

    def collected(self, collection: BankCollection, moment: Moment) -> Self:
        """The transaction as the money of transactions of a SEPA file."""
        return self.model_copy(update={"collection": collection})._with((), moment)

    def freed(self, payment_id: str, moment: Moment) -> Self:
        """The transaction without the allocation of a payment. From now on only users allocate it."""
        left = tuple(one for one in self.allocations if one.payment_id != payment_id)
        return self._with(left, moment).model_copy(update={"left_to_users": True})

    def _with(
        self, allocations: tuple[BankAllocation, ...], moment: Moment, confidence: Confidence | None = None
    ) -> Self:
        rest = self.amount - self._collected - sum((one.amount for one in allocations), Decimal())
        status = "allocated" if not rest else "open" if rest == self.amount else "partly_allocated"
        changes = {"allocations": allocations, "unallocated": rest, "status": status, "confidence": confidence}
        return self.model_copy(update={**changes, "suggested_to": (), "updated_at": moment.at})

    @property
    def _collected(self) -> Decimal:
        """The part of the transaction that is the money of others: a return is it as a whole, with charges."""
        if self.collection is None:
            return self.amount - self.amount
        return self.amount if self.collection.kind == "return" else self.collection.amount

    def shown(self, today: date) -> Self:  # noqa: ARG002 — an account does not depend on the day
        """The transaction with a masked account of the other party, unless it was revealed."""
        if self._is_revealed or self.counterparty.iban is None:
            return self
        party = self.counterparty.model_copy(update={"iban": masked(self.counterparty.iban)})
        return self.model_copy(update={"counterparty": party})

    def revealed(self) -> Self:
        """The transaction with the whole account of the other party, for a caller who may see it."""
        whole = self.model_copy()
        whole._is_revealed = True
        return whole


class UploadedStatements(Value):
    """The statements of an uploaded file."""

    object: Literal["list"] = "list"
    """Name of the object's type: `list`."""
    data: tuple[BankStatement, ...]
    """Statements in the order of the file."""
    problems: tuple[StatementProblem, ...] = ()
    """Parts of the file that are no statement, at most 100."""

    _was_known: bool = False

    @property
    def job_id(self) -> str:
        """The first statement, whose import was requested."""
        return self.data[0].id

    @property
    def was_known(self) -> bool:
        """Whether the file was uploaded before."""
        return self._was_known

    def known_before(self) -> Self:
        """The statements of a file that was uploaded before."""
        self._was_known = True
        return self
