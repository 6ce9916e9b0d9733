"""How facts are stored: by tenant, basis and month, in the order of their days."""

from collections.abc import Iterator
from datetime import date, timedelta

from invoicing.reports.facts.model import Fact, FactBasis
from invoicing.store import keys
from invoicing.store.keys import IndexPartition, Item, Key
from invoicing.store.listing import KeyRange, days, items_from
from invoicing.store.reading import item_at
from invoicing.store.rows.items import keyed, listed, model_of
from invoicing.store.transaction import overwrite, write_alone

_SUPPLIED = "SUPPLIED"


def put_fact(tenant: str, fact: Fact) -> None:
    """Put a fact into its month. A repetition writes the same again."""
    write_alone(overwrite(fact_item(tenant, fact)))


def fact_item(tenant: str, fact: Fact) -> Item:
    """The item of a fact. One that counts when issued is also in the list of the month of its supply."""
    item = keyed(fact_key(tenant, fact), "fact", fact.stored)
    if fact.basis == "issued":
        item |= listed((_supplied_in(tenant, fact.supplied_on), f"{fact.supplied_on}#{fact.id}"))
    return item


def fact_key(tenant: str, fact: Fact) -> Key:
    """The key of a fact: the month of its day, then the day and its event."""
    return facts_on(tenant, fact.basis, fact.date).at(f"{fact.date}#{fact.id}")


def facts_on(tenant: str, basis: FactBasis, day: date) -> Key:
    """The partition of the facts of a day's month."""
    return keys.of(tenant, "FACTS", basis, f"{day:%Y-%m}")


def fact_at(key: Key) -> Fact | None:
    """The fact with a key."""
    item = item_at(key)
    return model_of(Fact, item) if item else None


def month_of_facts(tenant: str, basis: FactBasis, month: date) -> Iterator[tuple[Key, Fact]]:
    """All facts that count in a month, with their keys."""
    partition = IndexPartition(None, facts_on(tenant, basis, month).partition)
    return ((Key.of(item), model_of(Fact, item)) for item in items_from(KeyRange(partition)))


def facts_from(tenant: str, basis: FactBasis, first: date, last: date) -> Iterator[Fact]:
    """The facts that count on these days, month by month."""
    partitions = (IndexPartition(None, facts_on(tenant, basis, month).partition) for month in months(first, last))
    return (fact for partition in partitions for fact in _read(days(partition, first, last)))


def facts_supplied(tenant: str, first: date, last: date) -> Iterator[Fact]:
    """The facts about supplies on these days that count when issued, month by month."""
    partitions = (_supplied_in(tenant, month) for month in months(first, last))
    return (fact for partition in partitions for fact in _read(days(partition, first, last)))


def months(first: date, last: date) -> Iterator[date]:
    """The first days of the months from one day to another."""
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = (month + timedelta(days=31)).replace(day=1)


def _supplied_in(tenant: str, day: date) -> IndexPartition:
    return keys.of_tenant(tenant, f"{_SUPPLIED}#{day:%Y-%m}")


def _read(key_range: KeyRange) -> Iterator[Fact]:
    return (model_of(Fact, item, shows=True) for item in items_from(key_range))
