"""The company that the simulation of all writers is about."""

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from functions.events import render_dunning_document
from invoicing.bank import importing
from invoicing.core import clock, ids
from invoicing.issuing import workflow as issuing
from invoicing.rendering import pages as rendering
from invoicing.store import retry as retrying
from invoicing.store import transaction
from invoicing.webhooks import outgoing
from tests import builders
from tests.aws import AwsCalls, account, seed
from tests.conftest import Clock
from tests.simulation.effects import violations
from tests.simulation.interleaving import Interleaving
from tests.simulation.requests import REQUESTS, Choice
from tests.simulation.writers import Company, Day
from tests.world import signed_in

COMMAND = "uv run pytest -n 0 tests/simulation/test_writers.py -k chosen --seeds"
PDF = b"%PDF-1.7 a stand-in"


class Time:
    """The waits of the service, which let others continue and take no time."""

    def __init__(self) -> None:
        self.stage: Interleaving | None = None
        self.passed = 0.0

    def sleep(self, seconds: float) -> None:
        self.passed += seconds
        if self.stage is not None:
            self.stage.pause()

    def monotonic(self) -> float:
        return self.passed


class Office:
    """A company with one simulated day for each seed."""

    def __init__(self, company: Company, at: Clock, aws: AwsCalls, time: Time, patch: pytest.MonkeyPatch) -> None:
        self.company, self.at, self.aws, self.time, self.patch = company, at, aws, time, patch
        self.ran: set[str] = set()
        """The functions that ran on the last day."""

    def wrong(self, number: int, choices: Sequence[Choice] = REQUESTS) -> list[str]:
        """The violations after the day of a seed, with requests of these kinds."""
        chance = random.Random(number)
        self.patch.setattr(clock, "random", chance)
        self.patch.setattr(ids, "secrets", SimpleNamespace(randbits=chance.getrandbits))
        self.time.stage = stage = Interleaving(self.aws, chance)
        day = Day(self.company, self.at, stage, choices)
        self.patch.setattr(outgoing, "post", day.receiver.post)
        day.run()
        self.time.stage = None
        self.ran = stage.ran
        return violations(day)

    def require_order(self, numbers: Iterable[int]) -> set[str]:
        """Fail if a seed leads to a violation, with the command that repeats it. Returns the functions that ran."""
        ran: set[str] = set()
        for number in numbers:
            found = self.wrong(number)
            assert not found, "\n".join([f"{COMMAND} ={number}", *(one[:500] for one in found[:20])])
            ran |= self.ran
        return ran


@contextmanager
def opened() -> Iterator[Office]:
    """The company, in an account without waits. Rendering is replaced, because other tests check the documents."""
    at, time = Clock(), Time()
    with pytest.MonkeyPatch.context() as patch, account() as aws:
        patch.setattr(clock, "now", lambda: at.now)
        for module in (clock, importing, retrying, transaction, issuing):
            patch.setattr(module, "time", time)
        patch.setattr(rendering, "render_pdf", lambda *_, **__: PDF)
        patch.setattr(render_dunning_document, "render_dunning_letter", lambda *_, **__: PDF)
        # The ids of the company itself are the same in each process too.
        patch.setattr(ids, "secrets", SimpleNamespace(randbits=random.Random(0).getrandbits))
        company = builders.tenant()
        seed(company.id, company)
        yield Office(Company(signed_in(company), at), at, aws, time, patch)
