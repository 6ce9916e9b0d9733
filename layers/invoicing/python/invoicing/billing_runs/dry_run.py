"""The dry run: the results that a run would have now. It decides as the run does, and writes nothing."""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import batched

from invoicing.billing_runs.batch import batch_of
from invoicing.billing_runs.block import Block
from invoicing.billing_runs.drafting import UNITS_A_BATCH, Units, failed, left, refused, units_of
from invoicing.billing_runs.errors import NothingToBill
from invoicing.billing_runs.model import BillingRun
from invoicing.billing_runs.outcome import Decision, Issued, RunCounts, RunResult, broken_rules_of
from invoicing.billing_runs.requests import MOST_NAMED
from invoicing.billing_runs.table import Selected
from invoicing.billing_runs.workflow import IDS_A_BATCH
from invoicing.core.errors import DomainError, Invalid
from invoicing.core.identity import Moment
from invoicing.customers.model import Customer
from invoicing.document_forms.workflow import form_of
from invoicing.invoices.model import Invoice
from invoicing.issuing.workflow import Issuing
from invoicing.numbering.table import Counter, counter_in
from invoicing.outbox.deferring import NOT_NOW
from invoicing.store.keys import Key
from invoicing.store.store import Store
from invoicing.subscriptions.billing.bills import billed_at, held
from invoicing.subscriptions.billing.issuing import NotIssuable, issued_invoice
from invoicing.subscriptions.billing.units import decided_bill, draft_changes, due_bill, weight_of
from invoicing.subscriptions.model import Action, Subscription
from invoicing.subscriptions.schedule import is_due
from invoicing.tenants.model import Tenant

MOST_SECONDS = 20.0
"""How long a dry run decides; a request has 29 seconds. A thousand drafts with few lines take less than half of it."""


def require_short(selected: Selected) -> None:
    """Refuse a dry run over more drafts than a request can name."""
    if selected.after is not None or len(selected.ids) > MOST_NAMED:
        raise _too_long()


def dry_run(store: Store, run: BillingRun, ids: Sequence[str]) -> BillingRun:
    """The run as it would end now, with its results."""
    until = time.monotonic() + MOST_SECONDS
    results: list[RunResult] = []
    counters: dict[Key, Counter] = {}
    if run.exceeded:
        run = run.parked(run.exceeded, store.session.moment)
    while run.is_active and len(results) < len(ids):
        reading = store.fresh(until)
        batch = batch_of(reading, run, ids[len(results) :][:IDS_A_BATCH], frozenset())
        end = len(results) + len(batch.ids)
        while run.is_active and len(results) < end:
            if time.monotonic() >= until:
                raise _too_long()
            block = Block.next_of(run)
            block.fill(reading, batch.after(counters), ids[len(results) : end])
            run, results, counters = block.run, results + block.results, {**counters, **block.counters}
    return run.as_dry_run(results)


def dry_run_of_due(store: Store, run: BillingRun, ids: Sequence[str]) -> BillingRun:
    """The run over subscriptions as it would end now, with the result of each invoice."""
    until = time.monotonic() + MOST_SECONDS
    groups: list[list[Decision]] = []
    for some in batched(ids, UNITS_A_BATCH, strict=False):
        reading = store.fresh(until)
        units = units_of(reading, some, frozenset())
        for id_ in some:
            groups.append(planned_decisions(reading, run, units, id_))
            if time.monotonic() >= until:
                raise _too_long()
    decisions, counts = _below_total(run, groups)
    run = run.model_copy(update={"counts": counts, "status": "finalizing"})
    if run.exceeded:
        run = run.parked(run.exceeded, store.session.moment)
    results: list[RunResult] = []
    for decision in decisions:
        if not run.is_active:
            break
        run = run.decided([decision], store.session.moment)
        results.append(decision.result)
    if run.is_active:
        run = run.model_copy(update={"status": "drafting"}).parked("total", store.session.moment)
    return run.as_dry_run(results)


