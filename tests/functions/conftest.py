"""Each function is tested in the file of its name. Its calls of AWS are compared with its declared grants."""

from collections.abc import Iterator

import pytest

from infra.discovery import discover
from invoicing.http.declaration import Endpoint
from invoicing.http.endpoint import OF_LISTS
from tests.aws import AwsCalls


@pytest.fixture(scope="module", autouse=True)
def _declared_equals_used(request: pytest.FixtureRequest) -> Iterator[set[str]]:
    """The function's calls of AWS in its tests need exactly its declared grants."""
    used: set[str] = set()
    yield used
    function = next((one for one in discover() if one.name == _function_of(request)), None)
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    tests = {item.originalname for item in items if item.module is request.module}
    written = {name for name in vars(request.module) if name.startswith("test_")}
    if function is None or request.session.testsfailed or tests != written:
        return
    grants = function.declaration.grants
    allowed = {need for grant in grants for need in (*grant.actions, *grant.partitions)}
    assert used <= allowed, f"{function.name} does {sorted(used - allowed)} and does not declare it"
    # Lists have some implicitly: a list that fits on one page does not need them.
    implicit = OF_LISTS if isinstance(function.declaration, Endpoint) and function.declaration.paginates else ()
    needs = {grant: set(grant.actions or grant.partitions) for grant in grants if grant not in implicit}
    # A grant that only configures the function, as where webhooks may go, needs nothing of AWS.
    idle = [grant.name for grant, wanted in needs.items() if wanted and not used & wanted]
    assert not idle, f"{function.name} declares {idle} and never needs it"


@pytest.fixture(autouse=True)
def _note_what_is_used(
    request: pytest.FixtureRequest, aws: AwsCalls, _declared_equals_used: set[str]
) -> Iterator[None]:
    yield
    function = _function_of(request)
    _declared_equals_used |= aws.actions_of(function) | aws.partitions_of(function)


def _function_of(request: pytest.FixtureRequest) -> str:
    """The function of a test file, by the name of the file."""
    return str(request.module.__name__).rpartition(".")[2].removeprefix("test_")
