"""POST /subscriptions/{subscription_id}/periods/{period}"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import AccessDenied
from invoicing.core.ids import PeriodId, SubscriptionId
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.errors import InvalidState
from invoicing.issuing.refusals import OF_AGREED_PRICES, OF_ITS_NUMBER, OF_ITS_TOTAL
from invoicing.subscriptions.billing.deciding import bill_period, skip_period
from invoicing.subscriptions.errors import PeriodBilled, PeriodNotFound, SubscriptionNotFound
from invoicing.subscriptions.ledger import SubscriptionPeriod
from invoicing.subscriptions.requests import DecidePeriod


@endpoint(
    "POST",
    "/subscriptions/{subscription_id}/periods/{period}",
    scope="subscription:write",
    grants=[Grant.READ, Grant.COMMIT],
    layers=[Layer.TEXTS],
    raises=[
        *OF_ITS_TOTAL,
        *OF_AGREED_PRICES,
        *OF_ITS_NUMBER,
        SubscriptionNotFound,
        PeriodNotFound,
        AccessDenied,
        PeriodBilled,
        InvalidState,
    ],
)
def handler(
    subscription_id: SubscriptionId, period: PeriodId, body: DecidePeriod, request: Request
) -> SubscriptionPeriod:
    """Issue or skip the invoice of a period.

    Bills the next period of a track early or although billing waits for a decision, or a released one again with the
    periods that its invoice billed. An invoice that cannot be issued stays a draft, as `status` shows; `attention` of
    the subscription has the reason.
    """
    decide = bill_period if body.action == "bill" else skip_period
    return decide(request.store, subscription_id, period)
