"""From which value on an alarm is raised, by stage."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=0)]
Percent = Annotated[float, Field(gt=0, le=100)]
Seconds = Annotated[int, Field(ge=1)]


class Thresholds(BaseModel):
    """The thresholds of the alarms; each counts five minutes. An alarm is raised by a value above its threshold."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)

    server_errors: Count = 0
    """Responses with status 5xx."""
    unexpected_errors: Count = 0
    """Unexpected errors of functions, and failed runs of schedules."""
    authorizer_errors: Count = 0
    """Failed or throttled runs of the authorizer."""
    throttled_requests: Count = 100
    """Requests that the gateway refused with status 429."""
    dead_letters: Count = 0
    """Messages in dead-letter queues."""
    unpublishable_events: Count = 0
    """Events that the bus refused and the outbox put aside."""
    late_events: Count = 0
    """Events that were published more than two minutes late."""
    stream_seconds: Seconds = 60
    """Seconds that the publisher of events is behind the table."""
    rendering_seconds: Seconds = 300
    """Seconds that the oldest document waits to be rendered."""
    run_rendering_seconds: Seconds = 7_200
    """Seconds that the oldest document of a billing run waits to be rendered."""
    deferred_emails: Count = 0
    """E-mails that SES did not accept."""
    bounce_percent: Percent = 5.0
    """Bounced e-mails. SES reviews an account above 5 % and can suspend it above 10 %."""
    complaint_percent: Percent = 0.1
    """Complaints about e-mails. SES reviews an account above 0.1 % and can suspend it above 0.5 %."""
    cost_usd: Annotated[int, Field(ge=1)] | None = None
    """Unusual cost in USD. Needs the cost allocation tag `service`; without a value there is no such alarm."""
