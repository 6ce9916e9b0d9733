"""How transactions are stored, and how an invoice and a payment method know of a debit that is under way."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

from invoicing.invoices.table import invoice_key
from invoicing.store import keys
from invoicing.store.changes import Also
from invoicing.store.keys import Item, Key
from invoicing.store.listing import Filter, KeyRange, items_in, same
from invoicing.store.reading import item_at, items_at
from invoicing.store.rows.items import filtered, keyed, listed
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.store.table import Table
from invoicing.store.transaction import Write, always, changed_meanwhile, delete, put, update
from invoicing.transactions.errors import DebitUnderWay, EndToEndIdExists, TransactionNotFound
from invoicing.transactions.model import Transaction
from invoicing.transactions.requests import TransactionQuery

_TRANSACTION = "TXN"
_CLAIM = "COLLECT"
_DEBITS = "DEBITS#"
_MOST_ALIKE: Final = 1_000
"""The most debits of an amount among which the one of a mandate is looked for, newest first."""


class TransactionTable(Table[Transaction]):
    """`T#<tenant>#TXN#<transaction>`, SK `#`; found by its end-to-end id.

    While a debit is under way, its invoice has an item with SK `COLLECT`, which exists once, and its payment method
    counts it: the customer's partition, SK `DEBITS#<payment method>`.
    """

    kind = Transaction
    part = _TRANSACTION
    missing = TransactionNotFound
    unique = MappingProxyType({"end_to_end_id": partial(EndToEndIdExists)})

    def attributes(self, thing: Transaction, tenant: str) -> Item:
        """The lists of tenant and customer, and the attributes of their filters."""
        filters = ("type", "status", "amount", "invoice_id", "customer_id", "sepa_file_id")
        return filtered(thing, *filters) | listed(
            (keys.of_tenant(tenant, _TRANSACTION), thing.id),
            (keys.of_customer(tenant, thing.customer_id, _TRANSACTION), thing.id),
        )


def claim_key(tenant: str, invoice_id: str) -> Key:
    """The key of the item that an invoice has while a debit is under way."""
    return invoice_key(tenant, invoice_id).at(_CLAIM)


def debits_key(tenant: str, customer_id: str, method_id: str) -> Key:
    """The key of the number of debits that are under way with a payment method."""
    return keys.of(tenant, "CUS", customer_id, sort=_DEBITS + method_id)


def debits_in(item: Mapping[str, Any] | None) -> int:
    """The number of debits that are under way, from its item."""
    return int(item["debits"]["N"]) if item else 0


def debit_under_way(store: Store, invoice_id: str) -> str | None:
    """The id of the debit of an invoice that is under way, if there is one."""
    item = item_at(claim_key(store.tenant_id, invoice_id))
    return item["transaction_id"]["S"] if item else None


def has_debits(store: Store, customer_id: str, method_id: str) -> bool:
    """Whether debits with a payment method are under way."""
    return debits_in(item_at(debits_key(store.tenant_id, customer_id, method_id))) > 0


def claimed(debits: Sequence[Transaction]) -> Also:
    """The writes beside new debits: each invoice has one, and their payment methods count them."""

    def writes(session: Session) -> Iterator[Write]:
        tenant = session.caller.tenant_id
        for one in debits:
            own = {"transaction_id": {"S": one.id}, "sepa_file_id": {"S": one.sepa_file_id}}
            yield put(keyed(claim_key(tenant, one.invoice_id), "collect") | own, changed_meanwhile, rank=2)
        yield from _counted(tenant, debits, 1)

    return writes


def freed(debits: Sequence[Transaction]) -> Also:
    """The writes beside debits that end, after which their invoices can be collected again."""

    def writes(session: Session) -> Iterator[Write]:
        tenant = session.caller.tenant_id
        for one in debits:
            gone = delete(claim_key(tenant, one.invoice_id))
            gone.request["Delete"] |= {
                "ConditionExpression": "transaction_id = :id",
                "ExpressionAttributeValues": {":id": {"S": one.id}},
            }
            yield gone._replace(rank=2)
        yield from _counted(tenant, debits, -1)

    return writes


def without_debits(customer_id: str, method_id: str) -> Also:
    """The condition that no debit with a payment method is under way."""

    def writes(session: Session) -> Iterator[Write]:
        key = debits_key(session.caller.tenant_id, customer_id, method_id)
        gone = delete(key)
        gone.request["Delete"] |= {
            "ConditionExpression": "attribute_not_exists(PK) OR debits = :none",
            "ExpressionAttributeValues": {":none": {"N": "0"}},
        }
        yield gone._replace(refuse=always(DebitUnderWay()), rank=2)

    return writes


def _counted(tenant: str, debits: Sequence[Transaction], more: int) -> Iterator[Write]:
    """Count debits with payment methods. A repetition counts nothing: the claims of the same commit refuse it.

    A one-off mandate has one debit under way.
    """
    counts = Counter((one.customer_id, one.payment_method_id) for one in debits if one.payment_method_id)
    once = {one.payment_method_id for one in debits if one.mandate and one.mandate.sequence == "OOFF"}
    for (customer_id, method_id), number in sorted(counts.items()):
        key = debits_key(tenant, customer_id, method_id)
        values = {":entity": keyed(key, "debits_under_way")["entity"], ":more": {"N": str(number * more)}}
        condition: dict[str, Any] = {}
        if more > 0 and method_id in once:
            condition = {"ConditionExpression": "attribute_not_exists(PK) OR debits = :none"}
            values[":none"] = {"N": "0"}
        yield update(
            key,
            changed_meanwhile,
            UpdateExpression="SET entity = :entity ADD debits :more",
            ExpressionAttributeValues=values,
            **condition,
        )


def transactions_matching(tenant: str, query: TransactionQuery) -> tuple[KeyRange, list[Filter]]:
    """The range and conditions of a query."""
    customer_id = query.customer_id
    everyone = keys.of_tenant(tenant, _TRANSACTION)
    partition = keys.of_customer(tenant, customer_id, _TRANSACTION) if customer_id else everyone
    return KeyRange(partition), [*same(type=query.type, status=query.status, invoice_id=query.invoice_id)]


def debits_alike(store: Store, amount: Decimal) -> list[Transaction]:
    """The debits of an amount that can be returned: the newest ones of each status."""
    everyone = keys.of_tenant(store.tenant_id, _TRANSACTION)
    alike = {"type": "debit", "amount": str(amount)}
    found = [
        Key.of(item)
        for status in ("pending", "succeeded")
        for item in islice(items_in(everyone, newest_first=True, status=status, **alike), _MOST_ALIKE)
    ]
    return [store.take(Transaction, item) for item in items_at(found).values()]
