"""How users and API keys are stored, and how a key is found by its secret."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from types import MappingProxyType

from invoicing.core.identity import Author
from invoicing.core.model import Value, secret_fields
from invoicing.store import keys
from invoicing.store.keys import Item, Key
from invoicing.store.listing import Filter, KeyRange, same
from invoicing.store.reading import item_at, items_at
from invoicing.store.rows.items import filtered, keyed, listed, model_of
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.store.table import Table
from invoicing.store.transaction import Write, changed_meanwhile, put
from invoicing.users.errors import DuplicateEmail, KeyNotFound, UserNotFound
from invoicing.users.model import ApiKey, NewApiKey, User, digest
from invoicing.users.requests import ApiKeyQuery, UserQuery

LAST_USED_AT = "last_used_at"
"""An attribute beside the JSON, because the use of a key is no change of it."""
USERS, KEYS = "USER", "KEY"


class UserTable(Table[User]):
    """`T#<tenant>#USER#<user>`, SK `#`."""

    kind = User
    part = USERS
    missing = UserNotFound
    unique = MappingProxyType({"email": partial(DuplicateEmail, pointer="/email")})

    def attributes(self, thing: User, tenant: str) -> Item:
        """The list of the tenant, and the attributes of its filters."""
        return filtered(thing, "role", "email", "customer_id") | listed((keys.of_tenant(tenant, USERS), thing.id))


class ApiKeyTable(Table[ApiKey]):
    """`T#<tenant>#KEY#<key>`, SK `#`; found by its secret through `KEY#<sha256>`."""

    kind = ApiKey
    part = KEYS
    missing = KeyNotFound

    def text(self, thing: ApiKey) -> str:
        """Its JSON without the secret."""
        return thing.model_dump_json(exclude={LAST_USED_AT, *secret_fields(type(thing))})

    def attributes(self, thing: ApiKey, tenant: str) -> Item:
        """The list of the tenant, and the attributes of its filters."""
        return filtered(thing, "user_id", LAST_USED_AT) | listed((keys.of_tenant(tenant, KEYS), thing.id))

    def read[V: Value](self, model: type[V], item: Item, text: str | None = None, *, shows: bool = False) -> V:
        """The key with the time of its last use."""
        key = model_of(model, item, text, shows=shows)
        used = item.get(LAST_USED_AT)
        return key.model_copy(update={LAST_USED_AT: datetime.fromisoformat(used["S"])}) if used else key

    def beside(self, before: ApiKey | None, after: ApiKey | None, session: Session) -> Iterator[Write]:
        """A new key is found by the digest of its secret."""
        if before is None and isinstance(after, NewApiKey):
            yield put(secret_item(after, session.caller.tenant_id, digest(after.secret)), changed_meanwhile)


def user_key(tenant: str, user_id: str) -> Key:
    """The key of a user."""
    return UserTable().key(tenant, user_id)


def api_key_key(tenant: str, key_id: str) -> Key:
    """The key of an API key."""
    return ApiKeyTable().key(tenant, key_id)


def secret_key(sha256: str) -> Key:
    """The key of the item that finds an API key by the SHA-256 of its secret."""
    return Key(f"KEY#{sha256}")


def secret_item(key: ApiKey, tenant: str, sha256: str) -> Item:
    """The item that finds an API key, its user and its tenant by the SHA-256 of its secret."""
    found = {"tenant_id": {"S": tenant}, "key_id": {"S": key.id}, "user_id": {"S": key.user_id}}
    return keyed(secret_key(sha256), "secret") | found | {"sha256": {"S": sha256}}


def all_users(tenant: str) -> KeyRange:
    """All users of a tenant."""
    return KeyRange(keys.of_tenant(tenant, USERS))


def all_keys(tenant: str) -> KeyRange:
    """All API keys of a tenant."""
    return KeyRange(keys.of_tenant(tenant, KEYS))


def conditions_of(query: UserQuery | ApiKeyQuery) -> list[Filter]:
    """The conditions of a query."""
    if isinstance(query, ApiKeyQuery):
        return [*same(user_id=query.user_id)]
    return [*same(role=query.role, email=query.email, customer_id=query.customer_id)]


def authors(store: Store, ids: Iterable[str]) -> dict[str, Author]:
    """The existing ones of these users, as the timeline shows them."""
    wanted = [user_key(store.tenant_id, id_) for id_ in sorted(set(ids))]
    found = items_at(wanted) if wanted else {}
    return {user.id: user.author for item in found.values() if (user := model_of(User, item, shows=True))}


def require_user(store: Store, user_id: str, *, pointer: str) -> None:
    """Refuse a reference to a user who does not exist."""
    if item_at(user_key(store.tenant_id, user_id)) is None:
        raise UserNotFound(pointer=pointer)
