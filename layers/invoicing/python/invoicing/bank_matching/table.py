"""How it is stored which customers paid from an IBAN.

The IBAN itself is not stored: `T#<tenant>#IBAN#<sha256>`, SK customer. A row in the customer's partition, SK
`IBAN#<sha256>`, finds it for the erasure.
"""

from collections.abc import Iterator

from invoicing.bank.once import digest
from invoicing.core.errors import ConcurrentModification
from invoicing.customers.table import customer_key
from invoicing.store import keys
from invoicing.store.changes import Also
from invoicing.store.keys import IndexPartition, Key
from invoicing.store.listing import KeyRange, items_from
from invoicing.store.reading import items_beginning
from invoicing.store.rows.items import keyed
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.store.transaction import Write, delete, overwrite, transact

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
            yield overwrite(keyed(key, "payer_iban"))

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
