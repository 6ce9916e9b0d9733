"""How payments and refunds are stored."""

from collections.abc import Iterator
from datetime import date

from invoicing.core.errors import DuplicateExternalId
from invoicing.invoices.table import PartTable, invoice_key
from invoicing.payments.model import Payment, is_allocation, is_transfer
from invoicing.payments.requests import PaymentQuery
from invoicing.settlement.errors import PaymentNotFound, RefundUnderWay
from invoicing.store import keys
from invoicing.store.keys import Item, Key
from invoicing.store.listing import KeyRange, beginning_with, days, items_from
from invoicing.store.reading import item_at
from invoicing.store.rows.items import filtered, keyed, listed
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.store.table import read_item
from invoicing.store.transaction import Write, absent, always, changed_meanwhile, put

KIND = "PAY"
_PAYMENT = "PAY#"
_EXTERNAL_ID = "EXT#"
_REFUND = "REFUND"


class PaymentTable(PartTable[Payment]):
    """The document's partition, SK `PAY#<payment>`. Its external id, once per document, has SK `EXT#<external id>`."""

    kind = Payment
    prefix = _PAYMENT
    missing = PaymentNotFound

    def text(self, thing: Payment) -> str:
        """Its JSON."""
        return thing.model_dump_json(exclude_none=True)

    def attributes(self, thing: Payment, tenant: str) -> Item:
        """The lists of tenant and customer by date."""
        sort = f"{thing.date.isoformat()}#{thing.id}"
        return filtered(thing, "external_id") | listed(
            (keys.of_tenant(tenant, KIND), sort),
            ((thing.customer_id and keys.of_customer(tenant, thing.customer_id, KIND)) or None, sort),
        )

    def beside(self, before: Payment | None, after: Payment | None, session: Session) -> Iterator[Write]:
        """A payment's external id is used once on a document. A bank transaction itself prevents another allocation.

        A document has no other refund while a credit transfer is under way, which would exceed the amount to refund.
        """
        if before is not None or after is None:
            return
        if after.external_id is not None and not is_allocation(after):
            key = invoice_key(session.caller.tenant_id, after.invoice_id).at(_EXTERNAL_ID + after.external_id)
            yield put(keyed(key, "external_id"), always(DuplicateExternalId(pointer="/external_id")), rank=2)
        if after.type == "refund" and not is_transfer(after):
            refuse = changed_meanwhile if after.method == "credit" else always(RefundUnderWay())
            yield absent(refund_key(session.caller.tenant_id, after.invoice_id), refuse, rank=2)


def refund_key(tenant: str, invoice_id: str) -> Key:
    """The key of the item that a document has while a credit transfer refunds it."""
    return invoice_key(tenant, invoice_id).at(_REFUND)


def refund_under_way(store: Store, invoice_id: str) -> str | None:
    """The id of the credit transfer of a document that is under way, if there is one."""
    item = item_at(refund_key(store.tenant_id, invoice_id))
    return item["transaction_id"]["S"] if item else None


def payments_of(tenant: str, invoice_id: str) -> KeyRange:
    """The payments and refunds of a document."""
    return beginning_with(invoice_key(tenant, invoice_id), _PAYMENT)


def payments_between(tenant: str, customer_id: str, first: date, last: date) -> Iterator[Payment]:
    """The payments of a customer of these days, from its list."""
    within = days(keys.of_customer(tenant, customer_id, KIND), first, last)
    return (read_item(Payment, item) for item in items_from(within))


def range_of(query: PaymentQuery, tenant: str) -> KeyRange:
    """The part of a list that a query reads."""
    everyone = keys.of_tenant(tenant, KIND)
    partition = keys.of_customer(tenant, query.customer_id, KIND) if query.customer_id else everyone
    return days(partition, query.date_from, query.date_to)
