"""The import of a statement: chunk after chunk, each committed with its progress under the statement's version.

A worker that dies repeats the chunk that it had in hand. Of two workers only one can commit a chunk, and of two
statements with the same entry only one can create its transaction; the other one reads the day again.
"""

import time
import zlib
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Final

from invoicing.aws.files import read as read_bytes
from invoicing.bank.chain import connected, expected_opening
from invoicing.bank.entry import FoundEntry, Rejection
from invoicing.bank.events import BankStatementFailed, BankStatementImported, BankTransactionReceived
from invoicing.bank.model import BankStatement, BankTransaction
from invoicing.bank.once import Known, New, decided
from invoicing.bank.table import claimed, claims_of, link_of, links_near, replaced, seen_again, transactions_at
from invoicing.bank.uploading import StatementEntries
from invoicing.core.clock import wait, windows
from invoicing.core.event import Change, Recorded
from invoicing.core.ids import new_ids
from invoicing.core.tolerant import read as read_stored
from invoicing.http.request import now_for
from invoicing.store.changes import Also
from invoicing.store.retry import LOST_RACES
from invoicing.store.store import Store

IMPORT_REQUESTED: Final = "bank_statement.import_requested"
"""The internal event by which one message requests the rest of an import from the next."""
WORK_SECONDS = 25.0
"""How long one message works. The next one continues."""
MOST_ATTEMPTS: Final = 10
"""The deliveries of a message after which the import is marked as failed."""
_A_COMMIT = 96
"""The items of one commit, beside the statement and the event about its end."""
_OF_NEW, _OF_KNOWN, _OF_WHOLE = 3, 2, 2
"""The items of a new transaction (itself, its entry, its claim), of a known one (its claim, itself if completed), and
of an entry that details replace (its claim, its transaction)."""


def advance_import(store: Store, statement_id: str, *, delivery: int, version: int | None) -> BankStatement | None:
    """Import a statement as far as one message can. Returns it if another message has to follow.

    `version` is that of the statement when this message was requested: with a later one, another message continues it.
    """
    if delivery > MOST_ATTEMPTS:
        fail(store, statement_id)
        return None
    statement = _work(store, statement_id, version if delivery == 1 else None)
    return statement if statement is not None and not statement.is_ended else None


def fail(store: Store, statement_id: str) -> BankStatement:
    """Mark an import that failed again and again as failed. Its transactions stay."""
    statement = store.get(BankStatement, statement_id)
    if statement.is_ended:
        return statement
    return store.advance(Recorded(statement.failed(store.session.moment), BankStatementFailed()))


def _work(store: Store, statement_id: str, stale_after: int | None) -> BankStatement | None:
    until = min(time.monotonic() + WORK_SECONDS, store.session.ends)
    for window in windows(0.05, 2.0):
        try:
            return _worked(store.fresh(until), statement_id, stale_after)
        except LOST_RACES:
            if time.monotonic() >= until:
                return store.fresh(until).get(BankStatement, statement_id)
        # This message may have advanced the import itself.
        stale_after = None
        wait(window)
    raise AssertionError("the windows never end")


def _worked(store: Store, statement_id: str, stale_after: int | None) -> BankStatement | None:
    """Import the entries from the progress on, at least one chunk."""
    statement = store.get(BankStatement, statement_id)
    if statement.is_ended:
        return statement
    if stale_after is not None and statement.version > stale_after:
        return None
    entries, own = _content(store, statement).entries, _own(store, statement)
    while statement.progress.done < len(entries):
        for chunk in _chunks(_day(store, statement, entries, own)):
            store.session.now = now_for(store.tenant_id)
            statement = _commit(store, statement, chunk)
            # The transactions of a chunk are not kept in memory.
            store = store.keeping(statement)
            if time.monotonic() >= store.session.until:
                return statement
    return _end(store, statement)


def rejections_of(store: Store, statement: BankStatement) -> tuple[Rejection, ...]:
    """The payments of a pain.002 that the bank did not execute."""
    return _content(store, statement).rejections


