"""Concurrent work: one thread for each actor, of which one runs at a time, switched at each call to AWS.

A seed decides which one continues, so that failures can be reproduced.
"""

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.aws import ENVIRONMENT, AwsCalls
from tests.aws_events import Listener, listening
from tests.faults.deaths import Killed
from tests.faults.injection import Fault, Injection
from tests.tripwire import everybody

GENEROUS = 300.0
"""Seconds after which a thread that does not continue is an error of the test."""


@dataclass
class Actor:
    """One piece of work. `fault` is for its first invocation of `function`."""

    function: str
    work: Callable[["Actor"], None]
    fault: Fault | None = None
    turn: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    injection: Injection | None = None
    failure: BaseException | None = None
    done: bool = False
    seen: Any = None


class Interleaving(Listener):
    """Runs actors, changing between them before each of their calls."""

    def __init__(self, aws: AwsCalls, chance: random.Random) -> None:
        self.aws, self.chance = aws, chance
        self.back = threading.Semaphore(0)
        self.current: Actor | None = None
        self.entries: list[Any] = []
        """The entries that the bus accepted."""
        self.queued: list[str] = []
        """The messages that the queue of webhooks accepted."""
        self.ran: set[str] = set()
        """The functions that ran."""

    def run(self, actors: Sequence[Actor]) -> None:
        """Run all actors until each is done."""
        threads = [threading.Thread(target=self._live, args=(one,), daemon=True) for one in actors]
        for thread in threads:
            thread.start()
        with listening(self):
            while waiting := [one for one in actors if not one.done]:
                self._let_go_on(self.chance.choice(waiting))
        for thread in threads:
            thread.join(GENEROUS)
        for one in actors:
            if one.failure is not None:
                raise one.failure

    def attempt[T](self, actor: Actor, invoke: Callable[[], T]) -> T | None:
        """One invocation; None if its worker died. The actor's fault occurs in its first one."""
        self.ran.add(actor.function)
        actor.fault, fault = None, actor.fault
        actor.injection = Injection(actor.function, fault, self.aws)
        try:
            return invoke()
        except Killed:
            return None
        finally:
            actor.injection = None

    def pause(self) -> None:
        """Let another actor continue. The caller continues at its next turn."""
        actor = self.current
        if actor is None:
            return
        actor.seen = self.aws.asking, self.aws.sight
        self.back.release()
        self._await(actor)

    def before(self, name: str, params: Mapping[str, Any]) -> None:
        """Let others continue before a call, then make it fail if it has a fault."""
        actor = self.current
        if actor is None or self.aws.asking is None:
            return
        self.pause()
        if actor.injection is not None:
            actor.injection.before(name, params)

    def after(self, name: str, params: Mapping[str, Any], answer: Any) -> None:
        """Keep the entries and messages that bus and queue accepted, then make a call fail after it was carried out."""
        if self.current is not None and name == "events:PutEvents":
            self.entries += params["Entries"]
        if self.current is not None and params.get("QueueUrl") == ENVIRONMENT["WEBHOOK_QUEUE_URL"]:
            self.queued.append(params["MessageBody"])
        if self.current is not None and self.current.injection is not None:
            self.current.injection.after(name, params, answer)

    def _let_go_on(self, actor: Actor) -> None:
        self.current = actor
        actor.turn.release()
        assert self.back.acquire(timeout=GENEROUS), f"{actor.function} does not go on"
        self.current = None
        self.aws.asking, self.aws.sight = None, everybody()

    def _await(self, actor: Actor) -> None:
        assert actor.turn.acquire(timeout=GENEROUS), f"{actor.function} is never continued"
        self.aws.asking, self.aws.sight = actor.seen or (None, everybody())

    def _live(self, actor: Actor) -> None:
        try:
            self._await(actor)
            actor.work(actor)
        except BaseException as failure:  # noqa: BLE001 — raised where the actors were started
            actor.failure = failure
        finally:
            actor.done = True
            self.back.release()
