"""The present names of the customers in reports, and their last payments."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from invoicing.customers.model import Customer
from invoicing.customers.table import CustomerTable
from invoicing.http.request import Request
from invoicing.payments.model import Paid, Payment
from invoicing.payments.requests import PaymentQuery
from invoicing.payments.table import range_of
from invoicing.reports.model import OpenItems
from invoicing.reports.revenue import Revenue
from invoicing.store.listing import items_from
from invoicing.store.reading import items_at
from invoicing.store.rows.items import model_of


def named[R: (OpenItems, Revenue)](request: Request, rows: Sequence[R]) -> Iterator[R]:
    """The rows with the present names of their customers."""
    key_of = CustomerTable().key
    ids = {one.customer_id for one in rows if one.customer_id is not None}
    items = items_at([key_of(request.caller.tenant_id, id_) for id_ in sorted(ids)])
    names = {one.id: one.name for one in (request.store.take(Customer, item) for item in items.values())}
    return (one.model_copy(update={"customer_name": names.get(one.customer_id or "")}) for one in rows)


_PAYMENTS_A_CALL = 20


def with_last_payment(row: OpenItems, tenant: str, day: date, end: datetime) -> OpenItems:
    """The row with the last payment of the customer until the end of a day, on open and settled documents."""
    if row.customer_id is None:
        return row
    found = range_of(PaymentQuery(customer_id=row.customer_id, date_to=day), tenant)
    read = items_from(found, descending=True, page=_PAYMENTS_A_CALL)
    payments = (model_of(Payment, item, shows=True) for item in read)
    last = next((one for one in payments if _counts(one, row.currency, end)), None)
    return row if last is None else row.model_copy(update={"last_payment": Paid.of(last)})


def _counts(payment: Payment, currency: str, end: datetime) -> bool:
    """Whether it was a payment at a moment: recorded before, and not reversed before."""
    standing = payment.reversed_at is None or payment.reversed_at >= end
    return payment.type == "payment" and payment.currency == currency and payment.created_at < end and standing
