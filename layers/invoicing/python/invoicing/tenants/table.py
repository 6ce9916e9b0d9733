"""How tenants, their test clocks and the list of all tenants are stored."""

from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any, cast

from invoicing.core.identity import Moment
from invoicing.core.model import Value
from invoicing.numbering.model import default_series
from invoicing.store import keys
from invoicing.store.keys import Item, Key
from invoicing.store.reading import item_at
from invoicing.store.rows.items import model_of, text_of
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.store.table import Table
from invoicing.tenants.errors import TenantNotFound
from invoicing.tenants.model import Tenant
from invoicing.tenants.test_clock import TenantClock


def _series_of_every_type(tenant: dict[str, Any]) -> dict[str, Any]:
    """Version 2 of a tenant has a number series for each type of document; before, only for those it had used."""
    missing = {name: series.model_dump(mode="json") for name, series in default_series().items()}
    return tenant | {"number_series": missing | tenant.get("number_series", {})}


class TenantTable(Table[Tenant]):
    """`T#<tenant>#TENANT`, SK `#`."""

    kind = Tenant
    missing = TenantNotFound
    migrations = (_series_of_every_type,)

    def key(self, tenant: str, *ids: str) -> Key:  # noqa: ARG002 — a tenant has one such item
        """The key of the tenant itself."""
        return keys.of(tenant, "TENANT")

    def read[V: Value](self, model: type[V], item: Item, text: str | None = None, *, shows: bool = False) -> V:
        """The tenant from its item. Cached, because each request reads it and it seldom changes."""
        if shows or model is not Tenant:
            return model_of(model, item, text, shows=shows)
        return cast("V", _tenant_of(text or text_of(item)))

    def loaded(self, thing: Tenant, session: Session) -> None:
        """Record the time zone of the tenant's settings in the session."""
        session.time_zone = thing.time_zone


@lru_cache(maxsize=16)
def _tenant_of(text: str) -> Tenant:
    return model_of(Tenant, {}, text)


class TenantClockTable(Table[TenantClock]):
    """`T#<tenant>#CLOCK`, SK `#`, if a test has set the clock."""

    kind = TenantClock
    missing = TenantNotFound

    def key(self, tenant: str, *ids: str) -> Key:  # noqa: ARG002 — a tenant has one such item
        """The key of the tenant's clock."""
        return keys.of(tenant, "CLOCK")


def settings_key(tenant: str) -> Key:
    """The key of the tenant itself."""
    return TenantTable().key(tenant)


def entry_key(tenant: str) -> Key:
    """The key of a tenant's entry in the list of all tenants."""
    return Key("TENANTS", tenant)


def tenant_of(store: Store) -> Tenant:
    """The tenant of the store."""
    return store.get(Tenant)


def tenant_in(store: Store, found: Mapping[Key, Item]) -> Tenant:
    """The tenant among items that were read together."""
    item = found.get(settings_key(store.tenant_id))
    if item is None:
        raise TenantNotFound
    return store.take(Tenant, item)


def moment_of(store: Store) -> Moment:
    """The moment of a change, with the date in the tenant's time zone as stored; the credentials may have an older one.

    Costs a read unless the tenant was read in this session.
    """
    if store.session.time_zone is None:
        tenant_of(store)
    return store.session.moment


def clock_of(store: Store) -> TenantClock:
    """The tenant's own clock; one that was never set shows the present time."""
    item, now = item_at(TenantClockTable().key(store.tenant_id)), store.session.now
    if item is None:
        return TenantClock(id=store.tenant_id, now=now, created_at=now, updated_at=now)
    return store.take(TenantClock, item)


def ahead(tenant: str) -> timedelta:
    """How far a tenant's clock is ahead of the real time. Only the embedded stack reads it."""
    item = item_at(TenantClockTable().key(tenant))
    return model_of(TenantClock, item).ahead if item else timedelta()
