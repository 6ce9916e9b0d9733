"""How customers are stored, and how many documents and orders refer to each.

Beside each customer, an item counts the documents and orders that refer to it, and has the owner that new ones get. A
deletion of the customer, or a change of its owner, conflicts there with a document created at the same moment; an index
would notice that too late.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from types import MappingProxyType
from typing import Any, NamedTuple, overload

from invoicing.core.errors import DomainError, DuplicateExternalId
from invoicing.customers.errors import CustomerInUse, CustomerNotFound
from invoicing.customers.model import Customer
from invoicing.customers.requests import CustomerQuery
from invoicing.mail.keys import suppressed
from invoicing.store import keys
from invoicing.store.keys import IndexPartition, Item, Key
from invoicing.store.listing import Condition, Filter, KeyRange, between, items_from, same
from invoicing.store.reading import items_at
from invoicing.store.rows.items import filtered, keyed, listed, searched, text
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.store.table import Table
from invoicing.store.transaction import Write, changed_meanwhile, delete, put, update
from invoicing.tenants.model import Tenant
from invoicing.tenants.table import settings_key, tenant_in

KIND = "CUS"
_REFERENCES = "REFS"


class CustomerTable(Table[Customer]):
    """`T#<tenant>#CUS#<customer>`, SK `#`; its references beside it under SK `REFS`."""

    kind = Customer
    part = KIND
    missing = CustomerNotFound
    unique = MappingProxyType({"external_id": partial(DuplicateExternalId, pointer="/external_id")})

    def attributes(self, thing: Customer, tenant: str) -> Item:
        """The lists of the tenant and of its owner, and the attributes of their filters."""
        item = filtered(thing, "external_id", "type", "currency", "tax_id", "created_at", "updated_at")
        item |= {"name": {"S": searched(thing.name)}, "archived": {"BOOL": thing.archived_at is not None}}
        if thing.addresses:
            item["emails"] = {"SS": sorted({searched(email) for email in thing.addresses})}
        return item | listed(
            (keys.of_tenant(tenant, KIND), thing.id),
            ((thing.owner_id and keys.of_owner(tenant, thing.owner_id, KIND)) or None, thing.id),
            _unanswered(thing, tenant),
        )

    def beside(self, before: Customer | None, after: Customer | None, session: Session) -> Iterator[Write]:
        """The count of references, and the addresses to which mail is retried."""
        tenant = session.caller.tenant_id
        if after is None:
            if before is not None:
                yield _unreferred(self.key(tenant, before.id).at(_REFERENCES))
            return
        yield from _referable(before, after, self.key(tenant, after.id).at(_REFERENCES))
        yield from (delete(suppressed(tenant, address)) for address in _tried_again(before, after))

    def referred(self, id_: str, more: int, session: Session) -> Write:
        """Count references. Requires that the customer exists and, if it was read, still has the same owner."""
        condition, values = "attribute_exists(PK)", {":more": {"N": str(more)}}
        read = session.loaded.get(id_)
        if more > 0 and isinstance(read, Customer):
            if read.owner_id is None:
                condition += " AND attribute_not_exists(owner_id)"
            else:
                condition += " AND owner_id = :owner"
                values[":owner"] = {"S": read.owner_id}

        def refuse(there: Mapping[str, Any] | None) -> DomainError:
            return changed_meanwhile(there) if there else CustomerNotFound(pointer="/customer_id")

        return update(
            self.key(session.caller.tenant_id, id_).at(_REFERENCES),
            refuse,
            rank=2,
            UpdateExpression="ADD documents :more",
            ConditionExpression=condition,
            ExpressionAttributeValues=values,
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )


def customer_key(tenant: str, customer_id: str) -> Key:
    """The key of a customer."""
    return CustomerTable().key(tenant, customer_id)


class CustomerName(NamedTuple):
    """The name of a customer, without case."""

    customer_id: str
    name: str


def newest_names(tenant: str, most: int) -> list[CustomerName]:
    """The names of the newest customers that are not archived, from the list of the tenant."""
    items = items_from(KeyRange(keys.of_tenant(tenant, KIND)), descending=True)
    return [
        CustomerName(Key.of(item).partition.rpartition("#")[2], item["name"]["S"])
        for item in islice(items, most)
        if not item["archived"]["BOOL"]
    ]


def pending_vat_checks(tenant: str) -> IndexPartition:
    """Customers whose VAT id has no result yet, by the time of the next attempt."""
    return keys.index_of(tenant, "GSI7", "VAT")


def _unanswered(thing: Customer, tenant: str) -> tuple[IndexPartition | None, str]:
    check = thing.vat_check
    if check is None or check.retry_at is None:
        return None, ""
    return pending_vat_checks(tenant), f"{text(check.retry_at)}#{thing.id}"


def range_of(query: CustomerQuery, tenant: str, holder: str | None) -> KeyRange:
    """The part of a list that a query reads; `holder` is the customer with the external id in the query."""
    everyone = keys.of_tenant(tenant, KIND)
    return KeyRange(keys.of_owner(tenant, query.owner_id, KIND) if query.owner_id else everyone, holder, holder)


def conditions_of(query: CustomerQuery) -> list[Filter]:
    """The conditions of a query that its range does not cover."""
    found: list[Filter] = [*same(type=query.type, tax_id=query.tax_id, currency=query.currency)]
    found += between("created_at", query.created_from, query.created_to)
    found += between("updated_at", query.updated_since, None)
    if query.name is not None:
        found.append(Condition("name", "contains", searched(query.name)))
    if query.email is not None:
        found.append(Condition("emails", "contains", searched(query.email)))
    if query.archived is not None:
        found.append(Condition("archived", "=", query.archived))
    return found


@overload
def tenant_and_customer(store: Store, customer_id: str) -> tuple[Tenant, Customer]: ...
@overload
def tenant_and_customer(store: Store, customer_id: str | None) -> tuple[Tenant, Customer | None]: ...
def tenant_and_customer(store: Store, customer_id: str | None) -> tuple[Tenant, Customer | None]:
    """The tenant and the customer, if there is one, in one read."""
    found = items_at(party_keys(store.tenant_id, customer_id))
    return tenant_in(store, found), customer_in(store, found, customer_id)


def party_keys(tenant: str, customer_id: str | None) -> list[Key]:
    """The keys of the tenant, and of the customer if there is one."""
    parties = [settings_key(tenant)]
    return [*parties, customer_key(tenant, customer_id)] if customer_id else parties


def customer_in(store: Store, found: Mapping[Key, Item], customer_id: str | None) -> Customer | None:
    """The customer among items that were read together. Refuses a reference to one that does not exist."""
    if customer_id is None:
        return None
    item = found.get(customer_key(store.tenant_id, customer_id))
    if item is None:
        raise CustomerNotFound(pointer="/customer_id")
    return store.take(Customer, item)


def _referable(before: Customer | None, after: Customer, key: Key) -> Iterator[Write]:
    """The count of references, which is created with the customer. The owner beside it equals the customer's."""
    owner: Item = {"owner_id": {"S": after.owner_id}} if after.owner_id else {}
    if before is None:
        yield put(keyed(key, "references") | {"documents": {"N": "0"}} | owner, changed_meanwhile)
    elif before.owner_id != after.owner_id:
        change: dict[str, Any] = {"UpdateExpression": "REMOVE owner_id"}
        if owner:
            values = {":owner": owner["owner_id"]}
            change = {"UpdateExpression": "SET owner_id = :owner", "ExpressionAttributeValues": values}
        yield update(key, changed_meanwhile, **change)


def _tried_again(before: Customer | None, after: Customer) -> list[str]:
    """The addresses that are added to a customer; all of them if the customer is erased."""
    if before is None:
        return []
    had = before.addresses
    changed = had if after.forgets else after.addresses - had
    return sorted({one.lower() for one in changed})


def _unreferred(references: Key) -> Write:
    """The condition that nothing refers to the customer at its deletion."""
    request: Any = {
        "Delete": delete(references).request["Delete"]
        | {
            "ConditionExpression": "documents = :none",
            "ExpressionAttributeValues": {":none": {"N": "0"}},
        }
    }
    return Write(request, lambda _: CustomerInUse(), rank=2)
