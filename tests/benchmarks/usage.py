"""The AWS calls and capacity units of each function, for the example of its operation or its prepared message.

    uv run python -m tests.benchmarks.usage      writes usage.json, which a test compares with the code

Ids are drawn from a seed: items then have the same sizes in each run.
"""

import json
import logging
import random
import re
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from functions.events import render_dunning_document
from infra.discovery import DeclaredFunction, discover, endpoints
from invoicing.core import clock
from invoicing.customers import vies
from invoicing.customers.vat_check import Answer
from invoicing.http.declaration import Endpoint
from invoicing.rendering import pages as rendering
from tests import builders
from tests.aws import account, seed
from tests.aws_events import listening
from tests.conftest import Clock
from tests.faults import snapshots
from tests.faults.subjects import subject, swept
from tests.meter import Meter
from tests.world import PREPARED, World, asked, fitting, signed_in

FILE = Path(__file__).with_name("usage.json")
_PDF = b"%PDF-1.7 a stand-in"

Usage = Mapping[str, Any]
"""`calls` by operation, `writes` and `reads` in capacity units."""


PORTAL = "get_invoice/in_the_portal"
"""A customer reads its invoice, which records that it was read."""


def measured_functions() -> dict[str, DeclaredFunction]:
    """All deployed functions by name, and one with a request that needs much more than its usual one."""
    found = {one.name: one for one in discover() if not one.declaration.embedded}
    return found | {PORTAL: found["get_invoice"]}


@cache
def stored() -> Mapping[str, Usage]:
    """The usage in the file."""
    found: dict[str, Usage] = json.loads(FILE.read_text())
    return found


@contextmanager
def measuring() -> Iterator[Callable[[str], Usage]]:
    """A function that measures the usage of a function by its name. Documents are replaced by a small file."""
    at = Clock()
    logging.disable(logging.CRITICAL)
    with pytest.MonkeyPatch.context() as patch, account() as aws, listening(Meter(aws)) as meter:
        patch.setattr(clock, "now", lambda: at.now)
        patch.setattr(clock, "random", SimpleNamespace(uniform=lambda _, longest: 0.0 * longest))
        patch.setattr(rendering, "render_pdf", lambda *_, **__: _PDF)
        patch.setattr(render_dunning_document, "render_dunning_letter", lambda *_, **__: _PDF)
        patch.setattr(vies, "ask", lambda *_: Answer(valid=True))
        empty = snapshots.take(at)

        def measure(name: str) -> Usage:
            patch.setattr(secrets, "randbits", random.Random(name).getrandbits)
            snapshots.restore(empty, at, aws)
            function = measured_functions()[name]
            if name == PORTAL or (function.name in swept() and not _is_read(function)):
                prepared = subject(function.name, empty, at, aws)
                snapshots.restore(prepared.begin, at, aws)
                invoke: Callable[[], Any] = prepared.invoke
            else:
                invoke = _read(function, at)
            meter.used.clear()
            with aws.only(function.name) as calls:
                invoke()
            writes, reads = meter.used.get(function.name, (0, 0))
            return {"calls": dict(sorted(calls.names.items())), "writes": int(writes), "reads": float(reads)}

        yield measure
    logging.disable(logging.NOTSET)


def _is_read(function: DeclaredFunction) -> bool:
    declared = function.declaration
    return isinstance(declared, Endpoint) and declared.method == "GET" and declared.scope is not None


def _read(function: DeclaredFunction, at: Clock) -> Callable[[], Any]:
    """A request that changes nothing, about resources that exist; a list has an entry."""
    endpoint = function.declaration
    assert isinstance(endpoint, Endpoint)
    company = builders.tenant()
    seed(company.id, company)
    world = fitting(World(signed_in(company), at.now), endpoint)
    if function.name in PREPARED:
        PREPARED[function.name](world)
    for _, entry in endpoints() if endpoint.paginates else ():
        if re.fullmatch(re.escape(endpoint.path) + r"/\{\w+\}", entry.path):
            assert world.ids(entry)
    # Everything that the request needs is created now.
    assert world.ids(endpoint) is not None
    assert endpoint.body is None or world.body(endpoint) is not None
    return lambda: asked(endpoint, world.client, world)


def write(usages: Mapping[str, Usage]) -> None:
    """Write the file, a function in a line."""
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(usages[name])}" for name in sorted(usages))
    FILE.write_text(f"{{\n{lines}\n}}\n")


def main() -> None:
    """Measure all functions and write the file."""
    with measuring() as measure:
        write({name: measure(name) for name in measured_functions()})
    sys.stdout.write(f"{FILE.name} is up to date\n")


if __name__ == "__main__":
    main()
