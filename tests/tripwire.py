"""Whose data a function may touch: every AWS call that any test makes a function ask for is held against this."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from invoicing.core.ids import ULID
from tests.signatures import signed

_TENANT = re.compile(rf"ten_{ULID}")
_BEFORE_A_TENANT_IS_KNOWN = ("KEY#", "LINK#", "MAILS", "OUTBOX#", "TENANTS")


class Sight:
    """The tenants that one invocation works for: those known before, and `more` that it finds out by itself."""

    def __init__(self, *known: str, more: float = 0) -> None:
        self._tenants = set(known)
        self._more = more

    def covers(self, tenant: str) -> bool:
        """Whether this tenant's data may be touched."""
        if tenant not in self._tenants and self._more:
            self._tenants.add(tenant)
            self._more -= 1
        return tenant in self._tenants


def everybody() -> Sight:
    """The sight of what the service does for all tenants at once: the outbox, what is done at fixed times."""
    return Sight(more=math.inf)


def found_out() -> Sight:
    """The sight of what learns from a secret for whom it works."""
    return Sight(more=1)


def trespasses(name: str, asked: Mapping[str, Any], answered: Any, sight: Sight) -> Iterator[str]:
    """What is wrong about one call: a Scan, a key without a tenant, what is another tenant's, a signature told."""
    if name == "dynamodb:Scan":
        yield "reads the whole table"
    for partition in partitions_in(asked):
        if not partition.startswith(("T#", *_BEFORE_A_TENANT_IS_KNOWN)):
            yield f"uses a key that does not begin with its tenant: {partition}"
        elif partition.startswith("T#") and not sight.covers(partition.split("#")[1]):
            yield f"uses a key of another tenant: {partition}"
    for way, what in (("asks for", asked), ("is answered", answered)):
        strangers = [tenant for tenant in sorted(_tenants_in(what)) if not sight.covers(tenant)]
        if strangers:
            yield f"{way} what is of {strangers}"
    if not name.endswith(":presign") and signed(asked):
        yield f"tells what is signed with its credentials: {signed(asked)}"


def partitions_in(asked: Any) -> Iterator[str]:
    """The partition keys that a call names: of items, and of what it queries."""
    if isinstance(asked, Mapping):
        if "PK" in asked:
            yield asked["PK"]["S"]
        if "KeyConditionExpression" in asked:
            yield from (value["S"] for value in asked["ExpressionAttributeValues"].values() if _is_partition(value))
        for inner in asked.values():
            yield from partitions_in(inner)
    elif isinstance(asked, list | tuple):
        for inner in asked:
            yield from partitions_in(inner)


def _is_partition(value: Mapping[str, Any]) -> bool:
    return str(value.get("S", "")).startswith(("T#", *_BEFORE_A_TENANT_IS_KNOWN))


def _tenants_in(value: Any) -> set[str]:
    """Every tenant that is named in keys, data, events, files or URLs."""
    return set(_TENANT.findall(repr(value)))
