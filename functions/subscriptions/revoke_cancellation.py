"""DELETE /subscriptions/{subscription_id}/cancellation"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import SubscriptionId
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.issuing.legal_content import LegalContentMissing
from invoicing.issuing.refusals import OF_AGREED_PRICES, OF_ITS_ISSUE, OF_ITS_MAIL, OF_ITS_TOTAL
from invoicing.subscriptions.canceling import revoked
from invoicing.subscriptions.changing.workflow import commit_end
from invoicing.subscriptions.errors import OF_A_CHANGE
from invoicing.subscriptions.events import CancellationRevoked, status_events
from invoicing.subscriptions.model import Subscription
from invoicing.tenants.table import moment_of


@endpoint(
    "DELETE",
    "/subscriptions/{subscription_id}/cancellation",
    scope="subscription:write",
    grants=[Grant.READ, Grant.COMMIT],
    layers=[Layer.TEXTS],
    raises=[*OF_A_CHANGE, *OF_ITS_TOTAL, *OF_AGREED_PRICES, *OF_ITS_ISSUE, LegalContentMissing, *OF_ITS_MAIL],
)
def handler(subscription_id: SubscriptionId, request: Request) -> Subscription:
    """Revoke the cancellation of a subscription that has not ended.

    Its next period begins on the day after those that are billed.
    """
    subscription = request.store.get(Subscription, subscription_id)
    after = revoked(subscription, moment_of(request.store))
    recorded = Recorded(after, CancellationRevoked(), *status_events(subscription, after))
    return commit_end(request.store, subscription, recorded)
