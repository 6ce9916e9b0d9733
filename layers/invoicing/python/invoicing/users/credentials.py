"""Lookups before the tenant is known, and the creation of tenants."""

import hmac
from datetime import datetime
from typing import NamedTuple

from invoicing import config
from invoicing.aws.clients import client
from invoicing.aws.errors import AWS_FAULTS, is_conflict, retryable
from invoicing.core.errors import ConcurrentModification, InvalidToken, Unauthenticated
from invoicing.core.identity import Caller
from invoicing.customers.model import Customer
from invoicing.customers.table import customer_key
from invoicing.store.commit import unique_values
from invoicing.store.reading import item_at, items_at
from invoicing.store.rows.items import keyed, text
from invoicing.store.rows.revisions import REVISION, revised
from invoicing.store.table import item_of, read_item
from invoicing.store.transaction import Write, changed_meanwhile, put, transact
from invoicing.tenants.model import Tenant
from invoicing.tenants.table import entry_key, settings_key
from invoicing.users.model import ApiKey, NewApiKey, User, digest
from invoicing.users.table import LAST_USED_AT, api_key_key, secret_item, secret_key, user_key


class Owner(NamedTuple):
    """An API key with the user and the tenant that it belongs to."""

    key: ApiKey
    user: User
    tenant: Tenant


def owner_of(sha256: str) -> Owner:
    """The API key with its user and tenant, by the digest of its secret. Refuses unknown ones."""
    secret = item_at(secret_key(sha256))
    if secret is None or not hmac.compare_digest(secret["sha256"]["S"], sha256):
        raise Unauthenticated
    tenant_id = secret["tenant_id"]["S"]
    wanted = (
        api_key_key(tenant_id, secret["key_id"]["S"]),
        user_key(tenant_id, secret["user_id"]["S"]),
        settings_key(tenant_id),
    )
    key, user, tenant = map(items_at(wanted).get, wanted)
    if key is None or user is None or tenant is None:
        raise Unauthenticated
    return Owner(
        read_item(ApiKey, key, shows=True), read_item(User, user, shows=True), read_item(Tenant, tenant, shows=True)
    )


def tenant_and_user(tenant_id: str, user_id: str) -> tuple[Tenant, User | None]:
    """The tenant that a token names, and its user if it is stored here."""
    wanted = (settings_key(tenant_id), user_key(tenant_id, user_id))
    tenant, user = map(items_at(wanted).get, wanted)
    if tenant is None:
        raise InvalidToken("The tenant does not exist.")
    return read_item(Tenant, tenant, shows=True), read_item(User, user, shows=True) if user else None


def require_customer(caller: Caller) -> None:
    """Refuse a portal user whose customer was erased, at once and with any credentials."""
    if caller.customer_id is None:
        return
    item = item_at(customer_key(caller.tenant_id, caller.customer_id))
    if item is not None and read_item(Customer, item, shows=True).erased_at is not None:
        raise InvalidToken("The customer was erased.") if caller.by_token else Unauthenticated


def record_last_use(owner: Owner, at: datetime) -> None:
    """Record when a key was last used. It is no change of the key; the first request of an hour writes it.

    No caller is refused for it: if the write fails, the next request with this key tries it again.
    """
    key = api_key_key(owner.tenant.id, owner.key.id)
    try:
        client("dynamodb").update_item(
            TableName=config.setting("TABLE_NAME"),
            Key=key.address,
            UpdateExpression=f"SET #used = :now ADD {REVISION} :one",
            ConditionExpression="attribute_exists(PK)",
            ExpressionAttributeNames={"#used": LAST_USED_AT},
            ExpressionAttributeValues={":now": {"S": text(at)}, ":one": {"N": "1"}},
        )
    except AWS_FAULTS as fault:
        if not (retryable(fault) or is_conflict(fault)):
            raise


def create_tenant(tenant: Tenant, admin: User, key: NewApiKey) -> None:
    """Create a tenant with its first user and that user's key, all or nothing."""
    stored = [thing.model_copy(update={"version": 1}) for thing in (tenant, admin, key)]
    items = [
        *(revised(item_of(thing, tenant.id), None) for thing in stored),
        *(
            keyed(only, "only_one") | {"id": {"S": thing.id}}
            for thing in stored
            for only in unique_values(thing, tenant.id)
        ),
        secret_item(key, tenant.id, digest(key.secret)),
        keyed(entry_key(tenant.id), "tenant_entry"),
    ]
    first, *others = [put(item, changed_meanwhile) for item in items]
    proof = Write(first.request, first.refuse, proof=True)
    transact([proof, *others], on_timeout=ConcurrentModification())
