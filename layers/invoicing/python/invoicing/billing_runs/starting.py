"""The start of a run: by a user, or by the hours of the clock."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import batched, islice

from invoicing.billing_runs.collecting import DueFilter, first_selection, nothing_selected
from invoicing.billing_runs.errors import BillingRunActive
from invoicing.billing_runs.events import BillingRunStarted
from invoicing.billing_runs.model import BRAKE_DAYS, BillingRun, Brake, DraftFilter, Source
from invoicing.billing_runs.requests import StartBillingRun
from invoicing.billing_runs.table import IDS_A_PART, Selected, completed_runs, selection_of
from invoicing.core.errors import DateNotAllowed
from invoicing.core.event import Recorded
from invoicing.core.ids import new_id
from invoicing.core.model import values_of
from invoicing.store.listing import ids_before
from invoicing.store.reading import KEYS_A_CALL
from invoicing.store.store import Store
from invoicing.subscriptions.table import due_until, to_bill
from invoicing.tenants.model import Tenant

_MOST_OF_AN_HOUR = 100_000
"""The most subscriptions that the run of an hour bills. The next hour bills the others."""


def prepared(store: Store, tenant: Tenant, wanted: StartBillingRun) -> tuple[BillingRun, Selected]:
    """A run that a user wants, with the first part of its selection."""
    today = tenant.today(store.session.now)
    up_to = (wanted.up_to or today) if wanted.source == "subscriptions" else None
    if up_to is not None and up_to > today and not wanted.dry_run:
        raise DateNotAllowed("Only a dry run can bill up to a later date.", pointer="/up_to")
    if wanted.issue_date is not None:
        tenant.require_issue_date(wanted.issue_date, today)
    if wanted.send:
        tenant.require_sender("/send")
    selected = first_selection(store, wanted, None if up_to is None else _due_until(up_to, wanted))
    if not selected.ids and selected.after is None:
        raise nothing_selected(wanted)
    default = _brake(store, wanted.source)
    brake = wanted.brake.applied_to(default)
    run = BillingRun.started(
        new_id("brn", store.session.now),
        wanted.source,
        values_of(wanted, ("issue_date", "send", "filter"))
        | {"up_to": up_to, "brake": brake, "brake_raised": brake.invoices > default.invoices},
        selected=len(selected.ids),
        ended=selected.after is None,
        moment=store.session.moment,
    )
    return run, selected


def _due_until(day: date, wanted: StartBillingRun) -> DueFilter:
    return DueFilter(wanted.filter or DraftFilter(), datetime.combine(day, time(23)), clock=None)


def start_run_of_hour(store: Store, tenant: Tenant, local: datetime) -> list[str]:
    """Start the run of the subscriptions that are due by this hour, if there are any. Returns the others of the list.

    Their status changes, or they wait for a decision. No run is started while another one of the source is active, or
    is parked before it billed all its subscriptions: they stay due, and a later hour bills them.
    """
    due = DueFilter(DraftFilter(), local, clock=local)
    listed = list(islice(ids_before(to_bill(tenant.id), due_until(local)), _MOST_OF_AN_HOUR))
    billed = [id_ for some in batched(listed, KEYS_A_CALL, strict=False) for id_ in due.selected(tenant.id, some)]
    if billed:
        _start(store, billed, local)
    return sorted(set(listed) - set(billed))


def _start(store: Store, ids: Sequence[str], local: datetime) -> None:
    run = BillingRun.started(
        new_id("brn", store.session.now),
        "subscriptions",
        {"hour": f"{local:%Y-%m-%dT%H}", "up_to": local.date(), "brake": _brake(store, "subscriptions")},
        selected=len(ids),
        ended=True,
        moment=store.session.moment,
    )
    parts = (Selected(place * IDS_A_PART, some) for place, some in enumerate(batched(ids, IDS_A_PART, strict=False)))
    try:
        store.commit(Recorded(run, BillingRunStarted()), also=[selection_of(run.id, part) for part in parts])
    except BillingRunActive:
        return


def _brake(store: Store, source: Source) -> Brake:
    """The default brake after the last runs of a source. Drafts that subscriptions keep count like issued invoices."""
    completed = completed_runs(store, source, store.session.now - timedelta(days=BRAKE_DAYS))
    return Brake.after_runs(one.counts.finalized + one.counts.kept for one in completed)
