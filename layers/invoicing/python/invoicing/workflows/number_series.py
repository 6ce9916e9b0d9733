"""Where the number series of a tenant stand."""

from datetime import date

from invoicing.adapters.dynamodb.numbers import Counter, counter_in, counter_keys
from invoicing.adapters.dynamodb.reading import items_at
from invoicing.adapters.dynamodb.store import Store


def counters(store: Store, year: int | None, today: date) -> dict[str, Counter]:
    """The counter of each series in a year of issue, this one if none is given, by the name of the series."""
    tenant = store.tenant()
    day = today if year in (None, today.year) else date(year or today.year, 12, 31)
    wanted = {key for name in tenant.number_series for key in counter_keys(store.tenant_id, name, day.year)}
    found = items_at(sorted(wanted))
    return {name: counter_in(found, tenant, name, day) for name in sorted(tenant.number_series)}
