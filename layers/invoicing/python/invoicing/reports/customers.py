"""The present names of the customers in reports."""

from collections.abc import Iterator, Sequence

from invoicing.customers.model import Customer
from invoicing.customers.table import CustomerTable
from invoicing.http.request import Request
from invoicing.reports.model import OpenItems
from invoicing.reports.revenue import Revenue
from invoicing.store.reading import items_at


def named[R: (OpenItems, Revenue)](request: Request, rows: Sequence[R]) -> Iterator[R]:
    """The rows with the present names of their customers."""
    key_of = CustomerTable().key
    ids = {one.customer_id for one in rows if one.customer_id is not None}
    items = items_at([key_of(request.caller.tenant_id, id_) for id_ in sorted(ids)])
    names = {one.id: one.name for one in (request.store.take(Customer, item) for item in items.values())}
    return (one.model_copy(update={"customer_name": names.get(one.customer_id or "")}) for one in rows)