def _content(store: Store, statement: BankStatement) -> StatementEntries:
    file = statement.file("entries")
    packed = read_bytes(store.tenant_id, file.id, file.sha256)
    return read_stored(StatementEntries, zlib.decompress(packed).decode())


def _own(store: Store, statement: BankStatement) -> frozenset[str]:
    """The statement, and those of its chain: they share no transaction with it."""
    link = link_of(statement)
    others = connected(link, links_near(store, statement.origin.account_id, link)) if link else frozenset[str]()
    return others | {statement.id}


def _day(
    store: Store, statement: BankStatement, entries: Sequence[FoundEntry], own: frozenset[str]
) -> list[Known | New]:
    """The decisions about the entries of the next day."""
    left = entries[statement.progress.done :]
    day = left[0].booked_on
    of_day = list(takewhile(lambda one: one.booked_on == day, left))
    claims = claims_of(store, statement.origin.account_id, day)
    return decided(of_day, claims, own=own, source=statement.origin.format, tenant_id=store.tenant_id)


def _chunks(decisions: Sequence[Known | New]) -> Iterator[list[Known | New]]:
    """The decisions of a day in as many commits as they need."""
    chunk: list[Known | New] = []
    items = 0
    for one in decisions:
        more = (_OF_NEW if isinstance(one, New) else _OF_KNOWN) + (_OF_WHOLE if one.whole else 0)
        if items + more > _A_COMMIT:
            yield chunk
            chunk, items = [], 0
        chunk.append(one)
        items += more
    yield chunk


def _commit(store: Store, statement: BankStatement, chunk: Sequence[Known | New]) -> BankStatement:
    moment = store.session.moment
    new_id = new_ids("btx", store.session.now)
    changes: list[Change] = []
    also: list[Also] = []
    replaced_by: dict[str, str] = {}
    for one in chunk:
        id_ = next(new_id) if isinstance(one, New) else one.claim.transaction_id
        if isinstance(one, New):
            transaction = BankTransaction.of(id_, statement, one, moment=moment)
            changes.append(Recorded(transaction, BankTransactionReceived()))
            also.append(claimed(statement, one, id_))
        else:
            also.append(seen_again(statement, one))
        if one.whole is not None:
            also.append(replaced(statement, one.entry.booked_on, one.whole, id_))
            if one.whole.claim is not None and one.whole.is_transaction:
                replaced_by[one.whole.claim.transaction_id] = id_
    known = [one for one in chunk if isinstance(one, Known)]
    changes += _completed(store, statement, known)
    changes += [
        whole.suspected(replaced_by[whole.id], moment) for whole in transactions_at(store, list(replaced_by)).values()
    ]
    after = statement.advanced(new=len(chunk) - len(known), duplicates=len(known), moment=moment)
    return store.advance(after, *changes, also=also)


def _completed(store: Store, statement: BankStatement, known: Sequence[Known]) -> list[Change]:
    """The known transactions to which this format adds a field."""
    others = {
        one.claim.transaction_id: one.entry
        for one in known
        if statement.origin.format not in one.claim.sources and not one.claim.is_batch
    }
    if not others:
        return []
    found = transactions_at(store, list(others))
    completed = [(one, one.completed(others[id_], store.session.moment)) for id_, one in found.items()]
    return [after for before, after in completed if after is not before]


def _end(store: Store, statement: BankStatement) -> BankStatement:
    """Complete the import, and compare its balances with those of the statements before and after it."""
    link = link_of(statement)
    moment = store.session.moment
    changes: list[Change] = []
    if link is not None:
        near = links_near(store, statement.origin.account_id, link)
        statement = statement.continuing(expected_opening(link, near))
        later = [one for one in near if one.statement_id != link.statement_id and one.first_day >= link.last_day]
        for one in sorted(later, key=lambda other: (other.first_day, other.last_day))[:1]:
            following = store.get(BankStatement, one.statement_id)
            after = following.continuing(expected_opening(one, [*near, link]))
            changes += [after] if after != following else []
    return store.advance(Recorded(statement.ended(moment), BankStatementImported()), *changes)
