"""`@schedule`: functions that run at fixed times. They have no queue and no message: a failed run is not repeated."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from invoicing.aws.grants import Grant
from invoicing.core import clock
from invoicing.http.declaration import Declaration, Layer, operation_of
from invoicing.http.warm import started
from invoicing.observability import log_line


@dataclass(frozen=True, kw_only=True)
class Schedule(Declaration):
    """A function that runs at fixed times (UTC). `expression` is EventBridge Scheduler's."""

    expression: str
    handle: Callable[..., None]

    def __call__(self, event: Mapping[str, Any], context: object) -> None:  # noqa: ARG002 — Lambda's form
        """Run once."""
        begun = time.perf_counter()
        try:
            self.handle(clock.now())
        except Exception:
            log_line(operation_of(self.handle), begun, unexpected=True, facts={})
            raise
        log_line(operation_of(self.handle), begun, unexpected=False, facts={})


def schedule(
    expression: str, *, grants: Sequence[Grant], layers: Sequence[Layer] = (), timeout: int = Schedule.timeout
) -> Callable[[Callable[..., None]], Schedule]:
    """Run `handler(now)` at fixed times, e.g. `rate(5 minutes)`."""

    def declare(handle: Callable[..., None]) -> Schedule:
        declared = Schedule(expression=expression, grants=grants, layers=layers, timeout=timeout, handle=handle)
        started(declared.grants)
        return declared

    return declare
