"""How bank statements and transactions are stored, and by which rows an entry is known."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple, Self, cast

from invoicing.bank.chain import Link
from invoicing.bank.entry import Entry
from invoicing.bank.errors import BankTransactionNotFound, StatementNotFound
from invoicing.bank.model import BankStatement, BankTransaction
from invoicing.bank.once import Claim, EntrySource, KindsIn, Known, New, Texts, Whole, group_of
from invoicing.bank.requests import BankStatementQuery, BankTransactionQuery
from invoicing.core.errors import ConcurrentModification
from invoicing.store import keys
from invoicing.store.changes import Also
from invoicing.store.commit import next_item
from invoicing.store.keys import IndexPartition, Item, Key
from invoicing.store.listing import Condition, Filter, KeyRange, days, items_from, same
from invoicing.store.reading import items_at
from invoicing.store.rows.items import filtered, keyed, listed
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.store.table import Table
from invoicing.store.transaction import Write, always, changed_meanwhile, put, replace, update, write_alone

_STATEMENT, _TRANSACTION = "BST", "BTX"
_NEIGHBORS = timedelta(days=45)
"""The length of a statement that can follow on another one in the middle of a day."""
_LINKS_BEFORE = 10
_LINKS_A_CALL = 100
_TEXTS = Texts._fields
FEED: Final = "feed"
"""The format of transactions that another system sends, and the mark of those that the feed contained."""


class BankStatementTable(Table[BankStatement]):
    """`T#<tenant>#BST#<statement>`, SK `#`; beside it a row that finds it by its file, and one by its account and days.

    By its file: `T#<tenant>#ONE#BST#file#<sha256>`, SK position. By its account: `T#<tenant>#BST#CHAIN#<account>`, SK
    `<last day>#<statement>`, for statements with two balances.
    """

    kind = BankStatement
    part = _STATEMENT
    missing = StatementNotFound

    def attributes(self, thing: BankStatement, tenant: str) -> Item:
        """The list of the tenant by the last day, and the attributes of its filters."""
        day = (thing.last_day or thing.created_at.date()).isoformat()
        statements = keys.of_tenant(tenant, _STATEMENT)
        return filtered(thing, "status", "bank_account_id") | listed((statements, f"{day}#{thing.id}"))

    def beside(self, before: BankStatement | None, after: BankStatement | None, session: Session) -> Iterator[Write]:
        """The rows that find a new statement. Another upload of its file at the same moment is a lost race."""
        if after is None:
            return
        tenant = session.caller.tenant_id
        if before is None and after.files:
            key = _file_key(tenant, after.file("original").sha256, after.position)
            row = keyed(key, "bank_statement_file") | {"id": {"S": after.id}}
            yield put(row, always(ConcurrentModification()), rank=2)
        # A file that was announced is read later.
        is_linked = before is not None and link_of(before) is not None
        if after.last_day is not None and link_of(after) is not None and not is_linked:
            key = _chain_key(tenant, after.origin.account_id).at(f"{after.last_day.isoformat()}#{after.id}")
            yield put(
                keyed(key, "bank_statement_link")
                | filtered(after, "first_day", "last_day", "opening_balance", "closing_balance", "number", "format"),
                changed_meanwhile,
            )


class BankTransactionTable(Table[BankTransaction]):
    """`T#<tenant>#BTX#<transaction>`, SK `#`; listed by booking date, open ones also in a list of their own.

    It is known by `T#<tenant>#ONE#BTX#<account>#<day>`, SK `<signed amount>#<currency>#<number>`: one row for each of
    the equal amounts of a day. An entry that its details replace has such a row too, with their number.
    """

    kind = BankTransaction
    part = _TRANSACTION
    missing = BankTransactionNotFound

    def attributes(self, thing: BankTransaction, tenant: str) -> Item:
        """The lists of the tenant by booking date, and the attributes of their filters."""
        sort = f"{thing.booked_on.isoformat()}#{thing.id}"
        all_, open_ = keys.of_tenant(tenant, _TRANSACTION), _open_of(tenant)
        lists = listed((all_, sort), (open_ if thing.is_open else None, sort))
        found = filtered(thing, "status", "direction", "bank_account_id", "statement_id", "amount", "confidence")
        return found | ({"customers": {"SS": sorted(thing.customers)}} if thing.customers else {}) | lists


def remember_suggestions(store: Store, transaction: BankTransaction) -> None:
    """Store the suggestions of a transaction for the filters of lists, unless it changes at this moment."""
    session = store.session
    with suppress(ConcurrentModification):
        write_alone(replace(next_item(transaction, session), session.row_of(transaction)))


def _open_of(tenant: str) -> IndexPartition:
    return keys.index_of(tenant, "GSI6", _TRANSACTION, "OPEN")


def _file_key(tenant: str, sha256: str, position: int) -> Key:
    return keys.unique(tenant, _STATEMENT, "file", sha256).at(f"{position:04d}")


def _chain_key(tenant: str, account_id: str) -> Key:
    return keys.of(tenant, _STATEMENT, "CHAIN", account_id)


def _day_key(tenant: str, account_id: str, day: date) -> Key:
    return keys.of(tenant, "ONE", _TRANSACTION, account_id, day.isoformat())


def statements_of(tenant: str, query: BankStatementQuery) -> tuple[KeyRange, list[Filter]]:
    """The range and conditions of a query of statements."""
    within = days(keys.of_tenant(tenant, _STATEMENT), query.ended_from, query.ended_to)
    return within, [*same(bank_account_id=query.bank_account_id, status=query.status)]


def transactions_of(tenant: str, query: BankTransactionQuery) -> tuple[KeyRange, list[Filter]]:
    """The range and conditions of a query of transactions."""
    is_open = query.status in ("open", "partly_allocated")
    partition = _open_of(tenant) if is_open else keys.of_tenant(tenant, _TRANSACTION)
    wanted: list[Filter] = [
        *same(
            status=query.status,
            direction=query.direction,
            bank_account_id=query.bank_account_id,
            statement_id=query.statement_id,
            confidence=query.confidence,
        )
    ]
    if query.customer_id is not None:
        wanted.append(Condition("customers", "contains", query.customer_id))
    if query.amount is not None:
        # Rows have the decimals of their currency, requests may have others.
        wanted.append(Condition("amount", "IN", _writings(query.amount)))
    return days(partition, query.booked_from, query.booked_to), wanted


def open_transactions_of(tenant: str, query: BankTransactionQuery) -> tuple[KeyRange, list[Filter]]:
    """The range and conditions of the open transactions among those of a query, part allocations included."""
    within = days(_open_of(tenant), query.booked_from, query.booked_to)
    return within, [*same(bank_account_id=query.bank_account_id, statement_id=query.statement_id)]


def _writings(amount: Decimal) -> list[str]:
    """An amount with each number of decimals that it can be stored with."""
    least = max(-int(amount.normalize().as_tuple().exponent), 0)
    return [f"{amount:.{decimals}f}" for decimals in range(least, 6)]


def statements_of_file(store: Store, sha256: str) -> dict[int, BankStatement]:
    """The statements that were uploaded in a file before, by their positions in it."""
    rows = _all_at(_file_key(store.tenant_id, sha256, 0))
    table = BankStatementTable()
    found = items_at([table.key(store.tenant_id, row["id"]["S"]) for row in rows])
    statements = [store.take(BankStatement, item) for item in found.values()]
    return {one.position: one for one in sorted(statements, key=lambda one: one.position)}


def link_of(statement: BankStatement) -> Link | None:
    """A statement as a link of its account's chain; None without two balances."""
    one = statement
    if one.first_day is None or one.last_day is None or one.opening_balance is None or one.closing_balance is None:
        return None
    days, balances = (one.first_day, one.last_day), (one.opening_balance, one.closing_balance)
    return Link(one.id, *days, *balances, one.number, one.origin.format)


