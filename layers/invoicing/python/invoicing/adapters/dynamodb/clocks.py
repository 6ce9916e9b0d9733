"""Tenants' own clocks. Only the embedded stack asks for them; a real one has one time, the world's."""

from datetime import timedelta

from invoicing.adapters.dynamodb import keys
from invoicing.adapters.dynamodb.reading import item_at
from invoicing.adapters.dynamodb.records import model_of
from invoicing.domain.test_clock import TenantClock


def ahead(tenant: str) -> timedelta:
    """How far a tenant's clock is ahead of the world's."""
    item = item_at(keys.clock(tenant))
    return model_of(TenantClock, item).ahead if item else timedelta()
