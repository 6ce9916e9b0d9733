"""`@run_step`: the consumer that advances billing runs, step by step."""

from collections.abc import Callable
from typing import Self, Unpack

from invoicing.consumers.consumer import Consumer, Options, consumer
from invoicing.consumers.source import EventSource, Facts, Task
from invoicing.core.event import INTERNAL, SOURCE
from invoicing.core.model import Model
from invoicing.outbox.deferring import defer

STEP_REQUESTED = "billing_run.step_requested"
"""The internal event by which a step requests the one after it."""
DRAFTING_REQUESTED = "billing_run.drafting_requested"
"""The same for a step that creates drafts of subscriptions."""


class RunReference(Model):
    """The run in an event."""

    id: str


class RunStep(Model):
    """A step of a run: an event about the run, or the request of the step before."""

    tenant_id: str
    resource: RunReference
    run_version: int | None = None
    """Version of the run when a step requested this one; None in an event about the run."""

    @classmethod
    def of(cls, tenant_id: str, run_id: str) -> Self:
        """A step of a run."""
        return cls(tenant_id=tenant_id, resource=RunReference(id=run_id))


def request_step(step: RunStep, *, status: str, version: int) -> None:
    """Request the step that follows in this status and version of the run, from the consumer of that status."""
    following = DRAFTING_REQUESTED if status == "drafting" else STEP_REQUESTED
    defer(following, step.model_copy(update={"run_version": version}))


class _Message(Model):
    detail: RunStep


class RunSteps(EventSource):
    """The events that begin the work of a run, and the internal ones by which it continues."""

    @property
    def senders(self) -> tuple[str, ...]:
        """This service, and the steps themselves."""
        return (SOURCE, INTERNAL)

    @property
    def description(self) -> str:
        """The trigger, as the README lists it."""
        return "event " + ", ".join(f"`{event}`" for event in self.events)

    def read(self, body: str, facts: Facts) -> Task:
        """Get the step. Each delivery continues the run from its progress, so an event has no effect of its own."""
        step = _Message.model_validate_json(body).detail
        facts |= {"tenant_id": step.tenant_id, "run_id": step.resource.id}
        return Task(step, step.tenant_id)


def run_step(*events: str, **options: Unpack[Options]) -> Callable[[Callable[..., None]], Consumer]:
    """Make a function the consumer of the steps that these events begin: `handler(step, request)`."""
    return consumer(RunSteps(events), options)
