"""PATCH /subscriptions/{subscription_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import DocumentTooLarge, DuplicateExternalId
from invoicing.core.event import Recorded
from invoicing.core.ids import SubscriptionId
from invoicing.customers.errors import CustomerNotFound
from invoicing.customers.table import tenant_and_customer
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.patch import Patch
from invoicing.http.request import Request
from invoicing.issuing.refusals import OF_ITS_MAIL
from invoicing.subscriptions.billing.planning import require_mailable
from invoicing.subscriptions.errors import OF_A_CHANGE
from invoicing.subscriptions.events import SubscriptionUpdated, status_events
from invoicing.subscriptions.model import Subscription, SubscriptionSettings
from invoicing.subscriptions.schedule import changed


@endpoint(
    "PATCH",
    "/subscriptions/{subscription_id}",
    scope="subscription:write",
    grants=[Grant.READ, Grant.COMMIT],
    layers=[Layer.TEXTS],
    raises=[*OF_A_CHANGE, CustomerNotFound, DuplicateExternalId, DocumentTooLarge, *OF_ITS_MAIL],
)
def handler(subscription_id: SubscriptionId, body: Patch[SubscriptionSettings], request: Request) -> Subscription:
    """Update the settings of a subscription.

    Items, dates and currency do not change. Invoices that exist keep their texts and terms.
    """
    subscription = request.store.get(Subscription, subscription_id)
    data = body.applied_to(subscription.settings)
    tenant, customer = tenant_and_customer(request.store, subscription.customer_id)
    after = changed(subscription, data, today=tenant.today(request.now), moment=request.moment)
    if after.action != subscription.action:
        require_mailable(after, tenant, customer)
    return request.store.commit(Recorded(after, SubscriptionUpdated(), *status_events(subscription, after)))