def links_near(store: Store, account_id: str, link: Link) -> list[Link]:
    """The statements of an account before, within and after the days of one of them; at least the next one."""
    key = _chain_key(store.tenant_id, account_id)
    partition = IndexPartition(None, key.partition)
    last = link.first_day - timedelta(days=1)
    before = items_from(KeyRange(partition, None, f"{last.isoformat()}~"), descending=True, page=_LINKS_BEFORE)
    later = map(_link, items_from(KeyRange(partition, link.first_day.isoformat()), page=_LINKS_A_CALL))
    found = [_link(item) for _, item in zip(range(_LINKS_BEFORE), before, strict=False)]
    for one in later:
        if one.last_day > link.last_day + _NEIGHBORS and _has_next(found, link):
            break
        found.append(one)
    return found


def _has_next(found: Sequence[Link], link: Link) -> bool:
    """Whether a statement after one of them is among those that were found, however long after."""
    return any(one.first_day >= link.last_day for one in found if one.statement_id != link.statement_id)


def _link(item: Item) -> Link:
    return Link(
        item["SK"]["S"].partition("#")[2],
        date.fromisoformat(item["first_day"]["S"]),
        date.fromisoformat(item["last_day"]["S"]),
        Decimal(item["opening_balance"]["S"]),
        Decimal(item["closing_balance"]["S"]),
        item["number"]["S"] if "number" in item else None,
        item["format"]["S"],
    )


