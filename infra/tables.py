"""The tables of all nouns, found by their files, as functions are."""

import pkgutil
from functools import cache
from importlib import import_module
from typing import Any

import invoicing
from invoicing.store.table import Table, loaded_tables


@cache
def all_tables() -> tuple[Table[Any], ...]:
    """The table of each kind of resource, by the name of the kind: those of each `table.py` in the layer."""
    for module in pkgutil.walk_packages(invoicing.__path__, "invoicing."):
        if module.name.endswith(".table"):
            import_module(module.name)
    return tuple(sorted(loaded_tables(), key=lambda table: table.entity()))
