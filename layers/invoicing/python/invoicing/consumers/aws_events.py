"""`@aws_event`: consumers of events that AWS services publish on the account's default bus.

They are delivered at least once and in any order, always under the same id.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Unpack

from pydantic import BaseModel

from invoicing.consumers.consumer import Consumer, Options, consumer
from invoicing.consumers.source import EventSource, Facts, Task, task_of_detail


@dataclass(frozen=True)
class AwsEvents(EventSource):
    """Events of one AWS service about resources of this deployment. `only` is a pattern that their detail matches."""

    service: str
    detail: type[BaseModel]
    only: Mapping[str, Any] = field(default_factory=dict)

    @property
    def senders(self) -> tuple[str, ...]:
        """The AWS service."""
        return (self.service,)

    def read(self, body: str, facts: Facts) -> Task:
        """Get the detail, whose `tenant_id` is the tenant. It is handled once."""
        return task_of_detail(self.detail, body, facts)


def aws_event(
    *events: str,
    source: str,
    detail: type[BaseModel],
    only: Mapping[str, Any] | None = None,
    **options: Unpack[Options],
) -> Callable[[Callable[..., None]], Consumer]:
    """Make a function the consumer of these events of an AWS service: `handler(detail, request)`."""
    return consumer(AwsEvents(events, source, detail, only or {}), options)
