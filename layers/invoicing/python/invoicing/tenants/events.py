"""Events about the tenant and its test clock."""

from invoicing.core.event import CLOCK_SET, Event
from invoicing.core.model import Instant
from invoicing.tenants.model import Tenant
from invoicing.tenants.test_clock import TenantClock


class TenantUpdated(Event):
    """The tenant's settings were updated."""

    subject = Tenant
    name = "tenant.updated"
    action_key = "EDIT"


class ClockSet(Event):
    """The tenant's test clock was set (local stack only)."""

    subject = TenantClock
    name = CLOCK_SET
    action_key = "EDIT"

    now: Instant
    """Time that the test clock was set to."""
