"""Two companies for the tests that are made of the endpoint table."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from invoicing import clock
from invoicing.domain.tenant import Tenant
from tests import builders
from tests.aws import account, seed
from tests.builders import NOON
from tests.world import World, signed_in


class Companies(NamedTuple):
    """Two tenants in one account. Their things stay from test to test; who changes some takes `ours.anew()`."""

    tenant: Tenant
    ours: World
    theirs: World


@pytest.fixture(scope="module")
def companies() -> Iterator[Companies]:
    """One account for all tests of a file: what costs time is to make one."""
    with pytest.MonkeyPatch.context() as at, account():
        at.setattr(clock, "now", lambda: NOON)
        tenants = builders.tenant(), builders.tenant(name="Andere AG")
        for one in tenants:
            seed(one.id, one)
        ours, theirs = (World(signed_in(one), NOON) for one in tenants)
        yield Companies(tenants[0], ours, theirs)
