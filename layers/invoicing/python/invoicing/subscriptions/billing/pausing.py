"""The pause of a subscription, and its end."""

from datetime import date, timedelta

from invoicing.core.errors import Invalid
from invoicing.core.identity import Moment
from invoicing.invoices.errors import InvalidState
from invoicing.subscriptions.errors import SubscriptionPaused, TooManyPeriods
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.periods import Pause
from invoicing.subscriptions.requests import PauseSubscription
from invoicing.subscriptions.schedule import (
    MOST_OPEN_PERIODS,
    past_count,
    require_running,
    scheduled,
    with_status,
)

_DAY = timedelta(days=1)


def paused(subscription: Subscription, data: PauseSubscription, moment: Moment) -> Subscription:
    """The subscription with a pause. Periods that lie wholly in it are not billed, and the others keep their dates."""
    require_running(subscription, moment.today)
    if subscription.paused is not None:
        raise SubscriptionPaused(allowed_actions=("resume",))
    start = data.first or _after_billed(subscription)
    if data.last is not None and data.last < max(start, moment.today):
        raise Invalid("The pause ends before it starts, or before today.", pointer="/until")
    return _changed(subscription, Pause(first=start, last=data.last), moment)


def resumed(subscription: Subscription, *, bill: bool, moment: Moment) -> Subscription:
    """The subscription from today on without its pause. `bill`: the periods of the pause are billed after all."""
    require_running(subscription, moment.today)
    if subscription.paused is None:
        raise InvalidState("The subscription is not paused.", allowed_actions=())
    start, last = subscription.paused.first, moment.today - _DAY
    if subscription.paused.last is not None:
        last = min(last, subscription.paused.last)
    pause = None if bill or last < start else Pause(first=start, last=last)
    after = _changed(subscription, pause, moment)
    if bill and past_count(after, moment.today) > MOST_OPEN_PERIODS:
        raise TooManyPeriods(pointer="/bill")
    return after


def _changed(subscription: Subscription, pause: Pause | None, moment: Moment) -> Subscription:
    after = subscription.model_copy(update={"paused": pause, **moment.updated})
    return with_status(scheduled(after), moment.today)


def _after_billed(subscription: Subscription) -> date:
    """The day after the last billed period; the first billed day before there is one."""
    billed = [track.billed_through + _DAY for track in subscription.tracks if track.billed_through]
    return max(billed, default=subscription.first_billed_day)