def claims_of(store: Store, account_id: str, day: date) -> list[Claim]:
    """The stored transactions of an account and day, as far as they decide about other entries."""
    return [_claim(item) for item in _all_at(_day_key(store.tenant_id, account_id, day))]


def _all_at(key: Key) -> Iterator[Item]:
    """All items of a partition, in a consistent read."""
    return items_from(KeyRange(IndexPartition(None, key.partition)))


def _claim(item: Item) -> Claim:
    group, _, number = item["SK"]["S"].rpartition("#")
    texts = Texts(*(item[name]["S"] if name in item else None for name in _TEXTS))
    sources: tuple[EntrySource, ...] = tuple(item["sources"]["S"].split())
    seen, details = tuple(item["seen"]["S"].split()), int(item["details"]["N"]) if "details" in item else 0
    id_, kinds = item["transaction_id"]["S"], _kinds_of(item["kinds"]["S"]) if "kinds" in item else {}
    return Claim(group, int(number), id_, texts, seen, sources, details, "suspect" in item, kinds)


def _kinds_of(text: str) -> KindsIn:
    """The kinds of texts by format, as `mt940=iban,remittance camt.053=-`."""
    found = (one.split("=") for one in text.split())
    return {
        cast("EntrySource", source): None if kinds == "-" else frozenset(filter(None, kinds.split(",")))
        for source, kinds in found
    }


class External(NamedTuple):
    """A transaction of the feed, by the id that the other system gave it."""

    transaction_id: str
    booked_on: date
    group: str

    @classmethod
    def of(cls, transaction_id: str, entry: Entry) -> Self:
        """A transaction with the facts that its id is bound to."""
        return cls(transaction_id, entry.booked_on, group_of(entry))

    def differs_from(self, entry: Entry) -> bool:
        """Whether an entry with the same id has another amount or date."""
        return (self.booked_on, self.group) != (entry.booked_on, group_of(entry))


def externals_of(store: Store, account_id: str, ids: Sequence[str]) -> dict[str, External]:
    """The known transactions of the feed among these ids."""
    head = _external_key(store.tenant_id, account_id)
    found = items_at([head.at(id_) for id_ in ids])
    return {
        key.sort: External(
            item["transaction_id"]["S"], date.fromisoformat(item["booked_on"]["S"]), item["amount_group"]["S"]
        )
        for key, item in found.items()
    }


