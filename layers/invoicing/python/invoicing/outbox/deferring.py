"""Work that a function leaves to a consumer of this service, by an event of the bus that no other service receives."""

from pydantic import BaseModel

from invoicing import config
from invoicing.aws.clients import client
from invoicing.aws.errors import AWS_FAULTS
from invoicing.core.errors import ConcurrentModification, OutcomeUnknown
from invoicing.core.event import INTERNAL
from invoicing.core.tolerant import WrittenByNewerVersion
from invoicing.outbox.rows import NotPublished

NOT_NOW: tuple[type[Exception], ...] = (ConcurrentModification, OutcomeUnknown, WrittenByNewerVersion, *AWS_FAULTS)
"""Failures of a write that may succeed later, or that the consumer's dead-letter queue then shows to the operator."""


def defer(name: str, detail: BaseModel) -> None:
    """Publish an internal event. Raises `NotPublished` if the bus did not accept it."""
    entry = {
        "EventBusName": config.setting("BUS_NAME"),
        "Source": INTERNAL,
        "DetailType": name,
        "Detail": detail.model_dump_json(exclude_none=True),
    }
    try:
        failed = client("events").put_events(Entries=[entry])["FailedEntryCount"]  # type: ignore[list-item]
    except AWS_FAULTS as error:
        raise NotPublished(1) from error
    if failed:
        raise NotPublished(failed)
