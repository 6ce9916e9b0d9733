"""Events about subscriptions."""

from collections.abc import Iterable
from types import MappingProxyType

from invoicing.core.event import Event
from invoicing.core.ids import PriceId
from invoicing.core.model import Day
from invoicing.subscriptions.ledger import SubscriptionPeriod
from invoicing.subscriptions.model import Subscription, SubscriptionSummary


class _OfPeriods(Event):
    periods: tuple[str, ...]
    """Identifiers of the periods within the subscription."""


class SubscriptionCreated(Event):
    """A subscription was created."""

    subject = SubscriptionSummary
    name = "subscription.created"
    action_key = "CREATE"


class SubscriptionActivated(Event):
    """The first billed day of a subscription came."""

    subject = SubscriptionSummary
    name = "subscription.activated"
    action_key = "STATUS"


class SubscriptionUpdated(Event):
    """The settings of a subscription were updated, or its trial began."""

    subject = SubscriptionSummary
    name = "subscription.updated"
    action_key = "EDIT"


class PeriodsBilled(_OfPeriods):
    """Periods of a subscription were billed."""

    subject = SubscriptionSummary
    name = "subscription.period_billed"
    action_key = "STATUS"

    invoice_id: str | None = None
    """Identifier of the invoice; absent in older events about periods with nothing to bill."""


class PeriodsSkipped(_OfPeriods):
    """Periods of a subscription were skipped, by a user, in a pause, or because there was nothing to bill."""

    subject = SubscriptionSummary
    name = "subscription.period_skipped"
    action_key = "STATUS"


class PeriodsReleased(_OfPeriods):
    """The invoice of periods was canceled or its draft deleted. They are billed again on request only."""

    subject = SubscriptionSummary
    name = "subscription.period_released"
    action_key = "STATUS"

    invoice_id: str
    """Identifier of the invoice that billed them."""


class ChangeScheduled(Event):
    """A change of the items of a subscription was scheduled."""

    subject = SubscriptionSummary
    name = "subscription.change_scheduled"
    action_key = "EDIT"

    change_id: str
    """Identifier of the change."""
    on: Day
    """First day with the new terms."""


class SubscriptionChanged(Event):
    """A change of the items of a subscription is in force."""

    subject = SubscriptionSummary
    name = "subscription.changed"
    action_key = "EDIT"

    change_id: str
    """Identifier of the change."""
    on: Day
    """First day with the new terms."""
    invoice_id: str | None = None
    """Identifier of the invoice that bills the change; absent if it bills nothing."""
    credit_note_ids: tuple[str, ...] = ()
    """Identifiers of the credit notes over the days that are not served."""


class InvoiceUpcoming(Event):
    """The next invoice of a subscription is ahead, by the days that the tenant's `subscription_notices` state."""

    subject = SubscriptionSummary
    name = "subscription.upcoming"
    action_key = "STATUS"

    bill_on: Day
    """Date on which it is billed, in the tenant's time zone."""


class TrialEnding(Event):
    """The end of a trial is ahead, by the days that the tenant's `subscription_notices` state."""

    subject = SubscriptionSummary
    name = "subscription.trial_ending"
    action_key = "STATUS"

    trial_end: Day
    """Last day of the trial."""


class PriceChanging(Event):
    """Items of a subscription take another version of a price, after the days that `subscription_notices` state."""

    subject = SubscriptionSummary
    name = "subscription.price_changing"
    action_key = "STATUS"

    price_id: PriceId
    """Identifier of the price, `prc_` followed by a ULID."""
    price_version: int
    """Number of the version."""
    starts_on: Day
    """First day that is billed at the version."""


class CancellationScheduled(Event):
    """A subscription was canceled. It ends after its last day."""

    subject = SubscriptionSummary
    name = "subscription.cancellation_scheduled"
    action_key = "STATUS"


class CancellationRevoked(Event):
    """The cancellation of a subscription was withdrawn, and it continues."""

    subject = SubscriptionSummary
    name = "subscription.cancellation_revoked"
    action_key = "STATUS"


class PauseBegan(Event):
    """The first day of a pause came. Periods that lie wholly in the pause are not billed."""

    subject = SubscriptionSummary
    name = "subscription.paused"
    action_key = "STATUS"


class SubscriptionResumed(Event):
    """A subscription continues after a pause, which a user or its last day ended."""

    subject = SubscriptionSummary
    name = "subscription.resumed"
    action_key = "STATUS"


class SubscriptionRenewed(Event):
    """A term of a subscription ended, and the next one began."""

    subject = SubscriptionSummary
    name = "subscription.renewed"
    action_key = "STATUS"

    starts_on: Day
    """First day of the term that began."""


class SubscriptionEnded(Event):
    """The last day of a subscription passed, and all of it is billed."""

    subject = SubscriptionSummary
    name = "subscription.ended"
    action_key = "STATUS"


class SubscriptionAttention(Event):
    """A subscription is not billed until a user decides."""

    subject = SubscriptionSummary
    name = "subscription.attention"
    action_key = "STATUS"

    code: str
    """Code of the reason."""
    invoice_id: str | None = None
    """Identifier of the draft that could not be issued; absent if there is none."""


_REACHED = MappingProxyType({"active": SubscriptionActivated, "paused": PauseBegan, "ended": SubscriptionEnded})


def period_events(periods: Iterable[SubscriptionPeriod]) -> list[Event]:
    """The events about new periods. Those with nothing to bill are skipped."""
    billed = {one.id: one.invoice_id for one in periods}
    found: list[Event] = []
    for invoice_id in dict.fromkeys(billed.values()):
        ids = tuple(id_ for id_, one in billed.items() if one == invoice_id)
        found.append(PeriodsBilled(periods=ids, invoice_id=invoice_id) if invoice_id else PeriodsSkipped(periods=ids))
    return found


def change_events(before: Subscription, after: Subscription) -> list[Event]:
    """The events about scheduled changes that came into force."""
    ahead = {one.id for one in before.changes if one.status == "scheduled"}
    reached = [one for one in after.changes if one.status == "in_force" and one.id in ahead]
    return [SubscriptionChanged(change_id=one.id, on=one.on) for one in reached]


def status_events(before: SubscriptionSummary | None, after: SubscriptionSummary) -> list[Event]:
    """The events about a term that began and about another status. `before` is None for a new subscription."""
    events: list[Event] = []
    if before and before.renews_on and after.renews_on and before.renews_on < after.renews_on:
        events.append(SubscriptionRenewed(starts_on=before.renews_on))
    if before and before.status == after.status:
        return events
    if before and (before.status, after.status) == ("paused", "active"):
        return [*events, SubscriptionResumed()]
    reached = _REACHED.get(after.status)
    return [*events, reached()] if reached else events
