"""Uploads of statements: read at once, so that a client sees which parts cannot be read, and imported later."""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from itertools import batched
from typing import Literal, NamedTuple

from invoicing.aws.files import store_once
from invoicing.bank.account import account_named, names_iban
from invoicing.bank.entry import FoundEntry, Rejection
from invoicing.bank.errors import UnknownAccount, UnreadableStatement
from invoicing.bank.events import BankStatementUploaded
from invoicing.bank.model import BankStatement, UploadedStatements
from invoicing.bank.reading.file import read_file
from invoicing.bank.reading.statement import FoundStatement, NotReadable, Reading
from invoicing.bank.requests import UploadStatement
from invoicing.bank.showing import all_shown
from invoicing.bank.statement_parts import (
    MOST_PROBLEMS,
    ImportProgress,
    StatementAccount,
    StatementFile,
    StatementProblem,
)
from invoicing.bank.table import statements_of_file
from invoicing.core.event import Recorded
from invoicing.core.ids import new_ids
from invoicing.core.model import Value, values_of
from invoicing.core.party import BankAccount
from invoicing.notes.storing import stored
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.tenants.csv_profile import CsvProfile
from invoicing.tenants.table import tenant_of

MOST_STATEMENTS = 1_000
_A_COMMIT = 20
"""The statements of one commit: each has four items, and the response is beside them."""
_BYTES = "application/octet-stream"


class StatementEntries(Value):
    """The booked entries of a statement, by their dates, and the payments that the bank did not execute."""

    entries: tuple[FoundEntry, ...]
    rejections: tuple[Rejection, ...] = ()

    @property
    def packed(self) -> bytes:
        """The content of their file."""
        return zlib.compress(self.model_dump_json(exclude_defaults=True).encode())


class FoundFile(NamedTuple):
    """A file that was read, and the tenant's account of each of its statements."""

    content: bytes
    reading: Reading
    accounts: Sequence[BankAccount]


class _Part(NamedTuple):
    """A statement to commit, and its files that are not stored yet."""

    statement: BankStatement
    files: tuple[tuple[StatementFile, bytes, str], ...]


def upload(store: Store, body: UploadStatement, content: bytes) -> UploadedStatements:
    """Store the statements of a file and request their imports. The same file again gives the first ones."""
    earlier = statements_of_file(store, hashlib.sha256(content).hexdigest())
    if is_complete(earlier):
        shown = UploadedStatements(data=all_shown(earlier.values(), store.session.caller)).known_before()
        return known(store, earlier, shown)
    found = read_statements(store, content, body.bank_account_id, body.csv_profile)
    store.require_new()
    return create_statements(store, found, earlier)


def is_complete(earlier: Mapping[int, BankStatement]) -> bool:
    """Whether all statements of a file are stored; `earlier` are those that are, by their positions."""
    statements = list(earlier.values())
    return all(one.is_read and one.statements_in_file == len(statements) for one in statements) and bool(statements)


def known[V: Value](store: Store, earlier: Mapping[int, BankStatement], shown: V) -> V:
    """The response about the statements of a file that was uploaded before. A failed import continues."""
    failed = [one.queued_again(store.session.moment) for one in earlier.values() if one.status == "failed"]
    if not failed:
        return store.answer(shown)
    first, *others = [Recorded(one, BankStatementUploaded()) for one in failed[:_A_COMMIT]]
    store.commit(first, *others, response=shown)
    return shown


def read_statements(store: Store, content: bytes, account_id: str | None, profile: CsvProfile | None) -> FoundFile:
    """Read a file, and find the account of each statement. Refuses unreadable files and unknown accounts."""
    tenant = tenant_of(store)
    chosen = tenant.require_bank_account(account_id)
    reading = _read(content, profile or (chosen.csv_profile if chosen else None))
    return FoundFile(content, reading, [_account(tenant.bank_accounts, chosen, one) for one in reading.statements])


def create_statements(store: Store, found: FoundFile, earlier: Mapping[int, BankStatement]) -> UploadedStatements:
    """Store those statements of a file that are not stored yet, and request their imports.

    The first one of a file that was announced is there already, and is committed last: until then it is not read, so
    that a repetition of an interrupted request or message does the rest.
    """
    announced = next((one for one in earlier.values() if not one.is_read), None)
    kept = {position: one for position, one in earlier.items() if one.is_read}
    if announced is not None:
        original = announced.file("original")
        store_once(store.tenant_id, original.id, found.content, _BYTES, owner={"statement_id": announced.id})
    missing = [position for position in (*range(1, len(found.accounts)), 0) if position not in kept]
    parts = [_part(store.session, found, position, announced) for position in missing]
    created = [part.statement.model_copy(update={"version": part.statement.version + 1}) for part in parts]
    shown = UploadedStatements(
        data=all_shown(sorted((*kept.values(), *created), key=lambda one: one.position), store.session.caller),
        problems=_problems_of(found.reading.problems),
    )
    *before, last = batched(parts, _A_COMMIT, strict=False)
    for some in before:
        _commit(Store(store.session), some, None)
    _commit(store, last, shown)
    return shown


