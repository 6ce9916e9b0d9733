"""`@hourly`: functions that run every hour for each tenant, and at once when a test sets a tenant's clock."""

from collections.abc import Callable
from typing import Unpack

from invoicing.consumers.consumer import Consumer, Options, consumer
from invoicing.consumers.source import EventSource, Facts, Task, store_of
from invoicing.core.event import CLOCK_SET, HOUR_BEGAN, HOURS, SOURCE
from invoicing.core.model import Model
from invoicing.tenants.table import tenant_of


class _Tick(Model):
    tenant_id: str


class _Message(Model):
    detail: _Tick


class HourlyTicks(EventSource):
    """The beginning of an hour for one tenant."""

    @property
    def senders(self) -> tuple[str, ...]:
        """The hours, and this service for the events that run the function at once."""
        return (HOURS, SOURCE)

    @property
    def description(self) -> str:
        """The trigger, as the README lists it."""
        return "each hour, for each tenant"

    def read(self, body: str, facts: Facts) -> Task:
        """Get the tenant."""
        tenant_id = _Message.model_validate_json(body).detail.tenant_id
        facts |= {"tenant_id": tenant_id}
        tenant = tenant_of(store_of(tenant_id))
        return Task(tenant, tenant_id, tenant.time_zone)


def hourly(*events: str, **options: Unpack[Options]) -> Callable[[Callable[..., None]], Consumer]:
    """Run `handler(tenant, request)` every hour for each tenant, and at once for the tenant of these events.

    It processes everything that is due by the tenant's clock. It may run more often, late, or twice at the same time
    for one tenant: the table has to record the work that is done already.
    """
    return consumer(HourlyTicks((HOUR_BEGAN, CLOCK_SET, *events)), options)
