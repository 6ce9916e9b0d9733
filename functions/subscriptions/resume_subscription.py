"""POST /subscriptions/{subscription_id}/resume"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import SubscriptionId
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.subscriptions.billing.deciding import resume
from invoicing.subscriptions.errors import OF_A_CHANGE, TooManyPeriods
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.requests import ResumeSubscription


@endpoint(
    "POST",
    "/subscriptions/{subscription_id}/resume",
    scope="subscription:write",
    grants=[Grant.READ, Grant.COMMIT],
    layers=[Layer.TEXTS],
    raises=[*OF_A_CHANGE, TooManyPeriods],
)
def handler(subscription_id: SubscriptionId, body: ResumeSubscription, request: Request) -> Subscription:
    """Resume a paused subscription today, or withdraw a pause that is scheduled.

    Periods that lie wholly in the pause are recorded as paused; with `bill` they are billed in the next hour. A period
    that contains today is billed in full. A pause with a last day ends by itself. Periods that are recorded as paused
    already, because a later one was billed ahead, are billed or skipped by hand before a resume with `bill`.
    """
    return resume(request.store, subscription_id, bill=body.bill)
