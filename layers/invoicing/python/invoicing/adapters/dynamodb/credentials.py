"""What is looked up before a tenant is known, and how one comes into being."""

from typing import Any, NamedTuple

from invoicing import config
from invoicing.adapters.clients import client
from invoicing.adapters.dynamodb import keys
from invoicing.adapters.dynamodb.keys import Key
from invoicing.adapters.dynamodb.records import item_of, keyed, model_of
from invoicing.adapters.dynamodb.transaction import Item, Write, changed_meanwhile, put, transact
from invoicing.domain.errors import ConcurrentModification, InvalidToken, Unauthenticated
from invoicing.domain.tenant import Tenant
from invoicing.domain.user import ApiKey, User


class Owner(NamedTuple):
    """An API key with the user and the tenant that it belongs to."""

    key: ApiKey
    user: User
    tenant: Tenant


def owner_of(digest: str) -> Owner:
    """Whose API key this is, by its digest; an unknown one is refused."""
    item = _get(keys.api_key(digest))
    if item is None:
        raise Unauthenticated
    key = model_of(ApiKey, item)
    tenant, user = _tenant_and_user(key.tenant_id, key.user_id)
    if user is None or tenant is None:
        raise Unauthenticated
    return Owner(key, user, tenant)


def tenant_and_user(tenant_id: str, user_id: str) -> tuple[Tenant, User | None]:
    """The tenant that a token names, and its user if such a one was entered here."""
    tenant, user = _tenant_and_user(tenant_id, user_id)
    if tenant is None:
        raise InvalidToken("There is no such tenant.")
    return tenant, user


def _tenant_and_user(tenant_id: str, user_id: str) -> tuple[Tenant | None, User | None]:
    table = config.setting("TABLE_NAME")
    wanted = keys.settings(tenant_id), keys.user(tenant_id, user_id)
    asked: Any = {table: {"Keys": [_address(one) for one in wanted], "ConsistentRead": True}}
    answer = client("dynamodb").batch_get_item(RequestItems=asked)
    found = {one["PK"]["S"]: one for one in answer["Responses"].get(table, ())}
    tenant, user = (found.get(one.partition) for one in wanted)
    return model_of(Tenant, tenant) if tenant else None, model_of(User, user) if user else None


def create_tenant(tenant: Tenant, admin: User, key: ApiKey) -> None:
    """Enter a tenant with its first user and that user's key, all or nothing."""
    table = config.setting("TABLE_NAME")
    listed = keyed(keys.tenants(tenant.id), "tenant_entry")
    stored = [thing.model_copy(update={"version": 1}) for thing in (tenant, admin, key)]
    items = [item_of(thing, tenant.id) for thing in stored]
    first, *others = [put(table, item, changed_meanwhile) for item in (*items, listed)]
    proof = Write(first.request, first.refuse, proof=True)
    transact([proof, *others], exists=_is_there, outlasted=ConcurrentModification())


def _is_there(write: Write) -> bool:
    item: Item = dict(write.request["Put"]["Item"])
    return _get(Key(item["PK"]["S"], item["SK"]["S"])) is not None


def _get(key: Key) -> Item | None:
    table = config.setting("TABLE_NAME")
    answer = client("dynamodb").get_item(TableName=table, Key=_address(key), ConsistentRead=True)
    return dict(answer["Item"]) if "Item" in answer else None


def _address(key: Key) -> Item:
    return {"PK": {"S": key.partition}, "SK": {"S": key.sort}}