def _read(content: bytes, profile: CsvProfile | None) -> Reading:
    try:
        reading = read_file(content, profile)
    except NotReadable as error:
        # The cause has the place in the file.
        raise UnreadableStatement(f"{error}.", pointer="/file") from error
    if len(reading.statements) > MOST_STATEMENTS:
        raise UnreadableStatement(f"The file has more than {MOST_STATEMENTS:,} statements.", pointer="/file")
    return reading


def _account(accounts: Sequence[BankAccount], chosen: BankAccount | None, read: FoundStatement) -> BankAccount:
    """The tenant's account of a statement: the chosen one, unless the file names another."""
    named = account_named(accounts, read.account) if read.account else None
    if chosen is not None:
        if (named is None and not names_iban(read.account)) or named == chosen:
            return chosen
        raise UnknownAccount("The file is about another account than bank_account_id.", pointer="/bank_account_id")
    if named is None:
        what = (
            f"The account of {read.place} is none" if read.account else f"{read.place} names no account, so it is none"
        )
        raise UnknownAccount(f"{what} of the tenant's bank accounts.", pointer="/file")
    return named


def _as_named(read: FoundStatement, account: BankAccount) -> StatementAccount:
    """The account of a statement as its file names it, with the IBAN that German numbers of the account mean."""
    name, currency = read.account, read.currency
    if name is None or names_iban(name):
        return StatementAccount(iban=name and "".join(name.split()), currency=currency)
    if account.iban is not None and account_named([account], name) is not None:
        return StatementAccount(iban=account.iban, currency=currency)
    return StatementAccount(number=name, currency=currency)


def _part(session: Session, found: FoundFile, position: int, announced: BankStatement | None) -> _Part:
    """A statement of a file. The first one of an announced file takes the place of the announced statement."""
    read, account = found.reading.statements[position], found.accounts[position]
    ids = new_ids("file", session.now)
    by_day = tuple(sorted(read.entries, key=lambda one: one.booked_on))
    packed = StatementEntries(entries=by_day, rejections=tuple(read.rejections)).packed
    entries = _file(next(ids), "entries", packed)
    files = [(entries, packed, _BYTES)]
    if announced is None:
        original = _file(next(ids), "original", found.content)
        files.insert(0, (original, found.content, _BYTES))
    else:
        original = announced.file("original")
    is_announced = announced is not None and position == 0
    problems = _problems_of([*read.problems, *(found.reading.problems if is_announced else ())])
    if (balanced := read.is_balanced) is False:
        message = "The entries do not add up to the difference of the balances."
        problems = (StatementProblem(place=read.place, code="UNBALANCED", message=message), *problems)[:MOST_PROBLEMS]
    first_day, last_day = read.days or (None, None)
    statement = BankStatement(
        id=next(new_ids("bst", session.now)),
        bank_account_id=account.id,
        source="upload",
        format=read.format,
        account=_as_named(read, account),
        number=read.number,
        first_day=first_day,
        last_day=last_day,
        opening_balance=read.opening.amount if read.opening else None,
        closing_balance=read.closing.amount if read.closing else None,
        booked=len(read.entries),
        pending_left_out=read.pending,
        rejected=len(read.rejections),
        balanced=balanced,
        progress=ImportProgress(total=len(read.entries)),
        files=(original, entries),
        position=position,
        statements_in_file=len(found.accounts),
        problems=problems,
        **session.moment.created,
    )
    if announced is not None:
        kept = _ANNOUNCED if is_announced else ("created_by", "updated_by")
        statement = statement.model_copy(update=values_of(announced, kept))
    return _Part(statement, tuple(files))


_ANNOUNCED = ("id", "version", "announced", "created_at", "created_by", "updated_by")
"""The fields of an announced statement that stay when its file is read."""


def _file(id_: str, kind: Literal["original", "entries"], content: bytes) -> StatementFile:
    sha256 = hashlib.sha256(content).hexdigest()
    return StatementFile(id=id_, kind=kind, sha256=sha256, size=len(content))


def _commit(store: Store, parts: Sequence[_Part], response: UploadedStatements | None) -> None:
    """Commit some statements with their files. Only the last commit has the response to a repeated request."""
    with ExitStack() as files:
        for part in parts:
            files.enter_context(stored(store.tenant_id, part.files, {"statement_id": part.statement.id}))
        first, *others = [Recorded(part.statement, BankStatementUploaded()) for part in parts]
        store.commit(first, *others, response=response)


def _problems_of(found: Sequence[NotReadable]) -> tuple[StatementProblem, ...]:
    """The first problems of a file."""
    return tuple(
        StatementProblem(place=one.place[:200], code="UNREADABLE", message=f"{one.why[:1].upper()}{one.why[1:]}.")
        for one in found[:MOST_PROBLEMS]
    )
