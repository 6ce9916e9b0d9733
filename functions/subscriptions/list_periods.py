"""GET /subscriptions/{subscription_id}/periods"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import AccessDenied
from invoicing.core.ids import SubscriptionId
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.subscriptions.errors import SubscriptionNotFound
from invoicing.subscriptions.ledger import SubscriptionPeriod
from invoicing.subscriptions.model import SubscriptionSummary
from invoicing.subscriptions.requests import PeriodQuery
from invoicing.subscriptions.table import periods_of
from invoicing.subscriptions.workflow import with_drafts


@endpoint(
    "GET",
    "/subscriptions/{subscription_id}/periods",
    scope="subscription:read",
    grants=[Grant.READ],
    raises=[SubscriptionNotFound, AccessDenied],
)
def handler(subscription_id: SubscriptionId, query: PeriodQuery, request: Request) -> Page[SubscriptionPeriod]:
    """List the periods of a subscription that were billed, skipped or released.

    By track, and within a track by the first day, the last one first.
    """
    request.store.get(SubscriptionSummary, subscription_id)
    key_range = periods_of(request.caller.tenant_id, subscription_id)
    page = request.page(SubscriptionPeriod, query, [key_range], about=subscription_id)
    return page.model_copy(update={"data": with_drafts(request.store, page.data)})
