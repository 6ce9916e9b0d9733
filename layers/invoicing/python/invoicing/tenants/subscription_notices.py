"""How long before an event of a subscription the tenant's systems are notified."""

from typing import Annotated

from pydantic import Field

from invoicing.core.model import Value

NoticeDays = Annotated[int, Field(ge=0, le=60)]


class SubscriptionNotices(Value):
    """Days before which events about subscriptions are published, 0 to 60 each; 0 for none."""

    upcoming: NoticeDays = 7
    """Days between `subscription.upcoming` and the date of billing."""
    trial_ending: NoticeDays = 3
    """Days between `subscription.trial_ending` and the last day of the trial."""
    price_changing: NoticeDays = 30
    """Days between `subscription.price_changing` and the first day at the new price."""
