"""How payment methods of customers are stored."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from functools import partial
from types import MappingProxyType

from invoicing.collection.errors import MandateExists, PaymentMethodNotFound
from invoicing.collection.model import PaymentMethod
from invoicing.collection.ready import method_for
from invoicing.core.model import Aggregate, days_after
from invoicing.customers.model import Customer
from invoicing.invoices.model import Invoice
from invoicing.issuing.self_billing import is_self_billed
from invoicing.payments.model import Mandate
from invoicing.store import keys
from invoicing.store.changes import Also
from invoicing.store.keys import IndexPartition, Item, Key
from invoicing.store.listing import KeyRange, beginning_with, days, items_from
from invoicing.store.reading import item_at
from invoicing.store.rows.items import keyed, listed
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.store.table import Table
from invoicing.store.transaction import Write, changed_meanwhile, update

_METHOD, _DEFAULT = "PME#", "DEFAULT#PME"


class PaymentMethodTable(Table[PaymentMethod]):
    """The customer's partition, SK `PME#<payment method>`; the id of the default one beside them, SK `DEFAULT#PME`."""

    kind = PaymentMethod
    ids = ("customer_id", "id")
    missing = PaymentMethodNotFound
    unique = MappingProxyType({"mandate_reference": partial(MandateExists, pointer="/mandate/reference")})

    def key(self, tenant: str, *ids: str) -> Key:
        """The key of a payment method, from the ids of its customer and its own."""
        customer_id, id_ = ids
        return keys.of(tenant, "CUS", customer_id, sort=_METHOD + id_)

    def attributes(self, thing: PaymentMethod, tenant: str) -> Item:
        """The list of mandates by their last use; once one ended, when it is deleted."""
        unused = thing.unused_since
        if thing.kept_until is None:
            return listed((_by_last_use(tenant) if unused else None, f"{unused}#{thing.id}"))
        purge_at = datetime.combine(thing.kept_until, time(), UTC)
        return {keys.PURGE_AT: {"N": str(int(purge_at.timestamp()))}}

    def references(self, thing: PaymentMethod) -> tuple[tuple[type[Aggregate], str], ...]:
        """Its customer, which cannot be deleted."""
        return ((Customer, thing.customer_id),)


def methods_of(tenant: str, customer_id: str) -> KeyRange:
    """The payment methods of a customer."""
    return beginning_with(PaymentMethodTable().key(tenant, customer_id, ""), _METHOD)


def method_of(store: Store, customer_id: str, method_id: str) -> PaymentMethod:
    """A payment method of a customer. The customer is only read if there is none."""
    try:
        return store.get(PaymentMethod, customer_id, method_id)
    except PaymentMethodNotFound:
        store.get(Customer, customer_id)
        raise


def unused_before(tenant: str, day: date) -> Iterator[tuple[str, str]]:
    """The ids of customers and of their payment methods whose mandates were last used before a day."""
    for item in items_from(days(_by_last_use(tenant), None, days_after(day, -1))):
        key = Key.of(item)
        yield key.partition.rpartition("#")[2], key.sort.removeprefix(_METHOD)


def _by_last_use(tenant: str) -> IndexPartition:
    return keys.index_of(tenant, "GSI7", "PME")


def default_of(store: Store, customer_id: str) -> str | None:
    """The id of the default payment method of a customer, if it has one."""
    item = item_at(_default_key(store.tenant_id, customer_id))
    return (item["method_id"]["S"] if item else None) or None


def default_moved(customer_id: str, before: str | None, after: str | None) -> Also:
    """The write that makes another payment method the default. A lost race is repeated."""

    def writes(session: Session) -> Iterator[Write]:
        key = _default_key(session.caller.tenant_id, customer_id)
        yield update(
            key,
            changed_meanwhile,
            UpdateExpression="SET entity = :entity, method_id = :after",
            ConditionExpression="method_id = :before" if before else "attribute_not_exists(PK) OR method_id = :before",
            ExpressionAttributeValues={
                ":entity": keyed(key, "default_payment_method")["entity"],
                ":before": {"S": before or ""},
                ":after": {"S": after or ""},
            },
        )

    return writes


def _default_key(tenant: str, customer_id: str) -> Key:
    return keys.of(tenant, "CUS", customer_id, sort=_DEFAULT)


def methods_by_mandate(store: Store, customer_id: str | None) -> dict[str, PaymentMethod]:
    """The payment methods of a customer by the references of their mandates, as banks compare them."""
    methods = store.all(PaymentMethod, customer_id) if customer_id else ()
    return {one.mandate_reference: one for one in methods}


def with_mandate(store: Store, draft: Invoice, today: date) -> Invoice:
    """A draft that is issued, with the mandate of its customer if it is collected and names none (EN 16931 BT-89)."""
    if draft.payment_method != "sepa_direct_debit" or draft.mandate is not None or draft.type != "invoice":
        return draft
    methods = store.all(PaymentMethod, draft.customer_id) if draft.customer_id else ()
    method = method_for(draft, methods, today)
    if method is None or is_self_billed(draft):
        return draft
    mandate = Mandate(reference=method.mandate.reference, iban=method.iban, signed_on=method.mandate.signed_on)
    return draft.model_copy(update={"mandate": mandate})
