"""Changes of the ledger of a subscription when its invoice changes, and steps that its functions share."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

from invoicing.core.event import Change, Event, Recorded
from invoicing.core.identity import Moment
from invoicing.invoices.errors import InvalidState
from invoicing.invoices.fields import BilledPeriod
from invoicing.invoices.lifecycle import Action, Status, allowed_actions
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.invoices.table import invoice_key
from invoicing.settlement.model import WaitingCredit
from invoicing.store.reading import items_at
from invoicing.store.store import Store
from invoicing.subscriptions.changing.model import WaitingCharge
from invoicing.subscriptions.errors import AlreadyRebilled
from invoicing.subscriptions.events import PeriodsBilled, PeriodsReleased
from invoicing.subscriptions.ledger import Attention, PeriodItem, SubscriptionPeriod
from invoicing.subscriptions.model import SubscriptionSummary
from invoicing.subscriptions.table import period_key


def released_periods(store: Store, invoice: InvoiceSummary) -> list[Change]:
    """The periods that an invoice no longer bills, for the same commit. Without periods, nothing is read.

    No clock bills them again, because a user decided about their invoice. A period to which the invoice only added
    lines, by a change, keeps its own invoice, and can be billed for these lines.
    """
    moment, together = store.session.moment, tuple(one.period for one in invoice.subscription_periods)
    return _changes(
        store,
        invoice,
        lambda period: without_invoice(period, invoice.id, together, moment),
        lambda ids: PeriodsReleased(periods=ids, invoice_id=invoice.id),
    )


def without_invoice(
    period: SubscriptionPeriod, invoice_id: str, together: tuple[str, ...], moment: Moment
) -> SubscriptionPeriod | None:
    """The period after an invoice was deleted or canceled that billed it `together` with others; None if it did not."""
    if not period.has_lines_of(invoice_id):
        return None
    after = period.with_lines_of(invoice_id, moment, released=True)
    return after.released(moment, together) if period.invoice_id == invoice_id else after


def reassigned_periods(
    store: Store, invoice: Invoice, correction: Invoice, rests: Mapping[str, Sequence[PeriodItem]]
) -> list[Change]:
    """The periods of an invoice after its correction bills them, with the lines that it copied in their order.

    `rests` are the places in the ledger of the lines that it has instead of one, by the id of that.
    """
    moment = store.session.moment
    new = iter(correction.lines)
    lines = {old.id: tuple(islice(new, len(rests.get(old.id, (None,))))) for old in invoice.lines}

    def reassigned(period: SubscriptionPeriod) -> SubscriptionPeriod | None:
        return (
            period.corrected(invoice.id, correction.id, lines, rests, moment)
            if period.has_lines_of(invoice.id)
            else None
        )

    return _changes(store, invoice, reassigned, lambda ids: PeriodsBilled(periods=ids, invoice_id=correction.id))


def rebilled_periods(store: Store, invoice: Invoice) -> list[Change]:
    """The periods that a reactivated invoice bills again. Refuses if another invoice bills one of them now.

    A period to which the invoice only added lines, by a change, keeps its own invoice. It is written all the same, so
    that no change decreases those lines meanwhile.
    """
    moment = store.session.moment
    return _changes(
        store,
        invoice,
        lambda period: with_invoice_again(period, invoice, moment),
        lambda ids: PeriodsBilled(periods=ids, invoice_id=invoice.id),
    )


def with_invoice_again(period: SubscriptionPeriod, invoice: Invoice, moment: Moment) -> SubscriptionPeriod:
    """The period after its canceled invoice was reactivated. Refuses if another invoice bills it now."""
    if any(one.invoice_id == invoice.id for one in period.items):
        return period.with_lines_of(invoice.id, moment, released=False)
    # Another invoice billed it meanwhile, or a change altered its terms.
    if period.status != "released" or not period.is_of({one.id for one in invoice.lines}):
        raise AlreadyRebilled(allowed_actions=allowed_actions(invoice, but=Action.REACTIVATE))
    return period.rebilled(invoice.id, moment)


def require_no_change(store: Store, invoice: InvoiceSummary, note: Invoice, lines: Iterable[str]) -> None:
    """Refuse to void a credit note of a change: the ledger would count its lines as credited, and bill them again."""
    if note.credit_reason != "order_change" or not invoice.subscription_periods:
        return
    credited = set(lines)
    for row in periods_at(store, invoice.subscription_periods):
        if any(one.taken_back and one.line_id in credited for one in row.items):
            raise InvalidState(
                "A change of the subscription credits these lines. Make another change instead.",
                allowed_actions=allowed_actions(note, but=Action.CANCEL),
            )


def _changes(
    store: Store,
    invoice: InvoiceSummary,
    change: Callable[[SubscriptionPeriod], SubscriptionPeriod | None],
    event: Callable[[tuple[str, ...]], Event],
) -> list[Change]:
    """The subscription with the event, and its changed periods. `change` answers None for those that stay."""
    if not invoice.subscription_periods:
        return []
    [subscription_id] = invoice.subscription_ids
    periods = periods_at(store, invoice.subscription_periods)
    changed = [after for one in periods if (after := change(one)) is not None]
    if not changed:
        return []
    subscription = store.get(SubscriptionSummary, subscription_id)
    waiting = after_release(subscription.waiting_charges, changed)
    facts = {
        "attention": _attention_without(subscription, invoice),
        "waiting_charges": waiting,
        **store.session.moment.updated,
    }
    recorded = Recorded(subscription.model_copy(update=facts), event(tuple(one.id for one in changed)))
    return [recorded, *changed]


def after_release(charges: Iterable[WaitingCharge], periods: Iterable[SubscriptionPeriod]) -> tuple[WaitingCharge, ...]:
    """Charges that wait, after periods lost their invoice or have one again."""
    billed = {one.id: one.invoice_id is not None for one in periods}
    return tuple(one.after(billed) for one in charges)


def billed_subscription(store: Store, draft: InvoiceSummary) -> SubscriptionSummary | None:
    """The subscription that a draft bills; None if it bills none."""
    if not draft.subscription_ids:
        return None
    [subscription_id] = draft.subscription_ids
    read = store.session.loaded.get(subscription_id)
    return read if isinstance(read, SubscriptionSummary) else store.get(SubscriptionSummary, subscription_id)


def after_issue(
    subscription: SubscriptionSummary | None, issued: InvoiceSummary, rest: tuple[WaitingCredit, ...], moment: Moment
) -> list[Change]:
    """The subscription for the commit that issues its invoice, if it waited for this or has credit that was applied.

    `rest` is the credit that is left.
    """
    if subscription is None:
        return []
    facts = {"attention": _attention_without(subscription, issued), "waiting_credits": rest}
    after = subscription.model_copy(update=facts)
    return [] if after == subscription else [after.model_copy(update=moment.updated)]


def _attention_without(subscription: SubscriptionSummary, invoice: InvoiceSummary) -> Attention | None:
    """The reason why a subscription waits, without this invoice."""
    return subscription.attention and subscription.attention.without(invoice.id)


def without_wait_for[S: SubscriptionSummary](subscription: S, drafts: Iterable[InvoiceSummary]) -> S:
    """A subscription that waits for none of these drafts any more."""
    for draft in drafts:
        subscription = subscription.model_copy(update={"attention": _attention_without(subscription, draft)})
    return subscription


def periods_at(store: Store, named: Iterable[BilledPeriod]) -> list[SubscriptionPeriod]:
    """The periods in the ledger that an invoice names, in one read."""
    keys = [period_key(store.tenant_id, one.subscription_id, one.period) for one in named]
    found = items_at(keys)
    return [store.take(SubscriptionPeriod, found[key]) for key in keys if key in found]


def with_drafts(store: Store, periods: Iterable[SubscriptionPeriod]) -> tuple[SubscriptionPeriod, ...]:
    """The periods as they are shown: those whose invoice is a draft have that status."""
    known = tuple(periods)
    keys = {one.invoice_id: invoice_key(store.tenant_id, one.invoice_id) for one in known if one.invoice_id}
    found = items_at(list(dict.fromkeys(keys.values())))
    drafts = {id_ for id_, key in keys.items() if found.get(key, {}).get("status", {}).get("S") == Status.DRAFT}
    return tuple(one.model_copy(update={"status": "draft"}) if one.invoice_id in drafts else one for one in known)
