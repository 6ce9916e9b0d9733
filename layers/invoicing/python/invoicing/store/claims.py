"""What one commit writes so that rules between things hold: whose an external id is, who refers to a customer.

Beside each customer stands how many documents and orders refer to it, and the owner that new ones take over. Whoever
deletes a customer, or changes its owner, meets there whoever names it at the same moment; an index would know later.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from invoicing.core.errors import DomainError, DuplicateExternalId
from invoicing.core.model import Aggregate
from invoicing.customers.errors import CustomerInUse, CustomerNotFound
from invoicing.dunning.errors import DuplicateLevel
from invoicing.store import keys, records
from invoicing.store.keys import Item, Key
from invoicing.store.transaction import Write, always, changed_meanwhile, put
from invoicing.users.errors import DuplicateEmail

if TYPE_CHECKING:
    from invoicing.customers.model import Customer
    from invoicing.store.commit import Changes, Session

_ONLY: Mapping[str, Mapping[str, Callable[[], DomainError]]] = {
    "customer": {"external_id": partial(DuplicateExternalId, pointer="/external_id")},
    "dunning_rule": {"place": partial(DuplicateLevel, pointer="/level")},
    "order": {"external_id": partial(DuplicateExternalId, pointer="/external_id")},
    "user": {"email": partial(DuplicateEmail, pointer="/email")},
}
"""What only one thing of its kind in a tenant may have."""
_REFER_TO_CUSTOMERS = {"invoice", "order"}


def claim_writes(changes: "Changes", session: "Session", table: str) -> Iterator[Write]:
    """What a commit takes and lets go of."""
    tenant = session.caller.tenant_id
    for thing in changes.things:
        before = None if session.row_of(thing) is None else session.loaded.get(thing.id)
        yield from _taken_and_left(before, thing, tenant, table)
        if thing.object == "customer":
            yield from _referable(cast("Customer | None", before), cast("Customer", thing), tenant, table)
            yield from _reachable(cast("Customer | None", before), cast("Customer", thing), tenant, table)
    if changes.deleted is not None:
        yield from _taken_and_left(changes.deleted, None, tenant, table)
        if changes.deleted.object == "customer":
            yield _unreferred(keys.customer(tenant, changes.deleted.id), table)
    for customer_id, more in sorted(_references(changes, session).items()):
        if more:
            yield _referred(customer_id, more, session, table)


def only_ones(thing: Aggregate | None, tenant: str) -> dict[Key, DomainError]:
    """What only one of its kind may have, each with the refusal where another has it."""
    found: dict[Key, DomainError] = {}
    for field, taken in _ONLY.get(thing.object, {}).items() if thing else ():
        value = getattr(thing, field)
        if thing and value is not None:
            found[keys.only(tenant, thing.object, field, value)] = taken()
    return found


def _taken_and_left(before: Aggregate | None, after: Aggregate | None, tenant: str, table: str) -> Iterator[Write]:
    """An external id names one customer, an address one user; who gives it up leaves it to others."""
    had, has = only_ones(before, tenant), only_ones(after, tenant)
    for key in has.keys() - had.keys():
        item = records.keyed(key, "only_one") | {"id": {"S": after.id if after else ""}}
        yield put(table, item, always(has[key]), rank=2)
    yield from (Write({"Delete": _at(key, table)}, changed_meanwhile) for key in had.keys() - has.keys())  # type: ignore[typeddict-item]


def _references(changes: "Changes", session: "Session") -> Counter[str]:
    """How many more documents and orders refer to each customer, or fewer."""
    found: Counter[str] = Counter()
    for thing in changes.things:
        if thing.object in _REFER_TO_CUSTOMERS:
            found.update(_customer_of(thing))
            found.subtract(() if session.row_of(thing) is None else _customer_of(session.loaded[thing.id]))
    if changes.deleted is not None and changes.deleted.object in _REFER_TO_CUSTOMERS:
        found.subtract(_customer_of(changes.deleted))
    return found


def _customer_of(thing: Aggregate) -> tuple[str, ...]:
    customer_id = getattr(thing, "customer_id", None)
    return (customer_id,) if customer_id else ()


def _referred(customer_id: str, more: int, session: "Session", table: str) -> Write:
    """The customer is there, and where it was read has the owner that was read."""
    update = _at(keys.customer(session.caller.tenant_id, customer_id).at(keys.REFERENCES), table) | {
        "UpdateExpression": "ADD documents :more",
        "ConditionExpression": "attribute_exists(PK)",
        "ExpressionAttributeValues": {":more": {"N": str(more)}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if more > 0 and customer_id in session.owners:
        owner = session.owners[customer_id]
        if owner is None:
            update["ConditionExpression"] += " AND attribute_not_exists(owner_id)"
        else:
            update["ConditionExpression"] += " AND owner_id = :owner"
            update["ExpressionAttributeValues"][":owner"] = {"S": owner}

    def refuse(there: Mapping[str, Any] | None) -> DomainError:
        return changed_meanwhile(there) if there else CustomerNotFound(pointer="/customer_id")

    return Write({"Update": update}, refuse, rank=2)  # type: ignore[typeddict-item]


def _referable(before: "Customer | None", after: "Customer", tenant: str, table: str) -> Iterator[Write]:
    """A customer can be referred to from its first moment; its owner stands where that is counted."""
    key = keys.customer(tenant, after.id).at(keys.REFERENCES)
    owner: Item = {"owner_id": {"S": after.owner_id}} if after.owner_id else {}
    if before is None:
        yield put(table, records.keyed(key, "references") | {"documents": {"N": "0"}} | owner, changed_meanwhile)
    elif before.owner_id != after.owner_id:
        change: dict[str, Any] = {"UpdateExpression": "REMOVE owner_id"}
        if owner:
            values = {":owner": owner["owner_id"]}
            change = {"UpdateExpression": "SET owner_id = :owner", "ExpressionAttributeValues": values}
        yield Write({"Update": _at(key, table) | change}, changed_meanwhile)  # type: ignore[typeddict-item]


def _reachable(before: "Customer | None", after: "Customer", tenant: str, table: str) -> Iterator[Write]:
    """An address that is newly given to a customer is tried again, whatever became of mail to it before.

    Where the customer is erased, so is what is known about its addresses.
    """
    had = set(before.emails) if before else set[str]()
    changed = had if after.forgets else set(after.emails) - had if before else set[str]()
    for address in sorted({one.lower() for one in changed}):
        yield Write({"Delete": _at(keys.suppressed(tenant, address), table)}, changed_meanwhile)  # type: ignore[typeddict-item]


def _unreferred(customer: Key, table: str) -> Write:
    """Nothing refers to the customer, at the very moment it goes."""
    delete = _at(customer.at(keys.REFERENCES), table) | {
        "ConditionExpression": "documents = :none",
        "ExpressionAttributeValues": {":none": {"N": "0"}},
    }
    return Write({"Delete": delete}, lambda _: CustomerInUse(), rank=2)  # type: ignore[typeddict-item]


def _at(key: Key, table: str) -> dict[str, Any]:
    return {"TableName": table, "Key": key.address}
