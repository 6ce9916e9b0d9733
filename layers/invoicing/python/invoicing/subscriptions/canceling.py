"""The cancellation of a subscription, and its withdrawal."""

from datetime import date

from invoicing.core.errors import Invalid
from invoicing.core.identity import Moment
from invoicing.invoices.errors import InvalidState
from invoicing.subscriptions.errors import TermHasNoEnd
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.requests import SetCancellation
from invoicing.subscriptions.schedule import require_running, scheduled, with_status
from invoicing.subscriptions.terms import Cancellation, last_day_of_term


def canceled(subscription: Subscription, data: SetCancellation, moment: Moment) -> Subscription:
    """The subscription that ends on the requested day. A later cancellation replaces an earlier one."""
    _require_no_credit(subscription, moment.today)
    on = _last_day(subscription, data, moment.today)
    cancellation = Cancellation(at=data.at, on=on, refund=data.refund, reason=data.reason, by=moment.by.reference)
    return _changed(subscription, cancellation, moment)


def revoked(subscription: Subscription, moment: Moment) -> Subscription:
    """The subscription without its cancellation. Its next period begins after the days that are billed."""
    _require_no_credit(subscription, moment.today)
    if subscription.cancellation is None:
        raise InvalidState("The subscription is not canceled.", allowed_actions=())
    return _changed(subscription, None, moment)


def _require_no_credit(subscription: Subscription, today: date) -> None:
    """Refuse another end after the days after the end were credited, also while its last periods are not billed yet."""
    require_running(subscription, today)
    if subscription.cancellation and subscription.cancellation.credit_note_ids is not None:
        raise InvalidState("The days after the end are credited already.", allowed_actions=())


def _changed(subscription: Subscription, cancellation: Cancellation | None, moment: Moment) -> Subscription:
    after = subscription.model_copy(update={"cancellation": cancellation, **moment.updated})
    return with_status(scheduled(after), moment.today)


def _last_day(subscription: Subscription, data: SetCancellation, today: date) -> date:
    if data.on is not None:
        if data.on < subscription.start_date:
            raise Invalid("The subscription starts after this date.", pointer="/on")
        return data.on
    if data.at == "period_end":
        end = subscription.period_end(today)
        return min(end, last_day_of_term(subscription, subscription.first_billed_day) or end)
    if data.at == "now":
        return today
    earliest = subscription.earliest_end_on(today)
    if earliest is None:
        raise TermHasNoEnd(pointer="/at")
    return earliest
