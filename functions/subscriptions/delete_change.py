"""DELETE /subscriptions/{subscription_id}/changes/{change_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import ChangeId, SubscriptionId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.subscriptions.changing.requesting import without_change
from invoicing.subscriptions.errors import OF_A_CHANGE, ChangeNotFound
from invoicing.subscriptions.events import SubscriptionUpdated, status_events
from invoicing.subscriptions.model import Subscription
from invoicing.tenants.table import moment_of


@endpoint(
    "DELETE",
    "/subscriptions/{subscription_id}/changes/{change_id}",
    scope="subscription:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_A_CHANGE, ChangeNotFound],
)
def handler(subscription_id: SubscriptionId, change_id: ChangeId, request: Request) -> Subscription:
    """Delete a scheduled change of a subscription.

    A change that is in force stays; another change replaces it.
    """
    subscription = request.store.get(Subscription, subscription_id)
    moment = moment_of(request.store)
    after = without_change(subscription, change_id, today=moment.today, moment=moment)
    return request.store.commit(Recorded(after, SubscriptionUpdated(), *status_events(subscription, after)))
