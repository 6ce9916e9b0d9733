"""How billing runs are stored. The selection of a run and the result of each document are in items beside it."""

import json
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, get_args

from invoicing.billing_runs.errors import BillingRunActive, BillingRunNotFound
from invoicing.billing_runs.model import BillingRun, Source
from invoicing.billing_runs.outcome import RunResult
from invoicing.billing_runs.requests import BillingRunQuery
from invoicing.core.ids import new_id
from invoicing.core.model import Value
from invoicing.store import keys
from invoicing.store.changes import Also
from invoicing.store.keys import IndexPartition, Item, Key
from invoicing.store.listing import Filter, KeyRange, between, examined, items_from, same
from invoicing.store.reading import items_at
from invoicing.store.rows.items import compressed, filtered, keyed, listed, model_of
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.store.table import Table
from invoicing.store.transaction import Write, changed_meanwhile, overwrite, put

KIND = "BRN"
MOST_RESULT_BYTES = 200_000
"""The bytes of results after which a block takes no more documents. An item can have twice as many."""
IDS_A_PART = 10_000
"""The most ids of one item: less than 300 KB before they are compressed."""
_RUNS_A_CALL = 1_000
_BLOCKS_A_CALL = 10
SELECTION, DRAFTS = "IDS#", "DRF#"
"""The selection of a run, and the drafts that it created for selected subscriptions."""
_RESULTS = "R#"


class BillingRunTable(Table[BillingRun]):
    """`T#<tenant>#RUN#<run>`, SK `#`; its selection beside it under `IDS#<position>`, its results `R#<position>`.

    The drafts of subscriptions are under `DRF#<position>`.
    """

    kind = BillingRun
    part = "RUN"
    missing = BillingRunNotFound
    unique = MappingProxyType({"active_source": BillingRunActive, "hour": BillingRunActive})

    def attributes(self, thing: BillingRun, tenant: str) -> Item:
        """The list of the tenant, and the attributes of its filters."""
        return filtered(thing, "status", "source", "created_at") | listed((of_tenant(tenant), thing.id))


class Selected(NamedTuple):
    """A part of a selection: its ids from a position on, the ones that are left out, and the last one that was read."""

    first: int
    ids: tuple[str, ...]
    skipped: frozenset[str] = frozenset()
    after: str | None = None
    prefix: str = SELECTION

    @property
    def end(self) -> int:
        """The position after its last id."""
        return self.first + len(self.ids)


class BlockResults(Value):
    """The results of a block of documents, in the order of the selection."""

    first: int
    """Position of the first one in the selection."""
    results: tuple[RunResult, ...]


def of_tenant(tenant: str) -> IndexPartition:
    """All billing runs of a tenant."""
    return keys.of_tenant(tenant, KIND)


def conditions_of(query: BillingRunQuery) -> list[Filter]:
    """The conditions of a query."""
    return [*same(status=query.status, source=query.source), *between("created_at", query.started_from, None)]


def completed_runs(store: Store, source: Source, since: datetime) -> Iterator[BillingRun]:
    """The completed runs of a source that were started since a moment."""
    started = KeyRange(of_tenant(store.tenant_id), new_id("brn", since))
    for items, _ in examined(started, same(source=source, status="completed"), page=_RUNS_A_CALL):
        yield from (model_of(BillingRun, item) for item in items)


def active_run_ids(store: Store) -> list[str]:
    """The ids of the runs that are active, or keep their source while they are parked: one of each source at most."""
    noun = BillingRunTable().entity()
    claims = [keys.unique(store.tenant_id, noun, "active_source", one) for one in get_args(Source)]
    return [claim["id"]["S"] for claim in items_at(claims).values()]


def run_key(tenant: str, run_id: str) -> Key:
    """The key of a run. Its selection and its results are in the same partition."""
    return BillingRunTable().key(tenant, run_id)


