"""GET /subscriptions/{subscription_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import AccessDenied
from invoicing.core.ids import SubscriptionId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.subscriptions.errors import SubscriptionNotFound
from invoicing.subscriptions.model import Subscription


@endpoint(
    "GET",
    "/subscriptions/{subscription_id}",
    scope="subscription:read",
    grants=[Grant.READ],
    raises=[SubscriptionNotFound, AccessDenied],
    portal=True,
)
def handler(subscription_id: SubscriptionId, request: Request) -> Subscription:
    """Retrieve a subscription with its items.

    `tracks` has the period that is billed next, for each interval and timing.
    """
    return request.store.get(Subscription, subscription_id)
