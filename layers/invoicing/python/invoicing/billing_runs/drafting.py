"""The drafts of a run over subscriptions.

They are created in blocks: a transaction holds the drafts, their periods, the subscriptions and the run's progress. A
period is inserted once, so that it has one draft however often a block is repeated.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Final, NamedTuple, Self

from invoicing.billing_runs.batch import may_be_repeated, with_rejection
from invoicing.billing_runs.errors import NothingToBill
from invoicing.billing_runs.events import end_of
from invoicing.billing_runs.model import BillingRun
from invoicing.billing_runs.outcome import Outcome, RunResult, broken_rules_of
from invoicing.billing_runs.table import DRAFTS, MOST_RESULT_BYTES, Selected, results_of, selection_of
from invoicing.core.errors import DomainError
from invoicing.core.event import Change, Recorded
from invoicing.customers.errors import CustomerNotFound
from invoicing.customers.model import Customer
from invoicing.customers.table import customer_in, party_keys
from invoicing.observability import log_line
from invoicing.outbox.deferring import NOT_NOW
from invoicing.store import keys
from invoicing.store.keys import Item, Key
from invoicing.store.reading import items_at
from invoicing.store.store import Store
from invoicing.store.transaction import MAX_BYTES, MAX_WRITES, Weight
from invoicing.subscriptions.billing.attention import SERVICE_FAILED
from invoicing.subscriptions.billing.bills import Bill, held
from invoicing.subscriptions.billing.units import (
    WEIGHT_OF_A_RUN,
    decided_bill,
    draft_changes,
    due_bill,
    refused_bill,
    weight_of,
)
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.schedule import is_due
from invoicing.subscriptions.table import subscription_key
from invoicing.tenants.model import Tenant
from invoicing.tenants.table import tenant_in

UNITS_A_BATCH: Final = 45
"""The subscriptions that are read together."""


class Units(NamedTuple):
    """Subscriptions, with the items that billing them needs."""

    ids: Sequence[str]
    skipped: frozenset[str]
    """Ids that are left out by request."""
    tenant: Tenant
    found: Mapping[Key, Item]
    rejected: Mapping[str, Exception] = MappingProxyType({})
    """Why the transaction of a subscription fails, by its id."""

    def customer(self, store: Store, subscription: Subscription) -> Customer:
        """The customer of a subscription."""
        customer = customer_in(store, self.found, subscription.customer_id)
        if customer is None:
            raise CustomerNotFound
        return customer

    def rejecting(self, id_: str, error: Exception) -> Self:
        """The same after the transaction of a subscription failed, with which no other one was committed."""
        return self._replace(rejected=with_rejection(self.rejected, id_, error))

    def require_written(self, id_: str) -> None:
        """Refuse a subscription whose transaction failed before."""
        if id_ in self.rejected:
            raise self.rejected[id_]

    def without(self, store: Store, id_: str) -> Self:
        """The same after a subscription was changed: it is read again."""
        changed = subscription_key(store.tenant_id, id_)
        return self._replace(found={key: item for key, item in self.found.items() if key != changed})


class Unit(NamedTuple):
    """The decision about a subscription: its changes, and its draft or else its result."""

    changes: Sequence[Change] = ()
    draft: str | None = None
    total: tuple[str, Decimal] | None = None
    """Currency and total of the draft, if the run will finalize it."""
    result: RunResult | None = None
    weight: Weight = Weight(0, 0)
    """The weight of its changes."""
    ended: bool = True
    """Whether nothing more of it is due."""


def units_of(store: Store, ids: Sequence[str], skipped: frozenset[str]) -> Units:
    """Read the subscriptions with these ids, and their tenant and customers."""
    tenant_id = store.tenant_id
    heads = [subscription_key(tenant_id, one) for one in ids if one not in skipped]
    found = items_at([head.at(sort) for head in heads for sort in (keys.HEAD, f"{keys.BODY}00")])
    parties = dict.fromkeys(party_keys(tenant_id, None))
    for head in heads:
        if head in found:
            parties |= dict.fromkeys(party_keys(tenant_id, found[head]["customer_id"]["S"]))
    found |= items_at(list(parties))
    return Units(ids, skipped, tenant_in(store, found), found)


def draft_some(store: Store, run: BillingRun, selected: Selected, *, stuck: bool) -> BillingRun:
    """Create the drafts of the next subscriptions in blocks, at least one block."""
    position = run.counts.subscriptions
    ids = selected.ids[position - selected.first :][:UNITS_A_BATCH]
    units = units_of(store, ids, selected.skipped)
    while run.status == "drafting" and run.counts.subscriptions < position + len(ids):
        run, units = _next_block(store, run, units, ids[run.counts.subscriptions - position :], stuck=stuck)
        if time.monotonic() >= store.session.until:
            break
    return run


def _next_block(
    store: Store, run: BillingRun, units: Units, ids: Sequence[str], *, stuck: bool
) -> tuple[BillingRun, Units]:
    """Commit the next block of some subscriptions.

    If it fails as a whole, it gets half as many, until the one for which it fails is refused alone.
    """
    most = len(ids)
    while True:
        block = DraftBlock(run, most)
        block.fill(store, units, ids)
        try:
            run = block.commit(store)
        except Exception as error:
            if not block.changes or may_be_repeated(error, stuck=stuck):
                raise
            if block.decided == 1:
                units = units.rejecting(ids[0], error)
            most = max(block.decided // 2, 1)
        else:
            return run, units.without(store, block.unfinished) if block.unfinished else units


@dataclass
class DraftBlock:
    """The drafts of a block of subscriptions."""

    run: BillingRun
    most: int
    """The most subscriptions of the block."""
    results: list[RunResult] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    ended: int = 0
    """The subscriptions of which nothing more is due."""
    unfinished: str | None = None
    """The last subscription, if more of it is due. It is read again for that."""
    further: int = 0
    """1 if the last subscription has a draft and more of it is due: that is another document of the run."""
    totals: dict[str, Decimal] = field(default_factory=dict)
    """Totals of the drafts that the run will finalize, by currency."""
    reached: bool = False
    """Whether the draft of the next subscription would exceed the bound on totals."""
    weight: Weight = WEIGHT_OF_A_RUN

    @property
    def decided(self) -> int:
        """The subscriptions in the block."""
        return self.ended + (self.unfinished is not None)

    def fill(self, store: Store, units: Units, ids: Sequence[str]) -> None:
        """Decide subscriptions until the block is full, more of one is due, or one would exceed the bound on totals."""
        for id_ in ids[: self.most]:
            unit = decided(store, self.run, units, id_)
            if self._would_exceed(unit):
                self.reached = True
                return
            together = Weight(self.weight.items + unit.weight.items, self.weight.bytes + unit.weight.bytes)
            if self.changes and (together.items > MAX_WRITES or together.bytes > MAX_BYTES):
                return
            self.weight = together
            self.changes += unit.changes
            self.drafts += [unit.draft] if unit.draft else []
            if unit.total:
                currency, total = unit.total
                self.totals[currency] = self.totals.get(currency, Decimal()) + total
            self.results += [unit.result] if unit.result else []
            self.ended += unit.ended
            self.unfinished = None if unit.ended else id_
            self.further = int(unit.draft is not None and not unit.ended)
            if self.unfinished or sum(len(one.model_dump_json()) for one in self.results) > MOST_RESULT_BYTES:
                return

    def _would_exceed(self, unit: Unit) -> bool:
        if unit.total is None:
            return False
        currency, total = unit.total
        return self.run.would_exceed(currency, self.totals.get(currency, Decimal()) + total)

    def commit(self, store: Store) -> BillingRun:
        """Write the block: all of it or nothing."""
        before = self.run
        run = before.billed(
            self.results,
            drafts=len(self.drafts),
            further=self.further,
            subscriptions=self.ended,
            moment=store.session.moment,
            totals=self.totals,
        )
        if self.reached:
            run = run.at_total(store.session.moment)
        also = [results_of(run.id, before.counts.decided, self.results)] if self.results else []
        if self.drafts:
            part = Selected(before.counts.drafted, tuple(self.drafts), prefix=DRAFTS)
            also.append(selection_of(run.id, part))
        return store.advance(Recorded(run, *end_of(run)), *self.changes, also=also)


def decided(store: Store, run: BillingRun, units: Units, id_: str) -> Unit:
    """The decision about a subscription. A refusal parks it alone, and an error of this service fails it alone."""
    if id_ in units.skipped:
        return Unit(result=left(id_, "skipped"))
    started = time.perf_counter()
    try:
        return _decided(store, run, units, store.take_whole(Subscription, units.found, id_))
    except NOT_NOW:
        raise
    except DomainError as refusal:
        return Unit(result=refused(id_, refusal))
    except Exception:  # noqa: BLE001 — logged with its trace and counted; the other subscriptions are billed
        return Unit(result=failed(id_, run, started))


def _decided(store: Store, run: BillingRun, units: Units, subscription: Subscription) -> Unit:
    moment, id_, started = store.session.moment, subscription.id, time.perf_counter()
    try:
        units.require_written(id_)
        customer = units.customer(store, subscription)
        decide = due_bill if run.brake_raised else decided_bill
        made = held(subscription, run.due_until.date(), moment) or decide(
            store, subscription, run.due_until, customer=customer, tenant=units.tenant, moment=moment
        )
        if made is not None:
            return _unit(store, run, subscription, made)
    except NOT_NOW:
        raise
    except Exception as error:  # noqa: BLE001 — the subscription waits with its code
        changes = refused_bill(subscription, error, units.tenant.today(moment.at), moment)
        result = refused(id_, error) if isinstance(error, DomainError) else failed(id_, run, started)
        return Unit(changes, result=result, weight=store.weight(*changes) if changes else Weight(0, 0))
    return Unit(result=left(id_, "skipped", NothingToBill.code))


def _unit(store: Store, run: BillingRun, subscription: Subscription, made: Bill) -> Unit:
    """The draft of a subscription. Refuses one that fits into no transaction."""
    id_, ended = subscription.id, not is_due(made.subscription, run.due_until)
    if made.draft is not None:
        made = made._replace(draft=made.draft.model_copy(update={"billing_run_id": run.id}))
    changes = draft_changes(subscription, made)
    weight = weight_of(store, changes)
    if made.draft is None:
        nothing = left(id_, "skipped", NothingToBill.code) if ended else None
        return Unit(changes, result=nothing, weight=weight, ended=ended)
    total = None if subscription.action == "draft" else (made.draft.currency, made.draft.total)
    return Unit(changes, draft=made.draft.id, total=total, weight=weight, ended=ended)


def failed(id_: str, run: BillingRun, started: float) -> RunResult:
    """The result of a subscription that an error of this service prevented. Its trace is logged."""
    log_line("bill_units", started, unexpected=True, facts={"subscription_id": id_, "run_id": run.id})
    return left(id_, "failed", SERVICE_FAILED)


def left(id_: str, outcome: Outcome, code: str | None = None) -> RunResult:
    """The result of a subscription that is not billed."""
    return RunResult(subscription_ids=(id_,), outcome=outcome, code=code)


def refused(id_: str, refusal: DomainError) -> RunResult:
    """The result of a subscription that a rule refuses to bill."""
    rules = broken_rules_of(refusal)
    return RunResult(subscription_ids=(id_,), outcome="refused", code=refusal.code, rules=rules)
