"""POST /subscriptions"""

from typing import Any

from invoicing.aws.grants import Grant
from invoicing.core.errors import DuplicateExternalId
from invoicing.core.event import Recorded
from invoicing.customers.table import tenant_and_customer
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.issuing.refusals import OF_ITS_MAIL, OF_ITS_PRICES, OF_ITS_TOTAL
from invoicing.subscriptions.billing.bills import not_caught_up
from invoicing.subscriptions.billing.planning import as_billed, first_invoices, require_mailable
from invoicing.subscriptions.billing.pricing import prices_named
from invoicing.subscriptions.errors import CatchUpRequired, TooManyPeriods
from invoicing.subscriptions.events import SubscriptionCreated, period_events, status_events
from invoicing.subscriptions.model import NewSubscription, Subscription
from invoicing.subscriptions.schedule import created
from invoicing.subscriptions.terms import warnings_about


@endpoint(
    "POST",
    "/subscriptions",
    scope="subscription:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT],
    layers=[Layer.TEXTS],
    raises=[*OF_ITS_TOTAL, *OF_ITS_PRICES, *OF_ITS_MAIL, DuplicateExternalId, CatchUpRequired, TooManyPeriods],
)
def handler(body: NewSubscription, request: Request) -> Subscription:
    """Create a subscription, or a recurring invoice with lines only.

    Its periods are billed from their dates on, each once. A dry run answers 200 with the first invoices.
    """
    tenant, customer = tenant_and_customer(request.store, body.customer_id)
    parties: Any = {"customer": customer, "tenant": tenant, "moment": request.moment}
    prices = prices_named(request.store, body.items)
    subscription = created(request.new_id("sub"), body, prices=prices, **parties)
    country = tenant.address.country if tenant.address else None
    warnings = tuple(warnings_about(body, is_consumer=customer.type == "person", country=country))
    subscription = subscription.model_copy(update={"warnings": warnings})
    require_mailable(subscription, tenant, customer)
    planned = first_invoices(subscription, prices=prices, **parties)
    if body.dry_run:
        if body.external_id and request.store.holder(Subscription, "external_id", body.external_id):
            raise DuplicateExternalId(pointer="/external_id")
        billed = as_billed(request.store, subscription, planned, customer=customer, tenant=tenant)
        return request.store.answer(subscription.model_copy(update={"first_invoices": billed}))
    rows = not_caught_up(subscription, request.moment)
    events = SubscriptionCreated(), *period_events(rows), *status_events(None, subscription)
    return request.store.commit(Recorded(subscription, *events), *rows)
