"""How it is stored which customers paid from an IBAN, and which transactions a matching run matches.

The IBAN itself is not stored: `T#<tenant>#IBAN#<sha256>`, SK customer. A row in the customer's partition, SK
`IBAN#<sha256>`, finds it for the erasure. The transactions of a run are stored as long as its response:
`T#<tenant>#BTX#MATCHING#<hash of the request>`.
"""

from collections.abc import Iterator
from typing import NamedTuple

from invoicing.bank.once import digest
from invoicing.core.errors import ConcurrentModification
from invoicing.customers.table import customer_key
from invoicing.store import keys
from invoicing.store.changes import Also
from invoicing.store.idempotency import KEPT
from invoicing.store.keys import IndexPartition, Key
from invoicing.store.listing import KeyRange, items_from
from invoicing.store.reading import item_at, items_beginning
from invoicing.store.rows.items import keyed
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.store.transaction import Write, changed_meanwhile, delete, put, transact, update

_IBAN = "IBAN"
_OF_CUSTOMER = f"{_IBAN}#"


def payers_of(store: Store, iban: str) -> frozenset[str]:
    """The customers who paid from an IBAN before."""
    partition = IndexPartition(None, _key(store.tenant_id, digest(store.tenant_id, iban), "").partition)
    return frozenset(Key.of(item).sort for item in items_from(KeyRange(partition)))


def learned(iban: str, customer_id: str) -> Also:
    """Remember that a customer paid from an IBAN."""

    def writes(session: Session) -> Iterator[Write]:
        for key in _keys(session.caller.tenant_id, iban, customer_id):
            yield update(
                key,
                changed_meanwhile,
                UpdateExpression="SET entity = :entity",
                ExpressionAttributeValues={":entity": {"S": "payer_iban"}},
            )

    return writes


def unlearned(iban: str, customer_id: str) -> Also:
    """Forget that a customer paid from an IBAN."""

    def writes(session: Session) -> Iterator[Write]:
        yield from map(delete, _keys(session.caller.tenant_id, iban, customer_id))

    return writes


def forget_ibans(store: Store, customer_id: str) -> None:
    """Forget all IBANs that a customer paid from."""
    own = customer_key(store.tenant_id, customer_id)
    for item in items_beginning(own, _OF_CUSTOMER):
        sort = Key.of(item).sort
        other = _key(store.tenant_id, sort.removeprefix(_OF_CUSTOMER), customer_id)
        # The row that finds the other one is deleted with it.
        transact([delete(other), delete(own.at(sort))], on_timeout=ConcurrentModification())


def _keys(tenant: str, iban: str, customer_id: str) -> tuple[Key, Key]:
    sha256 = digest(tenant, iban)
    return _key(tenant, sha256, customer_id), customer_key(tenant, customer_id).at(_OF_CUSTOMER + sha256)


def _key(tenant: str, sha256: str, customer_id: str) -> Key:
    return keys.of(tenant, _IBAN, sha256).at(customer_id)


class Chosen(NamedTuple):
    """The transactions of a matching run, and the cursor of the next page."""

    ids: tuple[str, ...]
    next_cursor: str | None


def choose(store: Store, request_key: str, chosen: Chosen) -> None:
    """Store the transactions of a run, once for its request."""
    item = keyed(_choice(store, request_key), "bank_matching_choice") | {
        keys.PURGE_AT: {"N": str(int((store.session.now + KEPT).timestamp()))},
        "ids": {"S": " ".join(chosen.ids)},
    }
    if chosen.next_cursor is not None:
        item["next_cursor"] = {"S": chosen.next_cursor}
    transact([put(item, changed_meanwhile)], on_timeout=ConcurrentModification(), until=store.session.until)


def chosen_before(store: Store, request_key: str) -> Chosen | None:
    """The transactions that an earlier attempt of the request chose."""
    item = item_at(_choice(store, request_key))
    if item is None:
        return None
    return Chosen(tuple(item["ids"]["S"].split()), item["next_cursor"]["S"] if "next_cursor" in item else None)


def _choice(store: Store, request_key: str) -> Key:
    return keys.of(store.tenant_id, "BTX", "MATCHING", request_key)
