"""The benchmarks run, and the README has their figures."""

import json
import re

import pytest

from infra.readme import FIGURES
from tests.benchmarks import init, scale
from tests.benchmarks.figures import CONCLUSIONS, SECTIONS, Figure


def test_the_saved_figures_are_those_of_the_program() -> None:
    saved = json.loads(FIGURES.read_text())
    assert list(saved) == [name for name in SECTIONS if name in saved]
    for section in saved.values():
        assert section["figures"]
        assert all(len(figure) == len(Figure._fields) for figure in section["figures"])


def test_the_conclusions_about_starts_are_found() -> None:
    starts = {"(a) import boto3": 0.2, "(b) usual handler": 0.4, "(b) as the CDK ships it": 0.8}
    lines = "\n".join(init._starts({**starts, "fast": 0.1, "slow": 0.3}, {}, ["fast", "slow"]))
    found = {name: re.search(pattern, lines) for name, pattern in CONCLUSIONS.items() if name.startswith("Start of")}
    assert {name: match and match.group(1) for name, match in found.items()} == {
        "Start of the fastest function": "0.25",
        "Start of the median function": "0.50",
        "Start of the slowest function": "0.75",
    }


def test_a_page_uses_the_same_among_few_and_many() -> None:
    assert scale.page_of_a_list(30) == scale.page_of_a_list(120)


@pytest.mark.slow
def test_a_billing_run_takes_nine_calls_for_95_drafts() -> None:
    """Three reads and five transactions, after one of the run. The short form: test_a_block_is_one_transaction."""
    assert scale.billing_run(95).calls == 1 + 3 + 5


def test_an_hour_takes_18_calls_for_24_subscriptions() -> None:
    assert scale.hours_run(scale.UNITS) == 18


def test_a_run_uses_units_for_each_due_invoice() -> None:
    few, many = scale.dunning_run(1), scale.dunning_run(2)
    assert few.calls < many.calls
    assert few.units < many.units <= 2 * few.units
