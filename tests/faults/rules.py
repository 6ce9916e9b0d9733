"""All rules that the durable state always keeps, checked on the rows of the table and the files in the bucket."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from tests.faults import ledger as documents
from tests.faults import money_rules
from tests.faults.ledger import Ledger
from tests.faults.snapshots import Row

RULES = (*documents.RULES, *money_rules.RULES)


def broken_rules(
    rows: Sequence[Row], files: Mapping[str, bytes], published: Mapping[str, Any] = MappingProxyType({})
) -> list[str]:
    """The description of every violation of a rule. `published` are events, by id, that are no longer in their rows."""
    return broken_in(Ledger(rows, files, published))


def broken_in(ledger: Ledger) -> list[str]:
    """The description of every violation of a rule by some durable state."""
    return [f"{rule.__name__[1:]}: {broken}" for rule in RULES for broken in rule(ledger)]
