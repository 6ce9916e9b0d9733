"""Each published example of repeated billing is a test that has its id in its name or among its parameters."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
FILES = ("unit/test_subscription_*.py", "unit/test_price_models.py", "functions/test_*.py", "functions/*/test_*.py")
SOURCE = TESTS.parents[1] / "shared" / "oracles" / "billing.md"
"""The examples with their sources, where they are beside the repository."""
EXAMPLES = {
    "A": (1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 14, 15, 16, 17, 19),
    "P": (*range(1, 7), 8, 9, 11, 12, 13, 15, 16, 17, *range(19, 30), 31, 32, *range(34, 40)),
    "M": (*range(1, 17), 20, 21, 23, 24, 25, 26),
    "S": (2, 3),
}
"""The numbers of the examples: anchors and periods, shares, models of prices, and sequences."""
LATER = re.compile(r"C\d\d|M18|S0[4-8]")
"""Those about coupons, usage and groups, which the service does not have."""
IDS = {f"{kind}{number:02}" for kind, numbers in EXAMPLES.items() for number in numbers}


def ids_in(module: ast.Module) -> Iterator[str]:
    """The words in the names and parameters of the tests of a module, as ids are written."""
    for one in module.body:
        if isinstance(one, ast.FunctionDef) and one.name.startswith("test_"):
            yield from one.name.upper().split("_")
            nodes = (inner for part in one.decorator_list for inner in ast.walk(part))
            texts = (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
            yield from (text.partition("-")[0] for text in texts)


def test_each_published_example_is_a_test() -> None:
    modules = [ast.parse(path.read_text()) for pattern in FILES for path in TESTS.glob(pattern)]
    assert IDS - {id_ for module in modules for id_ in ids_in(module)} == set()


@pytest.mark.skipif(not SOURCE.exists(), reason="The published examples are not beside the repository.")
def test_the_examples_are_all_that_were_found() -> None:
    rows = re.findall(r"^\| ([A-Z]\d\d) \|", SOURCE.read_text(), re.MULTILINE)
    assert {one for one in rows if not LATER.fullmatch(one)} == IDS
