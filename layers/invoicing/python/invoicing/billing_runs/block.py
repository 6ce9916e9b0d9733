"""A block: as many documents as one transaction can hold, with their numbers, their results and the run's progress."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from invoicing.billing_runs.batch import Batch
from invoicing.billing_runs.events import end_of
from invoicing.billing_runs.model import BillingRun
from invoicing.billing_runs.outcome import Decision, Issued, Outcome, RunResult, broken_rules_of
from invoicing.billing_runs.table import MOST_RESULT_BYTES, results_of
from invoicing.core.errors import DocumentTooLarge, DomainError
from invoicing.core.event import Change, Recorded
from invoicing.invoices.errors import InvalidState
from invoicing.invoices.model import Invoice
from invoicing.invoices.requests import FinalizeInvoice
from invoicing.issuing.workflow import number_taken, numbered
from invoicing.numbering.table import Counter, Taken, taken_by
from invoicing.observability import log_line
from invoicing.outbox.deferring import NOT_NOW
from invoicing.settlement.finalizing import finalization
from invoicing.store.keys import Key
from invoicing.store.store import Store
from invoicing.store.transaction import MAX_BYTES, MAX_WRITES, Weight
from invoicing.subscriptions.billing.attention import attention_code, waiting
from invoicing.subscriptions.model import SubscriptionSummary

_OF_THE_RUN = Weight(items=4, bytes=500_000)
"""The items of the run itself: its head, the results, the entry about its end, and the release of its source."""
_BYTES_OF_A_NUMBER = 1_000


class _Changed(NamedTuple):
    """A document that is finalized, or not in a way that its subscription records, with the changes of both."""

    changes: list[Change]
    weight: Weight
    decision: Decision
    counter: Counter | None = None
    """The counter of the number; None for a document that is not issued."""

    @property
    def touches_others(self) -> bool:
        """Whether other resources change with it. Two such documents may change the same one."""
        return len(self.changes) > 1 or self.counter is None


@dataclass
class Block:
    """The decisions of a block, in the order of the selection."""

    run: BillingRun
    """The run after the decisions."""
    first: int
    """Position of its first document in the selection."""
    results: list[RunResult] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    taken: dict[Key, tuple[Counter, list[Taken]]] = field(default_factory=dict)
    """The counters before the block, and their next numbers with the documents that get them."""
    most: int | None = None
    """The most documents of the block, fewer than a transaction holds; None for as many as fit."""
    weight: Weight = _OF_THE_RUN
    result_bytes: int = 0
    full: bool = False

    @classmethod
    def next_of(cls, run: BillingRun, most: int | None = None) -> "Block":
        """The block after those that were decided."""
        return cls(run, run.counts.decided, most=most)

    def fill(self, store: Store, batch: Batch, ids: Iterable[str]) -> None:
        """Decide documents until the block is full, or the run reaches its end or a bound."""
        for id_ in ids:
            decided = _decided(store, self, batch, id_)
            if isinstance(decided, Decision):
                self._add(store, decided)
            elif not self._take(store, decided):
                self._accept(store, _too_large(store, self.run, batch, decided))
            if self.full or not self.run.is_active:
                return

    def commit(self, store: Store) -> BillingRun:
        """Write the block: all of it or nothing."""
        also = [taken_by(counter, *owners) for counter, owners in self.taken.values()]
        if self.results:
            also.append(results_of(self.run.id, self.first, self.results))
        return store.advance(Recorded(self.run, *end_of(self.run)), *self.changes, also=also)

    @property
    def counters(self) -> Mapping[Key, Counter]:
        """The counters after the numbers of the block."""
        return {key: counter.after(len(owners)) for key, (counter, owners) in self.taken.items()}

    def _add(self, store: Store, decision: Decision) -> None:
        self.run = self.run.decided([decision], store.session.moment)
        self.results.append(decision.result)
        self.result_bytes += len(decision.result.model_dump_json())
        self.full |= self.result_bytes > MOST_RESULT_BYTES or len(self.results) == self.most

    def _take(self, store: Store, one: _Changed) -> bool:
        """Add a document with its changes, unless it fits into no block (False), not into this, or exceeds a bound."""
        weight = self._with(one)
        too_heavy = weight.items > MAX_WRITES or weight.bytes > MAX_BYTES
        if self.changes and (too_heavy or one.touches_others):
            self.full = True
        elif too_heavy:
            return False
        elif (issued := one.decision.issued) and self.run.would_exceed(issued.currency, issued.total):
            self.run = self.run.parked("total", store.session.moment)
        else:
            self._accept(store, one)
        return True

    def _accept(self, store: Store, one: Decision | _Changed) -> None:
        if isinstance(one, Decision):
            self._add(store, one)
            return
        self.weight, self.full = self._with(one), one.touches_others
        self.changes += self._numbered(one)
        self._add(store, one.decision)

    def _numbered(self, one: _Changed) -> list[Change]:
        """The changes of a document, whose number is taken from its counter."""
        counter = one.counter
        if counter is None:
            return one.changes
        before, owners = self.taken.get(counter.key, (counter, []))
        self.taken[counter.key] = before, [*owners, number_taken(one.changes, counter)]
        return numbered(one.changes, counter)

    def _with(self, one: _Changed) -> Weight:
        writes = 0
        if one.counter is not None:
            writes = number_taken(one.changes, one.counter).writes + (one.counter.key not in self.taken)
        return Weight(
            self.weight.items + one.weight.items + writes,
            self.weight.bytes + one.weight.bytes + writes * _BYTES_OF_A_NUMBER,
        )


def _decided(store: Store, block: Block, batch: Batch, id_: str) -> Decision | _Changed:
    """The decision about a document. An error of this service fails the document and not the run."""
    if id_ in batch.skipped:
        return _left(id_, "skipped")
    try:
        draft = batch.draft(id_)
        return _of_draft(store, block, batch, draft) if draft else _left(id_, "skipped", InvalidState.code)
    except NOT_NOW:
        raise
    except Exception as error:  # noqa: BLE001 — logged with its trace and counted; the other documents go on
        return Decision(_unissued(block.run, id_, (), error))


def _of_draft(store: Store, block: Block, batch: Batch, draft: Invoice) -> Decision | _Changed:
    """The decision about a draft. One of a run over subscriptions follows its subscription."""
    run, subscription = block.run, _follows(store, block.run, batch, draft)
    if subscription is None:
        return _finalized(store, block, batch, draft, send=run.send)
    if subscription.action == "draft":
        facts: dict[str, Any] = {"subscription_ids": draft.subscription_ids, **_amount_of(draft)}
        return Decision(RunResult(invoice_id=draft.id, outcome="kept", **facts))
    try:
        return _finalized(store, block, batch, draft, send=run.send or subscription.action == "send")
    except NOT_NOW:
        raise
    except Exception as error:  # noqa: BLE001 — logged with its trace and counted; the subscription shows it
        return _recorded(store, run, subscription, draft, error)


def _amount_of(draft: Invoice) -> dict[str, Any]:
    """The amount of a draft as its result states it."""
    return {"currency": draft.currency, "total": draft.total}


def _follows(store: Store, run: BillingRun, batch: Batch, draft: Invoice) -> SubscriptionSummary | None:
    """The subscription that a draft of a run over subscriptions bills."""
    return batch.subscription(store, draft) if run.source == "subscriptions" else None


def _too_large(store: Store, run: BillingRun, batch: Batch, one: _Changed) -> Decision | _Changed:
    """The decision about a document that fits into no transaction."""
    id_ = one.decision.result.invoice_id or ""
    draft = batch.draft(id_)
    subscription = _follows(store, run, batch, draft) if draft else None
    if draft is None or subscription is None:
        return Decision(_unissued(run, id_, one.decision.result.subscription_ids, DocumentTooLarge()))
    return _recorded(store, run, subscription, draft, DocumentTooLarge())


def _recorded(
    store: Store, run: BillingRun, subscription: SubscriptionSummary, draft: Invoice, error: Exception
) -> Decision | _Changed:
    """The decision about a draft that cannot be issued. Its subscription waits for a user, who decides about each."""
    unissued = _unissued(run, draft.id, draft.subscription_ids, error)
    decision = Decision(unissued.model_copy(update=_amount_of(draft)))
    changes: list[Change] = [waiting(subscription, error, store.session.moment, invoice_id=draft.id)]
    return _Changed(changes, store.weight(*changes), decision)


def _finalized(store: Store, block: Block, batch: Batch, draft: Invoice, *, send: bool) -> _Changed:
    batch.require_accepted(draft)
    run = block.run
    parties = batch.parties(store, draft, block.counters)
    counter = parties.counter
    options = FinalizeInvoice(issue_date=run.issue_date, send=send)
    form = batch.form(store, draft, parties.customer)
    changes = finalization(store, draft, parties, form, options, run_id=run.id)(counter.number)
    result = RunResult(
        invoice_id=draft.id,
        subscription_ids=draft.subscription_ids,
        outcome="finalized",
        number=counter.number,
        currency=draft.currency,
        total=draft.total,
    )
    sign = -1 if draft.type == "credit_note" else 1
    issued = Issued(
        number=counter.number,
        series=counter.series.name,
        year=counter.series.counter_year(counter.issued),
        issue_date=counter.issued,
        currency=draft.currency,
        tax=sign * draft.tax,
        total=sign * draft.total,
        sent=send,
    )
    return _Changed(changes, store.weight(*changes), Decision(result, issued), counter)


def _left(id_: str, outcome: Outcome, code: str | None = None) -> Decision:
    return Decision(RunResult(invoice_id=id_, outcome=outcome, code=code))


def _unissued(run: BillingRun, id_: str, subscription_ids: tuple[str, ...], error: Exception) -> RunResult:
    """The result of a draft that a rule refuses or an error of this service fails, whose trace is logged."""
    refuses = isinstance(error, DomainError)
    if not refuses:
        log_line("advance_run", time.perf_counter(), unexpected=True, facts={"invoice_id": id_, "run_id": run.id})
    return RunResult(
        invoice_id=id_,
        subscription_ids=subscription_ids,
        outcome="refused" if refuses else "failed",
        code=attention_code(error),
        rules=broken_rules_of(error) if isinstance(error, DomainError) else (),
    )
