"""POST /subscriptions/{subscription_id}/pause"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import SubscriptionId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.subscriptions.billing.pausing import paused
from invoicing.subscriptions.errors import OF_A_CHANGE, SubscriptionPaused
from invoicing.subscriptions.events import SubscriptionUpdated, status_events
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.requests import PauseSubscription
from invoicing.tenants.table import moment_of


@endpoint(
    "POST",
    "/subscriptions/{subscription_id}/pause",
    scope="subscription:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_A_CHANGE, SubscriptionPaused],
)
def handler(subscription_id: SubscriptionId, body: PauseSubscription, request: Request) -> Subscription:
    """Pause a subscription.

    Periods that lie wholly in the pause are not billed; one that begins before it or ends after it is billed in full.
    The dates of the periods do not move.
    """
    subscription = request.store.get(Subscription, subscription_id)
    after = paused(subscription, body, moment_of(request.store))
    events = status_events(subscription, after) or [SubscriptionUpdated()]
    return request.store.commit(Recorded(after, *events))
