"""After any failure of any AWS call, a repetition leaves the same state as an undisturbed request."""

import random
from collections.abc import Iterator

import pytest

from tests.faults.injection import Fault, Kind
from tests.faults.subjects import names
from tests.faults.sweep import Case, Sweep, Sweeps

NAMES = names()
IN_PAIRS = (
    "finalize_invoice", "record_payment", "credit_invoice", "cancel_invoice", "run_dunning", "bill_units",
    "advance_run",
)  # fmt: skip
"""The functions whose repetition is disturbed too."""
COMMON = {f"dynamodb:{name}" for name in ("BatchGetItem", "GetItem", "Query", "TransactWriteItems")}
PARTS = 10
FIRST_PARTS = 2
FIRST_CASES = 4_800
"""The number of cases in the first two parts, which CI runs: every single fault, and pairs."""


def chosen(sweep: Sweep) -> Iterator[Case]:
    """Each kind of fault once, at calls spread over the function, and each at its uncommon operations."""
    calls, start = len(sweep.calls), NAMES.index(sweep.name)
    for number, kind in enumerate(Kind):
        yield Case(sweep.name, (Fault(1 + (start * 3 + number * 7) % calls, kind),))
    for operation in dict.fromkeys(sweep.calls):
        if operation not in COMMON:
            yield from (Case(sweep.name, (Fault(1 + sweep.calls.index(operation), kind),)) for kind in Kind)


def every_case(sweeps: Sweeps) -> list[Case]:
    """All single faults, then all pairs in a fixed random order."""
    singles = [case for name in NAMES for case in sweeps.of(name).singles()]
    pairs = [case for name in IN_PAIRS for case in sweeps.of(name).pairs()]
    random.Random(20).shuffle(pairs)
    return singles + pairs


def part_of(cases: list[Case], part: int) -> list[Case]:
    """One of ten parts; the first two are larger."""
    first, rest = cases[:FIRST_CASES], cases[FIRST_CASES:]
    found = first[part::FIRST_PARTS] if part < FIRST_PARTS else rest[part - FIRST_PARTS :: PARTS - FIRST_PARTS]
    return sorted(found)


@pytest.mark.parametrize("name", NAMES)
def test_a_retry_ends_as_without_the_fault(sweeps: Sweeps, name: str) -> None:
    sweeps.require_sound(list(chosen(sweeps.of(name))))


def test_the_chosen_cases_cover_each_kind_at_each_operation(sweeps: Sweeps) -> None:
    cases = {case for name in NAMES for case in chosen(sweeps.of(name))}
    covered = {(sweeps.of(case.name).calls[case.faults[0].call - 1], case.faults[0].kind) for case in cases}
    operations = {call for name in NAMES for call in sweeps.of(name).calls}
    assert covered == {(operation, kind) for operation in operations for kind in Kind}
    assert len(cases) >= 300
    # `.ci/run` runs every single fault.
    assert sum(1 for name in NAMES for _ in sweeps.of(name).singles()) < FIRST_CASES


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_all_faults_and_pairs_end_as_without_them(sweeps: Sweeps, part: int) -> None:
    sweeps.require_sound(part_of(every_case(sweeps), part))


def test_one_case_can_be_repeated(sweeps: Sweeps, request: pytest.FixtureRequest) -> None:
    text = request.config.getoption("--case", default=None) or "record_payment:2:answer_lost"
    case = Case.of(text)
    assert str(case) == text
    sweeps.require_sound([case])