def identified(account_id: str, external_id: str, one: External) -> Also:
    """The row by which a transaction of the feed is known."""

    def writes(session: Session) -> Iterator[Write]:
        key = _external_key(session.caller.tenant_id, account_id).at(external_id)
        yield put(
            keyed(key, "bank_transaction_external_id")
            | {"transaction_id": {"S": one.transaction_id}, "amount_group": {"S": one.group}}
            | {"booked_on": {"S": one.booked_on.isoformat()}},
            changed_meanwhile,
        )

    return writes


def _external_key(tenant: str, account_id: str) -> Key:
    return keys.of(tenant, "ONE", _TRANSACTION, "external_id", account_id)


def claimed(statement: BankStatement, one: New, transaction_id: str, *, by: str | None = None) -> Also:
    """The row by which a new transaction is known. `by` marks it in place of the statement."""
    claim = one.claimed(transaction_id, by or statement.id, statement.origin.format)
    return _put(statement, one.entry.booked_on, claim)


def seen_again(statement: BankStatement, one: Known, *, by: str | None = None) -> Also:
    """Note that a statement contains a known transaction, and the texts that it adds."""

    def writes(session: Session) -> Iterator[Write]:
        after = one.claim.again(one.entry, by or statement.id, statement.origin.format, session.caller.tenant_id)
        yield from _moved(statement, one.entry.booked_on, one.claim, after)(session)

    return writes


def replaced(statement: BankStatement, day: date, whole: Whole, transaction_id: str) -> Also:
    """The row by which an entry is known whose details the statement has, the first being a transaction."""
    after = whole.claimed(transaction_id, statement.id, statement.origin.format)
    return _put(statement, day, after) if whole.claim is None else _moved(statement, day, whole.claim, after)


def _put(statement: BankStatement, day: date, claim: Claim) -> Also:
    def writes(session: Session) -> Iterator[Write]:
        key = _claim_key(session, statement, day, claim)
        yield put(keyed(key, "bank_transaction_claim") | _claim_attributes(claim), changed_meanwhile)

    return writes


def _moved(statement: BankStatement, day: date, before: Claim, after: Claim) -> Also:
    """A claim that another statement contains, unless it was changed meanwhile."""
    changes = _claim_attributes(after)

    def writes(session: Session) -> Iterator[Write]:
        yield update(
            _claim_key(session, statement, day, after),
            changed_meanwhile,
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in changes),
            ConditionExpression="#seen = :before",
            ExpressionAttributeNames={f"#{name}": name for name in changes},
            ExpressionAttributeValues={f":{name}": value for name, value in changes.items()}
            | {":before": {"S": " ".join(before.seen)}},
        )

    return writes


def _claim_key(session: Session, statement: BankStatement, day: date, claim: Claim) -> Key:
    of_day = _day_key(session.caller.tenant_id, statement.origin.account_id, day)
    return of_day.at(f"{claim.group}#{claim.number:06d}")


def _claim_attributes(claim: Claim) -> Item:
    texts: Item = {name: {"S": value} for name, value in claim.texts._asdict().items() if value is not None}
    details: Item = {"details": {"N": str(claim.details)}} if claim.details else {}
    known: Item = {"transaction_id": {"S": claim.transaction_id}, "seen": {"S": " ".join(claim.seen)}}
    suspect: Item = {"suspect": {"BOOL": True}} if claim.suspect else {}
    kinds = (f"{source}={'-' if one is None else ','.join(sorted(one))}" for source, one in claim.kinds.items())
    came: Item = {"sources": {"S": " ".join(claim.sources)}, "kinds": {"S": " ".join(kinds)}}
    return known | came | texts | details | suspect


def transactions_at(store: Store, ids: Sequence[str]) -> dict[str, BankTransaction]:
    """Some transactions, by their ids."""
    table = BankTransactionTable()
    found = items_at([table.key(store.tenant_id, id_) for id_ in ids])
    return {one.id: one for one in (store.take(BankTransaction, item) for item in found.values())}
