"""How SEPA files are stored, and which transactions are in one."""

from collections.abc import Iterable, Iterator, Sequence
from types import MappingProxyType

from invoicing.core.errors import ConcurrentModification
from invoicing.core.model import Aggregate, Value
from invoicing.downloads.errors import LinkNotFound
from invoicing.downloads.table import TokenTable
from invoicing.invoices.model import InvoiceSummary
from invoicing.invoices.table import invoice_key
from invoicing.sepa_files.errors import RefundNotOwed, SepaFileNotFound
from invoicing.sepa_files.link import SepaFileLink
from invoicing.sepa_files.model import SepaFile
from invoicing.sepa_files.requests import SepaFileQuery
from invoicing.settlement.deducting import refundable_of
from invoicing.store import keys
from invoicing.store.changes import Also
from invoicing.store.keys import IndexPartition, Item, Key
from invoicing.store.listing import Filter, KeyRange, same
from invoicing.store.reading import items_at, items_beginning
from invoicing.store.rows.items import filtered, keyed, listed, model_of
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.store.table import Table, table_of
from invoicing.store.transaction import Write, changed_meanwhile, put, unchanged
from invoicing.transactions.model import Transaction
from invoicing.transactions.table import TransactionTable

_FILE = "SPF"
_MEMBER = "TXN#"


class SepaFileTable(Table[SepaFile]):
    """`T#<tenant>#SPF#<file>`, SK `#`, its transactions under SK `TXN#<transaction>`; found by the request's key."""

    kind = SepaFile
    part = _FILE
    missing = SepaFileNotFound
    unique = MappingProxyType({"request_key": ConcurrentModification})

    def attributes(self, thing: SepaFile, tenant: str) -> Item:
        """The list of the tenant, the list of files to settle, and the attributes of the filters."""
        uploaded = to_settle(tenant) if thing.status == "uploaded" else None
        return filtered(thing, "type", "status", "bank_account_id", "request_key") | listed(
            (keys.of_tenant(tenant, _FILE), thing.id),
            (uploaded, f"{thing.settles_on.isoformat()}#{thing.id}"),
        )

    def read[V: Value](self, model: type[V], item: Item, text: str | None = None, *, shows: bool = False) -> V:
        """The file with the name of its request, until it is complete."""
        return model_of(model, item, text, shows=shows).model_copy(
            update={"request_key": item["request_key"]["S"] if "request_key" in item else None}
        )


class SepaFileLinkTable(TokenTable[SepaFileLink]):
    """`LINK#<sha256>`, SK `#`, its uses under SK `USES`; found by its id through `LINK#<link>` of the SEPA file."""

    kind = SepaFileLink
    missing = LinkNotFound
    prefix = "LINK#"
    owner = "sepa_file_id"

    def owner_key(self, tenant: str, owner_id: str) -> Key:
        """The key of the SEPA file."""
        return file_key(tenant, owner_id)


def to_settle(tenant: str) -> IndexPartition:
    """The uploaded files, in the order of the days from which their transactions count as paid."""
    return keys.index_of(tenant, "GSI6", _FILE, "UPLOADED")


def file_key(tenant: str, file_id: str) -> Key:
    """The key of a SEPA file."""
    return SepaFileTable().key(tenant, file_id)


def members(transactions: Sequence[Transaction]) -> Also:
    """The writes that put new transactions into their file. Their ids prove that the commit was carried out."""

    def writes(session: Session) -> Iterator[Write]:
        for one in transactions:
            key = file_key(session.caller.tenant_id, one.file_id).at(_MEMBER + one.id)
            yield put(keyed(key, "sepa_file_transaction"), changed_meanwhile, proof=True)

    return writes


def rows_unchanged(read: Iterable[Aggregate]) -> Also:
    """The condition that resources are still as they were read."""

    def writes(session: Session) -> Iterator[Write]:
        for one in read:
            session.require_newest(one)
            key = table_of(type(one)).key_of(one, session.caller.tenant_id)
            yield unchanged(key, session.row_of(one))

    return writes


def transactions_in(store: Store, file_id: str) -> tuple[Transaction, ...]:
    """All transactions that are or were in a file, oldest first."""
    rows = items_beginning(file_key(store.tenant_id, file_id), _MEMBER)
    ids = [row[keys.SORT]["S"].removeprefix(_MEMBER) for row in rows]
    at = {id_: TransactionTable().key(store.tenant_id, id_) for id_ in ids}
    found = items_at(list(at.values()))
    return tuple(store.take(Transaction, found[at[id_]]) for id_ in ids)


def require_owed(store: Store, file: SepaFile) -> None:
    """Refuse a file for the bank if a document no longer owes the amount of its credit transfer.

    A payment of it, or of its deposits, can be returned or reversed after the file was created.
    """
    if file.type != "credit" or file.status != "created":
        return
    refunds = [one for one in transactions_in(store, file.id) if one.status == "created"]
    found = items_at([invoice_key(store.tenant_id, one.invoice_id) for one in refunds])
    documents = {one.id: one for one in (store.take(InvoiceSummary, item) for item in found.values())}
    for one in refunds:
        document = documents[one.invoice_id]
        owed = refundable_of(store, document)
        if owed < one.amount:
            raise RefundNotOwed(
                f"The document {document.number} owes {owed}, but the transaction {one.id} pays back {one.amount}."
            )


def file_begun_by(store: Store, request_key: str | None) -> SepaFile | None:
    """The incomplete file that an earlier attempt of a request began, if there is one."""
    id_ = store.holder(SepaFile, "request_key", request_key) if request_key else None
    return store.get(SepaFile, id_) if id_ else None


def files_of(tenant: str, query: SepaFileQuery) -> tuple[KeyRange, list[Filter]]:
    """The range and conditions of a query of SEPA files."""
    conditions = same(type=query.type, status=query.status, bank_account_id=query.bank_account_id)
    return KeyRange(keys.of_tenant(tenant, _FILE)), [*conditions]
