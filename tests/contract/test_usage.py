"""No function needs more calls to AWS or more capacity units than the file of usages has.

A change that needs more is a decision: renew the file with `uv run python -m tests.benchmarks.usage`, and review it.
"""

from collections.abc import Callable, Iterator

import pytest

from tests.benchmarks.usage import Usage, measured_functions, measuring, stored

RENEW = "review it and run: uv run python -m tests.benchmarks.usage"


@pytest.fixture(scope="module")
def measure() -> Iterator[Callable[[str], Usage]]:
    with measuring() as found:
        yield found


@pytest.mark.parametrize("name", measured_functions())
def test_a_function_uses_aws_as_before(name: str, measure: Callable[[str], Usage]) -> None:
    assert measure(name) == stored().get(name), RENEW


def test_the_file_has_every_function_and_no_other() -> None:
    assert sorted(stored()) == sorted(measured_functions()), RENEW
