"""Work that a function leaves to a consumer of this service, by an event of the bus that no other service receives."""

from itertools import batched

from pydantic import BaseModel

from invoicing import config
from invoicing.aws.clients import client
from invoicing.aws.errors import AWS_FAULTS
from invoicing.core.errors import ConcurrentModification, OutcomeUnknown
from invoicing.core.event import INTERNAL
from invoicing.core.tolerant import WrittenByNewerVersion
from invoicing.outbox.rows import ENTRIES_A_CALL, NotPublished

NOT_NOW: tuple[type[Exception], ...] = (ConcurrentModification, OutcomeUnknown, WrittenByNewerVersion, *AWS_FAULTS)
"""Failures of a write that may succeed later, or that the consumer's dead-letter queue then shows to the operator."""


def defer(name: str, *details: BaseModel) -> None:
    """Publish internal events, ten in a call. Raises `NotPublished` if the bus did not accept one."""
    for some in batched(details, ENTRIES_A_CALL, strict=False):
        entries = [
            {
                "EventBusName": config.setting("BUS_NAME"),
                "Source": INTERNAL,
                "DetailType": name,
                "Detail": detail.model_dump_json(exclude_none=True),
            }
            for detail in some
        ]
        try:
            failed = client("events").put_events(Entries=entries)["FailedEntryCount"]  # type: ignore[arg-type]
        except AWS_FAULTS as error:
            raise NotPublished(len(entries)) from error
        if failed:
            raise NotPublished(failed)
