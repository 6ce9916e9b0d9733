"""The counters of a tenant's number series."""

from datetime import date

from invoicing.core.errors import Violation
from invoicing.numbering.errors import NumberTaken
from invoicing.numbering.table import Counter, counter_in, counter_keys, number_key
from invoicing.store.reading import items_at
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant
from invoicing.tenants.table import tenant_of


def require_free_numbers(before: Tenant, after: Tenant, today: date) -> None:
    """Refuse a change of a series whose next number another document has, because it would block the series."""
    changed = [name for name, series in after.number_series.items() if before.number_series.get(name) != series]
    if not changed:
        return
    found = items_at(sorted({key for name in changed for key in counter_keys(after.id, name, today.year)}))
    numbers = {name: counter_in(found, after, name, today).number for name in changed}
    wanted = {name: number_key(after.id, number) for name, number in numbers.items()}
    taken = items_at(sorted(set(wanted.values())))
    if wrong := [_taken(before, after, name, numbers[name]) for name in changed if wanted[name] in taken]:
        raise NumberTaken("Set first_number and first_year, or another pattern.", errors=tuple(wrong))


def _taken(before: Tenant, after: Tenant, name: str, number: str) -> Violation:
    old, new = before.number_series.get(name), after.number_series[name]
    fields = ("pattern", "yearly_reset", "first_number", "first_year")
    field = next(field for field in fields if old is None or getattr(old, field) != getattr(new, field))
    message = f"The next number {number} belongs to another document"
    return Violation(f"/number_series/{name}/{field}", NumberTaken.code, message)


def counters(store: Store, year: int | None) -> dict[str, Counter]:
    """The counter of each series in a year of issue (by default the current one), by the name of the series."""
    tenant = tenant_of(store)
    today = tenant.today(store.session.now)
    day = today if year in (None, today.year) else date(year or today.year, 12, 31)
    wanted = {key for name in tenant.number_series for key in counter_keys(store.tenant_id, name, day.year)}
    found = items_at(sorted(wanted))
    return {name: counter_in(found, tenant, name, day) for name in sorted(tenant.number_series)}
