"""Tenants' own clocks. Only the embedded stack asks for them; a real one has one time, the world's."""

from datetime import timedelta

from invoicing.store import keys
from invoicing.store.reading import item_at
from invoicing.store.records import model_of
from invoicing.tenants.test_clock import TenantClock


def ahead(tenant: str) -> timedelta:
    """How far a tenant's clock is ahead of the world's."""
    item = item_at(keys.clock(tenant))
    return model_of(TenantClock, item).ahead if item else timedelta()
