"""Uploads of statements: read at once, so that a client sees which parts cannot be read, and imported later."""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from itertools import batched
from typing import Literal, NamedTuple

from invoicing.bank.account import account_named, names_iban
from invoicing.bank.entry import FoundEntry, Rejection
from invoicing.bank.errors import UnknownAccount, UnreadableStatement
from invoicing.bank.events import BankStatementUploaded
from invoicing.bank.model import BankStatement, UploadedStatements
from invoicing.bank.reading.file import read_file
from invoicing.bank.reading.statement import FoundStatement, NotReadable, Reading
from invoicing.bank.requests import UploadStatement
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
from invoicing.core.model import Value
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


class _Part(NamedTuple):
    """A new statement, and the contents of its files."""

    statement: BankStatement
    contents: tuple[bytes, bytes]


def upload(store: Store, body: UploadStatement, content: bytes) -> UploadedStatements:
    """Store the statements of a file and request their imports. The same file again gives the first ones."""
    earlier = statements_of_file(store, hashlib.sha256(content).hexdigest())
    if earlier and len(earlier) == next(iter(earlier.values())).statements_in_file:
        return _again(store, list(earlier.values()))
    tenant = tenant_of(store)
    chosen = tenant.require_bank_account(body.bank_account_id)
    reading = _read(content, body.csv_profile or (chosen.csv_profile if chosen else None))
    accounts = [_account(tenant.bank_accounts, chosen, one) for one in reading.statements]
    store.require_new()
    parts = [
        _part(store.session, read, account, content, position=position, of=len(accounts))
        for position, (read, account) in enumerate(zip(reading.statements, accounts, strict=True))
        if position not in earlier
    ]
    created = [part.statement.model_copy(update={"version": 1}) for part in parts]
    shown = UploadedStatements(
        data=tuple(sorted((*earlier.values(), *created), key=lambda one: one.position)),
        problems=_problems_of(reading.problems),
    )
    *before, last = batched(parts, _A_COMMIT, strict=False)
    for some in before:
        _commit(Store(store.session), some, None)
    _commit(store, last, shown)
    return shown


def _again(store: Store, statements: Sequence[BankStatement]) -> UploadedStatements:
    """The statements of a file that was uploaded before. A failed import continues."""
    shown = UploadedStatements(data=tuple(statements)).known_before()
    failed = [one.queued_again(store.session.moment) for one in statements if one.status == "failed"]
    if not failed:
        return store.answer(shown)
    first, *others = [Recorded(one, BankStatementUploaded()) for one in failed[:_A_COMMIT]]
    store.commit(first, *others, response=shown)
    return shown


def _read(content: bytes, profile: CsvProfile | None) -> Reading:
    try:
        reading = read_file(content, profile)
    except NotReadable as error:
        raise UnreadableStatement(f"{error}.", pointer="/file") from None
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


def _part(
    session: Session, read: FoundStatement, account: BankAccount, content: bytes, *, position: int, of: int
) -> _Part:
    ids = new_ids("file", session.now)
    by_day = tuple(sorted(read.entries, key=lambda one: one.booked_on))
    entries = StatementEntries(entries=by_day, rejections=tuple(read.rejections)).packed
    files = (_file(next(ids), "original", content), _file(next(ids), "entries", entries))
    problems = _problems_of(read.problems)
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
        files=files,
        position=position,
        statements_in_file=of,
        problems=problems,
        **session.moment.created,
    )
    return _Part(statement, (content, entries))


def _file(id_: str, kind: Literal["original", "entries"], content: bytes) -> StatementFile:
    sha256 = hashlib.sha256(content).hexdigest()
    return StatementFile(id=id_, kind=kind, sha256=sha256, size=len(content))


def _commit(store: Store, parts: Sequence[_Part], response: UploadedStatements | None) -> None:
    """Commit some statements with their files. Only the last commit has the response to a repeated request."""
    with ExitStack() as files:
        for part in parts:
            pairs = zip(part.statement.files, part.contents, strict=True)
            owner: Mapping[str, str] = {"statement_id": part.statement.id}
            files.enter_context(stored(store.tenant_id, [(file, content, _BYTES) for file, content in pairs], owner))
        first, *others = [Recorded(part.statement, BankStatementUploaded()) for part in parts]
        store.commit(first, *others, response=response)


def _problems_of(found: Sequence[NotReadable]) -> tuple[StatementProblem, ...]:
    """The first problems of a file."""
    return tuple(
        StatementProblem(place=one.place[:200], code="UNREADABLE", message=f"{one.why[:1].upper()}{one.why[1:]}.")
        for one in found[:MOST_PROBLEMS]
    )
