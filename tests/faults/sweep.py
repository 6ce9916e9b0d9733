"""One case of the sweep: an invocation with a fault, repeated as its caller does, compared with one without."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Self

from invoicing.aws.uploads import INCOMING
from tests.aws import AwsCalls
from tests.conftest import Clock
from tests.faults.injection import Fault, Kind, injected
from tests.faults.rules import broken_rules
from tests.faults.snapshots import inflated, new_worker, objects, restore, rows
from tests.faults.subjects import Outcome, Subject, subject
from tests.uploads import check_stored_files

MOST_REPETITIONS = 6
RETRIED = {409, 429, 500, 503, 504}
"""The statuses after which a client repeats its request."""
COMMAND = "uv run pytest -n 0 tests/faults/test_sweep.py -k one_case --case"


class Case(NamedTuple):
    """A function, and a fault for each of its first attempts."""

    name: str
    faults: tuple[Fault, ...]

    def __str__(self) -> str:
        return ":".join([self.name, "+".join(f"{fault.call}:{fault.kind}" for fault in self.faults)])

    @classmethod
    def of(cls, text: str) -> Self:
        """The case that a command line names: `record_payment:3:answer_lost` or `…:3:answer_lost+1:throttled`."""
        name, _, faults = text.partition(":")
        pairs = (one.split(":") for one in faults.split("+"))
        return cls(name, tuple(Fault(int(call), Kind(kind)) for call, kind in pairs))


class Attempt(NamedTuple):
    """An invocation: its response (None if the worker died), its calls, and whether its fault occurred."""

    outcome: Outcome | None
    calls: tuple[str, ...]
    disturbed: bool


class Ended(NamedTuple):
    """The attempts of a case, and the durable state after them."""

    attempts: list[Attempt]
    state: list[str]
    files: list[str]


@dataclass
class Sweep:
    """The cases of one function, each run from the same state."""

    name: str
    subject: Subject
    at: Clock
    aws: AwsCalls
    known: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, name: str, empty: Any, at: Clock, aws: AwsCalls) -> Self:
        """The sweep of a function."""
        made = cls(name, subject(name, empty, at, aws), at, aws)
        restore(made.subject.begin, at, aws)
        made.known = set(_ID.findall(repr(rows()) + repr(list(objects()))))
        return made

    @cached_property
    def undisturbed(self) -> Ended:
        """The result without a fault."""
        ended = self._run(())
        assert all(one.outcome and one.outcome.done for one in ended.attempts), ended.attempts
        broken = broken_rules(rows(), objects())
        assert not broken, broken
        return ended

    @property
    def calls(self) -> tuple[str, ...]:
        """The calls of an undisturbed invocation."""
        return self.undisturbed.attempts[0].calls

    def singles(self) -> Iterator[Case]:
        """Each fault at each call."""
        for call in range(1, len(self.calls) + 1):
            yield from (Case(self.name, (Fault(call, kind),)) for kind in Kind)

    def pairs(self) -> Iterator[Case]:
        """Each fault at each call of the first attempt, with each fault at each call of the second."""
        for one in self.singles():
            for other in self.singles():
                yield Case(self.name, (*one.faults, *other.faults))

    def wrong(self, case: Case) -> list[str]:
        """The differences that a case left; empty if everything is as without the fault."""
        expected = self.undisturbed
        try:
            ended = self._run(case.faults)
        except AssertionError as failed:
            return [str(failed)]
        answered = [one for one in ended.attempts if not (self.subject.reads and one.disturbed)]
        found = list(_wrong_answers(answered, self._answer(expected.attempts[0]), self._answer))
        found += _differences(expected.state, ended.state)
        found += [f"files: {ended.files} instead of {expected.files}"] if ended.files != expected.files else []
        mails = sum(call.name == "ses:SendEmail" for call in self.aws.calls)
        if mails > self._mails + len(case.faults):
            found.append(f"{mails} mails were sent")
        return found + broken_rules(rows(), objects())

    def _run(self, faults: Sequence[Fault]) -> Ended:
        restore(self.subject.begin, self.at, self.aws)
        attempts: list[Attempt] = []
        done = 0
        while done < 2:
            assert len(attempts) < len(faults) + MOST_REPETITIONS, f"never done: {attempts[-1]}"
            fault = faults[len(attempts)] if len(attempts) < len(faults) else None
            attempts.append(self._attempt(fault))
            outcome = attempts[-1].outcome
            done += bool(len(attempts) >= len(faults) and fault is None and outcome and outcome.done)
            self.at.now += self.subject.wait
        self.subject.afterwards()
        if not faults or self._files() != self.undisturbed.files:
            # A file that a dead worker had stored is found when S3 reports it.
            assert check_stored_files(self._tenant) == []
        return Ended(attempts, self._state(), self._files())

    def _attempt(self, fault: Fault | None) -> Attempt:
        new_worker()
        outcome: Outcome | None = None
        with injected(self.subject.function, fault, self.aws) as injection:
            outcome = self.subject.invoke()
        return Attempt(outcome, tuple(injection.calls), fault is not None and len(injection.calls) >= fault.call)

    @cached_property
    def _mails(self) -> int:
        return self.calls.count("ses:SendEmail")

    @cached_property
    def _tenant(self) -> str:
        return min(one for one in self.known if one.startswith("ten_"))

    def _state(self) -> list[str]:
        # A mail that SES accepted only later is no fault.
        counted = (row for row in rows() if row.get("detail_type") != "email.deferred")
        return sorted(self._plain(repr(_decoded(row))) for row in counted)

    def _files(self) -> list[str]:
        # The bucket's lifecycle deletes uploads that were accepted.
        stored = {name: content for name, content in objects().items() if not name.startswith(INCOMING)}
        return sorted(self._plain(f"{name} {content!r}") for name, content in stored.items())

    def _answer(self, attempt: Attempt) -> str:
        return self._plain(attempt.outcome.answer) if attempt.outcome else ""

    def _plain(self, text: str) -> str:
        """A text without the parts that differ between runs."""
        text = _ID.sub(lambda found: found[0] if found[0] in self.known else f"{found[0].partition('_')[0]}_*", text)
        for pattern, replacement in _RANDOM:
            text = pattern.sub(replacement, text)
        return text


_ID = re.compile(r"[a-z]+_[0-7][0-9A-HJKMNP-TV-Z]{25}")
_RANDOM = [
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "<instant>"),
    (re.compile(r"OUTBOX#\d"), "OUTBOX#*"),
    (re.compile(r"(?<=/downloads/)[\w-]{43}"), "<token>"),
    (re.compile(r"(?<=/pages/)[\w-]{43}"), "<token>"),
    (re.compile(r"ik_test_\w{49}"), "<secret>"),
    (re.compile(r"ik_test_\w{4}\b"), "<hint>"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "<sha256>"),
    # Banks know transactions and files by ids without a prefix.
    (re.compile(r"\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b"), "<ulid>"),
    (re.compile(r"('purge_at': )\d+"), r"\1<instant>"),
    # The measured time of a request to a receiver of webhooks.
    (re.compile(r'("duration_ms": ?)\d+'), r"\1<time>"),
    (re.compile(r"DUN-2026-\d{6}"), "DUN-<whichever invoice came first>"),
    # If it is unknown whether a mail was sent, it is sent again, which is counted.
    (re.compile(r'("message_id": ?")[^"]+'), r"\1<SES's>"),
    (re.compile(r'("message_ids": ?\[)[^]]+'), r"\1<SES's>"),
    (re.compile(r'("attempts": ?)\d+'), r"\1<counted>"),
    (re.compile(r',"(deferred|retry)_at":"<instant>"'), ""),
    # Each read counts.
    (re.compile(r"('uses': )\d+"), r"\1<counted>"),
    # KMS encrypts the same secret differently each time.
    (re.compile(r'("sealed":\{)[^}]*'), r"\1<encrypted>"),
    (re.compile(r"X-Amz-[\w-]+=[^&']+"), "<signature>"),
    (re.compile(r"('mails': )\d+"), r"\1<counted>"),
    # Fields that only the first response shows.
    (re.compile(r'"(secret|url)":(null|"[^"]*")'), r'"\1":<shown once>'),
    (re.compile(r'"fields":(null|\{[^}]*\})'), '"fields":<shown once>'),
]


def _decoded(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with its compressed content as text. Parts of a content in several parts stay compressed."""
    plain = dict(sorted(row.items()))
    if "part" in row:
        plain["part"] = inflated([row["part"]]) if row.get("parts", 1) == 1 else row["part"]
    # Every write counts, also those that continued the work of a dead worker.
    return {name: value for name, value in plain.items() if name not in ("revision", "token")}


