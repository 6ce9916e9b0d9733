"""Each kind of resource is stored by the table of its own noun."""

import pytest

from infra.tables import all_tables
from invoicing.core.model import Aggregate, Parted
from invoicing.store.table import Table


def kinds(base: type[Aggregate]) -> list[type[Aggregate]]:
    """The subclasses that declare their `object`."""
    below = [one for child in base.__subclasses__() for one in (child, *kinds(child))]
    return [one for one in below if "object" in one.__annotations__ and one is not Parted]


@pytest.mark.parametrize("table", all_tables(), ids=lambda table: table.entity())
def test_table_is_beside_its_model(table: Table[Aggregate]) -> None:
    # A worker that imported only the model finds the table there.
    assert type(table).__module__ == f"{table.kind.__module__.rpartition('.')[0]}.table"


def test_each_resource_has_a_table() -> None:
    tables = [table.kind for table in all_tables()]
    assert [one for one in kinds(Aggregate) if not any(issubclass(stored, one) for stored in tables)] == []
