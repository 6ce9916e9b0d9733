"""Events about billing runs."""

from typing import ClassVar

from invoicing.billing_runs.model import BillingRun, ParkedReason
from invoicing.core.activity import ActionKey
from invoicing.core.event import Event


class BillingRunEvent(Event):
    """An event about a billing run. Its object has the progress so far."""

    subject = BillingRun
    action_key: ClassVar[ActionKey] = "STATUS"


class BillingRunStarted(BillingRunEvent):
    """A billing run was started."""

    name = "billing_run.started"


class BillingRunParked(BillingRunEvent):
    """A billing run stopped before its end. It waits until it is resumed or canceled."""

    name = "billing_run.parked"

    reason: ParkedReason
    """Why the run is parked."""


class BillingRunResumed(BillingRunEvent):
    """A parked billing run was resumed."""

    name = "billing_run.resumed"


class BillingRunCanceled(BillingRunEvent):
    """A billing run was canceled. The documents that it had finalized stay."""

    name = "billing_run.canceled"


class BillingRunCompleted(BillingRunEvent):
    """A billing run has a result for each of its documents."""

    name = "billing_run.completed"


def end_of(run: BillingRun) -> tuple[BillingRunEvent, ...]:
    """The event of a step after which the run does not continue by itself."""
    match run.status:
        case "completed":
            return (BillingRunCompleted(),)
        case "parked":
            return (BillingRunParked(reason=run.parked_reason or "failure"),)
        case _:
            return ()
