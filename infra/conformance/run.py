"""Runs assumptions, and compares their results with the known differences."""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from infra.conformance.assumption import Assumption, Violated
from infra.conformance.catalog import Differences


class Outcome(StrEnum):
    """How the result of a check compares with the expected one."""

    HOLDS = "ok"
    VIOLATED = "FAILED"
    DIFFERS = "differs, as known"
    HOLDS_UNEXPECTEDLY = "FAILED: holds now"


class Result(NamedTuple):
    """The result of one check; `reason` is why it failed, or why it is expected to."""

    assumption: Assumption
    outcome: Outcome
    reason: str = ""

    @property
    def failed(self) -> bool:
        """Whether this is no expected result."""
        return self.outcome in {Outcome.VIOLATED, Outcome.HOLDS_UNEXPECTEDLY}


def run(assumption: Assumption, subject: object, known: Differences) -> Result:
    """Check one assumption. A known difference that has disappeared is a failure too."""
    violation = _violation(lambda: assumption.check(subject))
    difference = known.get(assumption.name)
    if difference is None:
        return Result(assumption, Outcome.VIOLATED, violation) if violation else Result(assumption, Outcome.HOLDS)
    if violation:
        return Result(assumption, Outcome.DIFFERS, difference)
    return Result(assumption, Outcome.HOLDS_UNEXPECTEDLY, f"remove it from the known differences: {difference}")


def _violation(check: Callable[[], None]) -> str:
    try:
        check()
    except Violated as violation:
        return str(violation)
    except (ClientError, BotoCoreError, KeyError, IndexError, ValueError, NotImplementedError) as error:
        # AWS refused a call that the check needs, an emulator does not have it, or its response lacks a part.
        return f"{type(error).__name__}: {error}"
    return ""


def table(results: Iterable[Result]) -> Iterator[str]:
    """The results as lines, by area, and the failures with their reasons."""
    found = list(results)
    width = max((len(one.assumption.name) for one in found), default=0)
    area: Any = None
    for one in found:
        if one.assumption.area != area:
            area = one.assumption.area
            yield f"\n{area}"
        name = one.assumption.name.replace("_", " ")
        yield f"  {name:<{width}}  {one.outcome}"
        if one.reason:
            yield f"      {one.reason}"
    failed = sum(one.failed for one in found)
    known = sum(one.outcome is Outcome.DIFFERS for one in found)
    yield f"\n{len(found)} assumptions: {len(found) - failed - known} hold, {known} differ as known, {failed} failed."


def exit_code(results: Iterable[Result], left_over: Iterable[str]) -> int:
    """The exit code of a run: 0 if all results are as expected and all resources are removed."""
    return 1 if any(result.failed for result in results) or any(left_over) else 0
