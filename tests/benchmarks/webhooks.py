"""The delay of webhooks while one of twenty endpoints hangs, as a ratio to the delay while all respond.

    uv run python -m tests.benchmarks.webhooks

In simulated time, so that the machine does not matter: workers take messages as Lambda does from a FIFO queue, one at a
time within each group. The service decides about each attempt; only the receivers and the clock are simulated.
"""

import heapq
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from statistics import quantiles
from typing import NamedTuple

import pytest

from invoicing.aws.queues import OrderedMessage
from invoicing.core.identity import Caller
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.webhooks import delivering, fan_out, outgoing
from invoicing.webhooks.addresses import Targets
from invoicing.webhooks.delivery import WebhookAttempt
from invoicing.webhooks.fan_out import DeliveryMessage
from invoicing.webhooks.outgoing import ALL_SECONDS, WebhookOutcome
from tests import builders
from tests.aws import account, seed
from tests.builders import NOON
from tests.events import function
from tests.webhooks import customers, listen
from tests.world import signed_in

ENDPOINTS, EVENTS = 20, 25
RESPONDS_SECONDS = 0.2
HANGS = "https://hangs.example.com/"


class Busy(NamedTuple):
    """A worker with a message: when it is done, and the group that waits for it."""

    until: float
    number: int
    group: str


class Workers:
    """The workers of the queue, in simulated time."""

    def __init__(self, most: int) -> None:
        self.now = 0.0
        self._most = most
        self._busy: list[Busy] = []
        self._groups: set[str] = set()
        self._taken = 0

    def take(self, waiting: deque[OrderedMessage]) -> OrderedMessage:
        """The oldest message of a free group, once a worker is free."""
        while True:
            free = (one for one in waiting if one.group not in self._groups)
            found = next(free, None) if len(self._busy) < self._most else None
            if found is not None:
                waiting.remove(found)
                return found
            ended = heapq.heappop(self._busy)
            self._groups.discard(ended.group)
            self.now = ended.until

    def work(self, message: OrderedMessage, seconds: float) -> None:
        """Let a worker have a message for some time."""
        self._taken += 1
        self._groups.add(message.group)
        heapq.heappush(self._busy, Busy(self.now + seconds, self._taken, message.group))


def delays(hanging: int) -> list[float]:
    """The seconds that each delivery to an endpoint that responds takes from the queue to its response."""
    attempts: list[tuple[str, float]] = []

    def post(url: str, _body: str, _headers: Mapping[str, str], _targets: Targets, at: datetime) -> WebhookOutcome:
        seconds = ALL_SECONDS if url == HANGS else RESPONDS_SECONDS
        attempts.append((url, seconds))
        status, error = (None, "timeout") if url == HANGS else (200, None)
        duration = round(seconds * 1_000)
        return WebhookOutcome(WebhookAttempt(at=at, status_code=status, error=error, duration_ms=duration))

    with pytest.MonkeyPatch.context() as patch, account():
        patch.setattr("invoicing.core.clock.now", lambda: NOON)
        patch.setattr(outgoing, "post", post)
        waiting: deque[OrderedMessage] = deque()
        patch.setattr(fan_out, "enqueue_webhook", waiting.append)
        company = builders.tenant()
        seed(company.id, company)
        api = signed_in(company)
        for number in range(ENDPOINTS):
            listen(api, HANGS if number < hanging else f"https://hooks{number}.example.com/")
        customers(api, EVENTS)
        workers, found = Workers(_workers()), list[float]()
        while waiting:
            message = workers.take(waiting)
            attempts.clear()
            store = Store(Session(Caller.system(company.id), NOON))
            delivering.deliver(store, DeliveryMessage.model_validate_json(message.body))
            seconds = sum(duration for _, duration in attempts)
            workers.work(message, seconds)
            found += [workers.now + seconds for url, _ in attempts if url != HANGS]
        return found


def _workers() -> int:
    declared = function("deliver_webhook").declaration
    concurrency: int = getattr(declared, "concurrency", None) or 0
    return concurrency


def main() -> None:
    """Print the delays of both, and their ratio."""
    ends = []
    for name, hanging in {"all respond": 0, "one hangs": 1}.items():
        found = delays(hanging)
        cuts = quantiles(found, n=100)
        ends.append(cuts[98])
        print(f"{name:12} {len(found):4} deliveries   p50 {cuts[49]:.2f} s   p99 {cuts[98]:.2f} s")  # noqa: T201
    print(f"ratio of p99 {ends[1] / ends[0]:.2f}")  # noqa: T201


if __name__ == "__main__":
    main()
