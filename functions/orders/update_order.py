"""PATCH /orders/{order_id}"""

from invoicing.aws.grants import Grant
from invoicing.catalogue.use import filled_in
from invoicing.core.errors import DuplicateExternalId
from invoicing.core.event import Recorded
from invoicing.core.ids import OrderId
from invoicing.core.model import copied
from invoicing.customers.table import tenant_and_customer
from invoicing.http.endpoint import endpoint
from invoicing.http.patch import Patch
from invoicing.http.request import Request
from invoicing.invoices.errors import InvalidState
from invoicing.issuing.refusals import OF_ITS_PRICES, OF_ITS_TOTAL
from invoicing.orders.errors import OrderNotFound
from invoicing.orders.events import OrderUpdated
from invoicing.orders.model import ChangedOrder, Order, RequestedOrderChange, order_terms
from invoicing.pricing.prices import require_line_ids


@endpoint(
    "PATCH",
    "/orders/{order_id}",
    scope="order:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_ITS_TOTAL, *OF_ITS_PRICES, OrderNotFound, InvalidState, DuplicateExternalId],
)
def handler(order_id: OrderId, body: Patch[RequestedOrderChange], request: Request) -> Order:
    """Update an order that is not invoiced.

    `lines` replaces the whole list; lines with an `id` keep it.
    """
    order = request.store.get(Order, order_id)
    order.require("update")
    asked = body.applied_to(copied(RequestedOrderChange, order.data))
    require_line_ids(asked.lines, order.lines)
    tenant, customer = tenant_and_customer(request.store, asked.customer_id)
    lines = filled_in(request.store, tenant, asked.lines, order_terms(asked, customer, tenant))
    data = ChangedOrder.model_construct(asked.model_fields_set, **{**vars(asked), "lines": lines})
    changed = order.changed(data, customer=customer, tenant=tenant, moment=request.moment)
    return request.store.commit(Recorded(changed, OrderUpdated()))
