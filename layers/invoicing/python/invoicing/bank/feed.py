"""The feed: transactions that another system reads from a bank and sends, each under an id of its own."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple

from invoicing.bank.errors import ExternalIdDiffers
from invoicing.bank.events import BankStatementImported, BankTransactionReceived
from invoicing.bank.model import BankStatement, BankTransaction
from invoicing.bank.once import Known, New, decided
from invoicing.bank.requests import FeedTransaction, SendBankTransactions
from invoicing.bank.statement_parts import ImportProgress, StatementAccount
from invoicing.bank.table import (
    FEED,
    External,
    claimed,
    claims_of,
    externals_of,
    identified,
    seen_again,
    transactions_at,
)
from invoicing.core.event import Change, Recorded
from invoicing.core.ids import BankTransactionId, new_ids
from invoicing.core.model import Value
from invoicing.store.changes import Also
from invoicing.store.store import Store
from invoicing.tenants.table import tenant_of

_A_COMMIT = 20
"""The transactions of one commit: each has four items, and the response is beside them."""


class FeedResult(Value):
    """The result of one transaction of the feed."""

    external_id: str
    """Identifier of the transaction in the system that sends it."""
    outcome: Literal["created", "duplicate"]
    """Whether it is a new transaction, or known by its `external_id` or from a statement."""
    transaction_id: BankTransactionId
    """Transaction that it is."""


class FeedResults(Value):
    """The results of the transactions of the feed."""

    object: Literal["list"] = "list"
    """Name of the object's type: `list`."""
    data: tuple[FeedResult, ...]
    """Results in the order of the transactions."""


class _Decided(NamedTuple):
    sent: FeedTransaction
    decision: Known | New


def take_feed(store: Store, body: SendBankTransactions) -> FeedResults:
    """Store the transactions that are not known, by their external ids or from statements.

    Each commit is complete by itself: a repetition after a crash continues after the last one.
    """
    tenant_of(store).require_bank_account(body.bank_account_id)
    ids = [one.external_id for one in body.transactions]
    known = externals_of(store, body.bank_account_id, ids)
    for place, one in enumerate(body.transactions):
        if one.external_id in known and known[one.external_id].differs_from(one.entry):
            raise ExternalIdDiffers(pointer=f"/transactions/{place}/external_id")
    results = {id_: FeedResult(external_id=id_, outcome="duplicate", transaction_id=one.transaction_id)
               for id_, one in known.items()}  # fmt: skip
    fresh = [one for one in body.transactions if one.external_id not in known]
    if not fresh:
        return store.answer(_in_order(ids, results))
    store.require_new()
    decisions = _decisions(store, body.bank_account_id, fresh)
    chunks = [decisions[start : start + _A_COMMIT] for start in range(0, len(decisions), _A_COMMIT)]
    statement_id = next(new_ids("bst", store.session.now))
    for number, chunk in enumerate(chunks, 1):
        statement = store.get(BankStatement, statement_id) if number > 1 else _empty(store, body, statement_id)
        _commit(store, statement, chunk, results, ids if number == len(chunks) else None)
    return _in_order(ids, results)


def _in_order(ids: Sequence[str], results: Mapping[str, FeedResult]) -> FeedResults:
    return FeedResults(data=tuple(results[id_] for id_ in ids))


def _decisions(store: Store, account_id: str, fresh: Sequence[FeedTransaction]) -> list[_Decided]:
    """Which of the transactions statements contain already. Two of the feed are never the same."""
    by_day: dict[date, list[FeedTransaction]] = defaultdict(list)
    for one in fresh:
        by_day[one.booked_on].append(one)
    found: list[_Decided] = []
    for day, sent in sorted(by_day.items()):
        entries = [one.entry for one in sent]
        claims = claims_of(store, account_id, day)
        of_day = decided(entries, claims, own={FEED}, source=FEED, tenant_id=store.tenant_id)
        found += map(_Decided, sent, of_day)
    return found


def _commit(
    store: Store,
    statement: BankStatement,
    chunk: Sequence[_Decided],
    results: dict[str, FeedResult],
    ids: Sequence[str] | None,
) -> None:
    """Commit some transactions with the statement of the request, which grows with each commit.

    `ids`: the response to the whole request is stored with them.
    """
    moment = store.session.moment
    new = sum(isinstance(one.decision, New) for one in chunk)
    statement = statement.grown([one.sent.booked_on for one in chunk], new=new, moment=moment)
    changes: list[Change] = []
    also: list[Also] = []
    others = transactions_at(
        store, [one.decision.claim.transaction_id for one in chunk if isinstance(one.decision, Known)]
    )
    for (sent, decision), id_ in zip(chunk, new_ids("btx", store.session.now), strict=False):
        if isinstance(decision, New):
            transaction = BankTransaction.of(id_, statement, decision, moment=moment)
            changes.append(Recorded(transaction, BankTransactionReceived()))
            also.append(claimed(statement, decision, id_, by=FEED))
        else:
            before = others[decision.claim.transaction_id]
            transaction = before if decision.claim.is_batch else before.completed(sent.entry, moment)
            changes += [] if transaction is before else [transaction]
            also.append(seen_again(statement, decision, by=FEED))
        also.append(identified(statement.origin.account_id, sent.external_id, External.of(transaction.id, sent.entry)))
        results[sent.external_id] = FeedResult(
            external_id=sent.external_id,
            outcome="created" if isinstance(decision, New) else "duplicate",
            transaction_id=transaction.id,
        )
    work = store if ids is not None else Store(store.session)
    response = None if ids is None else _in_order(ids, results)
    work.commit(Recorded(statement, BankStatementImported()), *changes, also=also, response=response)


def _empty(store: Store, body: SendBankTransactions, id_: str) -> BankStatement:
    """The statement of a request before its first commit."""
    return BankStatement(
        id=id_,
        bank_account_id=body.bank_account_id,
        source="feed",
        format=FEED,
        account=StatementAccount(),
        booked=0,
        progress=ImportProgress(total=0),
        **store.session.moment.created,
    )
