"""How a noun is stored. Each noun declares it once, in its `table.py`; the rest of the store knows no noun."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from importlib import import_module
from typing import Any, ClassVar, cast

from invoicing.core.activity import Activity
from invoicing.core.errors import DomainError, NotFound
from invoicing.core.identity import Caller
from invoicing.core.model import Aggregate, Parted, Value
from invoicing.store import keys
from invoicing.store.keys import Item, Key
from invoicing.store.rows import schema
from invoicing.store.rows.items import head_text, keyed, model_of
from invoicing.store.rows.schema import Migration
from invoicing.store.session import Session
from invoicing.store.transaction import Write


class Table[A: Aggregate]:
    """How resources of one kind are stored: their keys, items, lists and unique values.

    A subclass registers itself for its `kind`; a resource of that class, or of a subclass, is stored by it.
    """

    kind: ClassVar[type[Aggregate]]
    part: ClassVar[str]
    """The part of its partition key between the tenant and its ids."""
    ids: ClassVar[tuple[str, ...]] = ("id",)
    """The fields that are the ids in its key."""
    missing: ClassVar[type[NotFound]] = NotFound
    """The refusal if there is no resource at a key that a client named."""
    unique: ClassVar[Mapping[str, Callable[[], DomainError]]] = {}
    """The fields whose value only one resource of a tenant can have, each with the refusal for a second one."""
    migrations: ClassVar[Sequence[Migration]] = ()
    """The migrations of its JSON in order, the first one from version 1 to version 2 (see `store.rows.schema`)."""
    is_document: ClassVar[bool] = False
    """Whether its timeline is shown to clients: its entries hold its id as `invoice_id`."""

    collection: ClassVar[str | None] = None
    """The collection in whose path its resources are, if that is not the path of the request that creates them."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if not hasattr(cls, "kind"):
            return  # A base of several tables.
        _TABLES[cls.kind] = cls()
        if cls.migrations:
            schema.register(cls.entity(), cls.migrations)

    @classmethod
    def entity(cls) -> str:
        """The name of the kind in its items."""
        return str(cls.kind.model_fields["object"].default)

    def key(self, tenant: str, *ids: str) -> Key:
        """The key of a resource, from the ids that name it, its parent's first."""
        return keys.of(tenant, self.part, *ids)

    def key_of(self, thing: A, tenant: str) -> Key:
        """The key of this resource."""
        return self.key(tenant, *(getattr(thing, name) for name in self.ids))

    def text(self, thing: A) -> str:
        """The JSON of its item; for a resource in parts, that of its head."""
        return head_text(thing) if isinstance(thing, Parted) else thing.model_dump_json()

    def attributes(self, thing: A, tenant: str) -> Item:  # noqa: ARG002 — for subclasses
        """The attributes of its item that lists sort and filter by."""
        return {}

    def item(self, thing: A, tenant: str) -> Item:
        """Its item; for a resource in parts, its head."""
        item = keyed(self.key_of(thing, tenant), self.entity(), self.text(thing), thing.version)
        return item | self.attributes(thing, tenant)

    def read[V: Value](self, model: type[V], item: Item, text: str | None = None, *, shows: bool = False) -> V:
        """A resource from its item. `shows`: the resource is only shown and decides nothing."""
        return model_of(model, item, text, shows=shows)

    def require_visible(self, thing: A, caller: Caller) -> None:
        """Refuse callers who may not see this resource."""

    def represented(self, thing: A, day_of: Callable[[datetime], date]) -> A:  # noqa: ARG002 — for subclasses
        """The resource as a response shows it on its own, with values that are derived then and not stored."""
        return thing

    def loaded(self, thing: A, session: Session) -> None:
        """Record facts about the resource in the session that other reads need."""

    def prepare(self, thing: A, session: Session) -> None:
        """Read the data that events about a changed resource show beside it."""

    def beside(self, before: A | None, after: A | None, session: Session) -> Iterator[Write]:  # noqa: ARG002
        """Writes beside its item when it is created (no `before`), changed or deleted (no `after`)."""
        yield from ()

    def entry_attributes(self, before: A | None, after: A, entries: Sequence[Activity], revision: int) -> Item:  # noqa: ARG002
        """Attributes for the last one of the entries that a commit adds to the timeline of a changed resource."""
        return {}

    def references(self, thing: A) -> tuple[tuple[type[Aggregate], str], ...]:  # noqa: ARG002
        """The resources that it refers to and that count their references."""
        return ()

    def referred(self, id_: str, more: int, session: Session) -> Write:  # noqa: ARG002
        """Count more references to a resource of this kind, or fewer."""
        raise TypeError(f"{self.kind.__name__} does not count the references to {id_}")


_TABLES: dict[type[Aggregate], Table[Any]] = {}


def table_of[A: Aggregate](kind: type[A]) -> Table[A]:
    """The table of a kind: the one in `table.py` beside the module that declares the class."""
    found = _registered(kind)
    if found is None:
        import_module(f"{_declared(kind).__module__.rpartition('.')[0]}.table")
        found = _registered(kind)
    if found is None:
        raise TypeError(f"no table.py declares how {kind.__name__} is stored")
    return cast("Table[A]", found)


def loaded_tables() -> tuple[Table[Any], ...]:
    """The tables whose modules were imported."""
    return tuple(_TABLES.values())


def _registered(kind: type[Aggregate]) -> Table[Any] | None:
    return next((_TABLES[base] for base in kind.__mro__ if base in _TABLES), None)


def _declared(kind: type[Aggregate]) -> type[Aggregate]:
    """The class that declares which `object` it is."""
    return next(base for base in kind.__mro__ if "object" in base.__annotations__ and issubclass(base, Aggregate))


def item_of(thing: Aggregate, tenant: str) -> Item:
    """The item of a resource; for a resource in parts, its head."""
    return table_of(type(thing)).item(thing, tenant)


def read_item[V: Value](model: type[V], item: Item, *, shows: bool = False) -> V:
    """A value from its item: a resource by its table, anything else by its JSON."""
    if issubclass(model, Aggregate):
        return table_of(model).read(model, item, shows=shows)
    return model_of(model, item, shows=shows)
