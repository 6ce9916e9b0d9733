"""POST /subscriptions/{subscription_id}/changes"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import SubscriptionId
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.issuing.legal_content import LegalContentMissing
from invoicing.issuing.refusals import OF_AGREED_PRICES, OF_ITS_ISSUE, OF_ITS_MAIL, OF_ITS_TOTAL
from invoicing.subscriptions.changing.model import ChangeResult, NewChange
from invoicing.subscriptions.changing.workflow import change_subscription
from invoicing.subscriptions.errors import OF_A_CHANGE, OF_A_CREDIT, BooksClosed


@endpoint(
    "POST",
    "/subscriptions/{subscription_id}/changes",
    scope="subscription:write",
    grants=[Grant.READ, Grant.COMMIT],
    layers=[Layer.TEXTS],
    raises=[
        *OF_A_CHANGE,
        *OF_ITS_TOTAL,
        *OF_AGREED_PRICES,
        *OF_ITS_ISSUE,
        BooksClosed,
        *OF_A_CREDIT,
        LegalContentMissing,
        *OF_ITS_MAIL,
    ],
)
def handler(subscription_id: SubscriptionId, body: NewChange, request: Request) -> ChangeResult:
    """Update the items of a subscription, and their price and quantity.

    Days that are billed and not served are credited on the invoice that billed them, and the new terms are charged for
    the rest of the period: on an invoice of the change, or with `bill=next_invoice` on the next one of the
    subscription. A change of days that are not billed yet is scheduled, and applies when they are billed.
    """
    return change_subscription(request.store, subscription_id, body)
