"""Fixtures of the consumers."""

import pytest

from invoicing.tenants.model import Tenant
from tests.aws import seed


@pytest.fixture
def company(tenant: Tenant) -> Tenant:
    """The tenant, which accepts events of the source `orders`."""
    listening = tenant.model_copy(update={"event_sources": ("orders",)})
    seed(tenant.id, listening)
    return listening
