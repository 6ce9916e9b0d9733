"""The tenants whose data a function may touch. Every AWS call of a function in any test is checked."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from invoicing.core.ids import ULID
from tests.signatures import signed

_TENANT = re.compile(rf"ten_{ULID}")
_BEFORE_A_TENANT_IS_KNOWN = ("DUE#", "KEY#", "LINK#", "MAILS", "OUTBOX#", "PAGE#", "TENANTS")


class Sight:
    """The tenants of one invocation: those known before, and `more` that it finds itself."""

    def __init__(self, *known: str, more: float = 0) -> None:
        self._tenants = set(known)
        self._more = more

    def covers(self, tenant: str) -> bool:
        """Whether the invocation may touch this tenant's data."""
        if tenant not in self._tenants and self._more:
            self._tenants.add(tenant)
            self._more -= 1
        return tenant in self._tenants


def everybody() -> Sight:
    """The sight of functions that work for all tenants: the outbox and the schedules."""
    return Sight(more=math.inf)


def found_out() -> Sight:
    """The sight of functions that find their tenant by a secret."""
    return Sight(more=1)


def trespasses(name: str, asked: Mapping[str, Any], answered: Any, sight: Sight) -> Iterator[str]:
    """The violations of one call: a Scan, a key without a tenant, data of another tenant, a revealed signature."""
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
    """The partition keys of a call: of its items and of its query."""
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
    """Every tenant in keys, data, events, files or URLs."""
    return set(_TENANT.findall(repr(value)))