def _differences(expected: list[str], found: list[str]) -> list[str]:
    """The missing and surplus rows; for changed rows, the place of the first difference."""
    missing, surplus = _without(expected, found), _without(found, expected)
    if len(missing) != len(surplus):
        return [f"missing: {row}" for row in missing] + [f"too much: {row}" for row in surplus]
    begins = [_common(*pair) for pair in zip(missing, surplus, strict=True)]
    return [
        f"{one[:100]}… has {other[max(0, at - 40) : at + 80]!r} instead of {one[max(0, at - 40) : at + 80]!r}"
        for one, other, at in zip(missing, surplus, begins, strict=True)
    ]


def _common(one: str, other: str) -> int:
    """The length of the common beginning of two texts."""
    return next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(one))


def _without(some: list[str], others: list[str]) -> list[str]:
    left = list(others)
    return [row for row in some if row not in left or left.remove(row)]  # type: ignore[func-returns-value]


def _wrong_answers(attempts: Sequence[Attempt], expected: str, plain: Any) -> Iterator[str]:
    for number, attempt in enumerate(attempts, 1):
        outcome = attempt.outcome
        if outcome is None:
            continue
        if outcome.done and outcome.status and plain(attempt) != expected:
            yield f"attempt {number} answered {plain(attempt)} instead of {expected}"
        if not outcome.done and outcome.status and outcome.status not in RETRIED:
            yield f"attempt {number} was refused: {outcome.answer}"
        if not outcome.done and outcome.status and not attempt.disturbed:
            yield f"attempt {number} failed without a fault: {outcome.answer}"


@dataclass
class Sweeps:
    """The sweeps of all functions, each prepared at its first use."""

    empty: Any
    at: Clock
    aws: AwsCalls
    made: dict[str, Sweep] = field(default_factory=dict)

    def of(self, name: str) -> Sweep:
        """The sweep of a function."""
        if name not in self.made:
            self.made[name] = Sweep.of(name, self.empty, self.at, self.aws)
        return self.made[name]

    def require_sound(self, cases: Sequence[Case]) -> None:
        """Fail if a case leaves a difference, with the command that repeats the first one."""
        wrong = {case: found for case in cases if (found := self.of(case.name).wrong(case))}
        assert not wrong, _report(wrong)


def _report(wrong: Mapping[Case, Sequence[str]]) -> str:
    case, found = next(iter(wrong.items()))
    others = [str(one) for one in list(wrong)[1:20]]
    return "\n".join([f"{COMMAND} {case}", *(one[:500] for one in found[:20]), f"{len(wrong)} cases; also {others}"])