def selection_of(run_id: str, selected: Selected) -> Also:
    """The write of a part of a selection. The version of the run protects it."""

    def writes(session: Session) -> Iterator[Write]:
        key = run_key(session.caller.tenant_id, run_id).at(_sort(selected.prefix, selected.first))
        content = {"ids": selected.ids, "skipped": sorted(selected.skipped), "after": selected.after}
        yield overwrite(keyed(key, "billing_run_ids") | {"ids": {"B": compressed(json.dumps(content).encode())}})

    return writes


def run_and_selection(store: Store, run_id: str) -> tuple[BillingRun, Selected | None]:
    """A run and the first part of its selection, in one read."""
    head = run_key(store.tenant_id, run_id)
    first = head.at(_sort(SELECTION, 0))
    found = items_at([head, first])
    if head not in found:
        raise BillingRunNotFound
    return store.take(BillingRun, found[head]), _selected(found[first]) if first in found else None


def selected_at(store: Store, run_id: str, position: int) -> Selected:
    """The part of a selection that contains a position, or that ends there."""
    key = run_key(store.tenant_id, run_id)
    within = KeyRange(IndexPartition(None, key.partition), _sort(SELECTION, 0), _sort(SELECTION, position))
    return _selected(next(items_from(within, descending=True, page=1)))


def selected_from(store: Store, run_id: str, position: int) -> Iterator[Selected]:
    """The parts of a selection, from that with a position on."""
    first = selected_at(store, run_id, position)
    yield first
    key = run_key(store.tenant_id, run_id)
    following = KeyRange(IndexPartition(None, key.partition), _sort(SELECTION, first.first + 1), SELECTION + "~")
    yield from map(_selected, items_from(following))


def parts_of_drafts(store: Store, run_id: str) -> Iterator[Selected]:
    """The drafts that a run created for subscriptions, block by block."""
    partition = IndexPartition(None, run_key(store.tenant_id, run_id).partition)
    return map(_selected, items_from(KeyRange(partition, DRAFTS, DRAFTS + "~")))


def drafts_of(store: Store, run_id: str) -> Selected:
    """All drafts that a run created for subscriptions."""
    parts = list(parts_of_drafts(store, run_id))
    skipped = frozenset[str]().union(*(part.skipped for part in parts))
    return Selected(0, tuple(id_ for part in parts for id_ in part.ids), skipped, prefix=DRAFTS)


def results_of(run_id: str, first: int, results: Sequence[RunResult]) -> Also:
    """The write of the results of a block. A block has its results once."""

    def writes(session: Session) -> Iterator[Write]:
        key = run_key(session.caller.tenant_id, run_id).at(_sort(_RESULTS, first))
        block = BlockResults(first=first, results=tuple(results))
        yield put(keyed(key, "billing_run_results", block.model_dump_json(exclude_defaults=True)), changed_meanwhile)

    return writes


def blocks_from(tenant: str, run_id: str, position: int | None, *, descending: bool) -> Iterator[BlockResults]:
    """The blocks of results of a run, from that with the position on (None: from the first or last one)."""
    partition = IndexPartition(None, run_key(tenant, run_id).partition)
    bound = None if position is None else _sort(_RESULTS, position)
    low, high = (_RESULTS, bound or _RESULTS + "~") if descending else (bound or _RESULTS, _RESULTS + "~")
    items = items_from(KeyRange(partition, low, high), descending=descending, page=_BLOCKS_A_CALL)
    return (model_of(BlockResults, item, shows=True) for item in items)


def _selected(item: Item) -> Selected:
    content = json.loads(zlib.decompress(bytes(item["ids"]["B"])))
    prefix, _, first = item["SK"]["S"].rpartition("#")
    return Selected(int(first), tuple(content["ids"]), frozenset(content["skipped"]), content["after"], f"{prefix}#")


def _sort(prefix: str, position: int) -> str:
    return f"{prefix}{position:07d}"
