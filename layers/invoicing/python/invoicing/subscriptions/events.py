"""Events about subscriptions."""

from types import MappingProxyType

from invoicing.core.event import Event
from invoicing.subscriptions.model import SubscriptionSummary


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
    """Periods of a subscription were skipped, by a user or because there was nothing to bill."""

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


_REACHED = MappingProxyType({"active": SubscriptionActivated, "ended": SubscriptionEnded})


def status_events(before: SubscriptionSummary | None, after: SubscriptionSummary) -> list[Event]:
    """The event about the status that a subscription reached, if it is another one. `before` is None for a new one."""
    if before is not None and before.status == after.status:
        return []
    reached = _REACHED.get(after.status)
    return [reached()] if reached else []
