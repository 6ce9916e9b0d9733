"""Two companies for the tests that are derived from the endpoints."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest

from invoicing.core import clock
from invoicing.tenants.model import Tenant
from tests import builders, gateway
from tests.aws import account, seed
from tests.builders import NOON
from tests.newer import UNKNOWN, Newer, marked, newer_code_writes_too
from tests.world import World, signed_in


class Companies(NamedTuple):
    """Two tenants in one account.

    Their resources stay for all tests. A test that changes some uses `ours.renewed()`.
    """

    tenant: Tenant
    ours: World
    theirs: World


@pytest.fixture(scope="module")
def companies() -> Iterator[Companies]:
    """One account for all tests of a file, because creating one takes time."""
    with pytest.MonkeyPatch.context() as at, account():
        at.setattr(clock, "now", lambda: NOON)
        tenants = builders.tenant(), builders.tenant(name="Andere AG")
        for one in tenants:
            seed(one.id, one)
        ours, theirs = (World(signed_in(one), NOON) for one in tenants)
        yield Companies(tenants[0], ours, theirs)


@pytest.fixture(scope="module")
def newer() -> Iterator[Newer]:
    """All writes become those of newer code, and its authorizer passes on more about the caller."""
    authorized = gateway.authorized

    def newer_authorized(event: Mapping[str, Any]) -> tuple[bool, Mapping[str, str]]:
        allowed, context = authorized(event)
        caller = marked(json.loads(context["caller"]), None) if allowed else {}
        return allowed, {**context, "caller": json.dumps(caller), UNKNOWN: "x"}

    with newer_code_writes_too() as written, pytest.MonkeyPatch.context() as patched:
        patched.setattr(gateway, "authorized", newer_authorized)
        yield written