def _below_total(run: BillingRun, groups: Sequence[Sequence[Decision]]) -> tuple[list[Decision], RunCounts]:
    """The decisions before the first draft that exceeds the bound on totals, and the counts at it.

    `groups` are the decisions about each subscription.
    """
    below: list[Decision] = []
    selected, billed = len(groups), 0
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for group in groups:
        for place, decision in enumerate(group):
            selected += place > 0
            currency, total = decision.result.currency, decision.result.total
            if currency and total is not None and decision.result.outcome != "kept":
                if run.would_exceed(currency, sums[currency] + total):
                    return below, _drafted(below, selected, billed)
                sums[currency] += total if decision.issued else 0
            below.append(decision)
        billed += 1
    return below, _drafted(below, selected, billed)


def _drafted(decisions: Sequence[Decision], selected: int, subscriptions: int) -> RunCounts:
    drafted = sum(one.result.outcome in {"finalized", "kept"} or one.result.total is not None for one in decisions)
    return RunCounts(selected=selected, subscriptions=subscriptions, drafted=drafted)


def _too_long() -> Invalid:
    return Invalid(
        "The dry run takes longer than a request may. Name fewer drafts in invoice_ids, or narrow the filter.",
        pointer="/dry_run",
    )


def planned_decisions(store: Store, run: BillingRun, units: Units, id_: str) -> list[Decision]:
    """The decisions about a subscription, one for each invoice, or the one that there is none."""
    started = time.perf_counter()
    found: list[Decision] = []
    try:
        subscription = store.take_whole(Subscription, units.found, id_)
        found += _invoices(store, run, units, subscription)
    except NOT_NOW:
        raise
    except DomainError as refusal:
        found.append(Decision(refused(id_, refusal)))
    except Exception:  # noqa: BLE001 — logged with its trace; the other subscriptions have their results
        found.append(Decision(failed(id_, run, started)))
    return found or [Decision(left(id_, "skipped", NothingToBill.code))]


def _invoices(store: Store, run: BillingRun, units: Units, subscription: Subscription) -> Iterator[Decision]:
    """The decisions about the invoices of a subscription, oldest first, as far as the time of the dry run suffices."""
    tenant, customer = units.tenant, units.customer(store, subscription)
    moment = store.session.moment._replace(time_zone=tenant.time_zone)
    while time.monotonic() < store.session.until:
        if made := held(subscription, run.due_until.date(), moment):
            subscription = made.subscription
            continue
        if not is_due(subscription, run.due_until):
            return
        at = billed_at(subscription, moment)
        decide = due_bill if run.brake_raised else decided_bill
        made = decide(store, subscription, run.due_until, customer=customer, tenant=tenant, moment=at)
        if made is None:
            return
        weight_of(store, draft_changes(subscription, made))
        if made.draft is not None:
            parties = _parties(tenant, customer, made.draft, run.issue_date or at.today)
            yield _decision(store, run, made.draft, subscription.action, parties, at)
        subscription = made.subscription


def _decision(
    store: Store, run: BillingRun, draft: Invoice, action: Action, parties: Issuing[Customer], moment: Moment
) -> Decision:
    result = RunResult(
        subscription_ids=draft.subscription_ids, outcome="kept", currency=draft.currency, total=draft.total
    )
    if action == "draft":
        return Decision(result)
    send, counter = run.send or action == "send", parties.counter
    form = form_of(store, draft, parties.customer, parties.tenant)
    try:
        issued_invoice(draft, counter.number, parties, form, send=send, moment=moment)
    except NotIssuable as refusal:
        facts = {"outcome": "refused", "code": refusal.error.code, "rules": broken_rules_of(refusal.error)}
        return Decision(result.model_copy(update=facts))
    issued = Issued(
        number=counter.number,
        series=counter.series.name,
        year=counter.series.counter_year(counter.issued),
        issue_date=counter.issued,
        currency=draft.currency,
        tax=draft.tax,
        total=draft.total,
        sent=send,
    )
    return Decision(result.model_copy(update={"outcome": "finalized"}), issued)


def _parties(tenant: Tenant, customer: Customer, draft: Invoice, issued: date) -> Issuing[Customer]:
    """The parties of an invoice. The rules need a number: the first one of the series is as good as the later one."""
    return Issuing(tenant, customer, counter_in({}, tenant, draft.series, issued))
