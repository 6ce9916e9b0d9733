"""The office of the simulation of all writers, and the option that makes the simulation longer."""

from collections.abc import Iterator

import pytest

from tests.simulation.office import Office, opened


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seeds", help="seeds of the simulation of all writers: a number, or one seed as `=7`")


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    """A company in an account of its own."""
    with opened() as found:
        yield found
