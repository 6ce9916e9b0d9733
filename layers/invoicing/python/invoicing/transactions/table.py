"""How transactions are stored, and how a document and a payment method know of one that is under way."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

from invoicing.invoices.table import invoice_key
from invoicing.payments.table import refund_key, refund_under_way
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
from invoicing.transactions.model import Transaction, TransactionType
from invoicing.transactions.requests import TransactionQuery

_TRANSACTION = "TXN"
_CLAIM = "COLLECT"
_DEBITS = "DEBITS#"
_MOST_ALIKE: Final = 1_000
"""The most debits of an amount among which the one of a mandate is looked for, newest first."""


class TransactionTable(Table[Transaction]):
    """`T#<tenant>#TXN#<transaction>`, SK `#`; found by its end-to-end id.

    While a debit is under way, its invoice has an item with SK `COLLECT`, which exists once, and its payment method
    counts it: the customer's partition, SK `DEBITS#<payment method>`. While a refund is under way, its document has an
    item with SK `REFUND`.
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


def claim_key(tenant: str, invoice_id: str, type_: TransactionType = "debit") -> Key:
    """The key of the item that a document has while a debit, or a credit, is under way."""
    return refund_key(tenant, invoice_id) if type_ == "credit" else invoice_key(tenant, invoice_id).at(_CLAIM)


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


def waiting_credit(store: Store, invoice_id: str) -> Transaction | None:
    """The refund of a document that waits for the next file of credit transfers, if there is one."""
    id_ = refund_under_way(store, invoice_id)
    credit = store.get(Transaction, id_) if id_ else None
    return credit if credit is not None and credit.is_waiting else None


def has_debits(store: Store, customer_id: str, method_id: str) -> bool:
    """Whether debits with a payment method are under way."""
    return debits_in(item_at(debits_key(store.tenant_id, customer_id, method_id))) > 0


def claimed(transactions: Sequence[Transaction]) -> Also:
    """The writes beside new transactions: each document has one of its type. Payment methods count their debits."""

    def writes(session: Session) -> Iterator[Write]:
        tenant = session.caller.tenant_id
        for one in transactions:
            own = {"transaction_id": {"S": one.id}}
            if one.sepa_file_id is not None:
                own["sepa_file_id"] = {"S": one.sepa_file_id}
            key = claim_key(tenant, one.invoice_id, one.type)
            yield put(keyed(key, key.sort.lower()) | own, changed_meanwhile, rank=2)
        yield from _counted(tenant, transactions, 1)

    return writes


def taken(refunds: Sequence[Transaction]) -> Also:
    """The writes beside refunds that no longer wait, because a file has them."""

    def writes(session: Session) -> Iterator[Write]:
        for one in refunds:
            yield _of_waiting(session, one, "sepa_file_id", one.file_id)

    return writes


def replaced(before: Transaction, after: Transaction) -> Also:
    """The writes beside a new refund that has the claim of one that ends while it waits."""

    def writes(session: Session) -> Iterator[Write]:
        yield _of_waiting(session, before, "transaction_id", after.id)

    return writes


def _of_waiting(session: Session, refund: Transaction, name: str, value: str) -> Write:
    """Change one attribute of the claim of a refund that still waits."""
    return update(
        refund_key(session.caller.tenant_id, refund.invoice_id),
        changed_meanwhile,
        rank=2,
        UpdateExpression=f"SET {name} = :value",
        ConditionExpression="transaction_id = :id AND attribute_not_exists(sepa_file_id)",
        ExpressionAttributeValues={":id": {"S": refund.id}, ":value": {"S": value}},
    )


def freed(transactions: Sequence[Transaction]) -> Also:
    """The writes beside transactions that end, after which their documents can be collected or refunded again."""

    def writes(session: Session) -> Iterator[Write]:
        tenant = session.caller.tenant_id
        for one in transactions:
            gone = delete(claim_key(tenant, one.invoice_id, one.type))
            gone.request["Delete"] |= {
                "ConditionExpression": "transaction_id = :id",
                "ExpressionAttributeValues": {":id": {"S": one.id}},
            }
            yield gone._replace(rank=2)
        yield from _counted(tenant, transactions, -1)

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


def _counted(tenant: str, transactions: Sequence[Transaction], more: int) -> Iterator[Write]:
    """Count debits with payment methods. A repetition counts nothing: the claims of the same commit refuse it.

    A one-off mandate has one debit under way.
    """
    debits = [one for one in transactions if one.type == "debit"]
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


def transactions_with(store: Store, ids: Iterable[str]) -> list[Transaction]:
    """The transactions with these ids. Old refunds by hand can have an `external_id` of this form that is none."""
    found = items_at([TransactionTable().key(store.tenant_id, id_) for id_ in ids])
    return [store.take(Transaction, item) for item in found.values()]


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
