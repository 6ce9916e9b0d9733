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
    assert scale.hours_run(scale.UNITS).calls == 18


def test_matching_takes_calls_by_the_number_of_transactions() -> None:
    """However many invoices are open: 9 calls a transaction, which the saved figures show among 10,000."""
    assert [scale.bank_matching(count, among).calls for count, among in ((1, 4), (4, 16))] == [9, 36]


def test_the_saved_figures_of_billing_are_within_their_bounds() -> None:
    """At most 0.1 calls a draft, 3 calls a subscription, 4.4 times as long for four times as many, and an hour."""
    saved = {name: facts for name, *facts in json.loads(FIGURES.read_text())["runs"]["figures"]}
    assert max(_numbers(saved["Billing run, each draft"])) <= 0.1
    assert float(saved["Billing run, at 10 ms a call"][-1]) <= 4.4
    assert max(_numbers(saved["Hour's run, each due subscription"])) <= 3
    assert float(saved["Hour's run of 10,000, at 10 ms a call"][-1]) <= 1


def test_the_saved_figures_of_statements_are_linear() -> None:
    """The same calls for each transaction, and at most 4.4 times as long for four times as many."""
    sections = json.loads(FIGURES.read_text())
    saved = {name: float(facts[-1]) for part in ("imports", "matching") for name, *facts in sections[part]["figures"]}
    assert {name: ratio for name, ratio in saved.items() if ratio > (4.4 if "10 ms" in name else 1.01)} == {}


def _numbers(facts: list[str]) -> list[float]:
    """The calls that a figure compares."""
    return [float(found) for found in re.findall(r": ([\d.]+) calls", " ".join(facts))]


def test_a_run_uses_units_for_each_due_invoice() -> None:
    few, many = scale.dunning_run(1), scale.dunning_run(2)
    assert few.calls < many.calls
    assert few.units < many.units <= 2 * few.units
