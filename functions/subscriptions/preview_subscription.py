"""GET /subscriptions/{subscription_id}/preview"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import AccessDenied
from invoicing.core.ids import SubscriptionId
from invoicing.customers.table import tenant_and_customer
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.issuing.refusals import OF_AGREED_PRICES, OF_ITS_TOTAL
from invoicing.subscriptions.billing.planning import as_billed, next_invoices
from invoicing.subscriptions.billing.pricing import prices_of
from invoicing.subscriptions.billing.waiting import waiting_rows
from invoicing.subscriptions.errors import SubscriptionNotFound
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.requests import PreviewQuery, SubscriptionPreview


@endpoint(
    "GET",
    "/subscriptions/{subscription_id}/preview",
    scope="subscription:read",
    grants=[Grant.READ],
    layers=[Layer.TEXTS],
    raises=[SubscriptionNotFound, AccessDenied, *OF_ITS_TOTAL, *OF_AGREED_PRICES],
)
def handler(subscription_id: SubscriptionId, query: PreviewQuery, request: Request) -> SubscriptionPreview:
    """Preview the next invoices of a subscription.

    They are computed as they will be billed and checked by the rules of issued invoices: a later bill differs in
    identifiers, numbers and times only.
    """
    subscription = request.store.get(Subscription, subscription_id)
    tenant, customer = tenant_and_customer(request.store, subscription.customer_id)
    invoices = next_invoices(
        subscription,
        query.count,
        query.on,
        customer=customer,
        tenant=tenant,
        moment=request.moment,
        prices=prices_of(request.store, subscription),
        waiting=waiting_rows(request.store, subscription),
    )
    billed = as_billed(request.store, subscription, invoices, customer=customer, tenant=tenant)
    return SubscriptionPreview(invoices=billed)
