"""Work that a function leaves to a consumer of this service, by an event of the bus that no other service receives."""

from itertools import batched

from pydantic import BaseModel

from invoicing import config
from invoicing.aws.clients import client
from invoicing.aws.errors import AWS_FAULTS, content_rejected
from invoicing.core.errors import OutcomeUnknown
from invoicing.core.event import INTERNAL
from invoicing.core.tolerant import WrittenByNewerVersion
from invoicing.outbox.rows import ENTRIES_A_CALL, NotPublished
from invoicing.store.retry import LOST_RACES

NOT_NOW: tuple[type[Exception], ...] = (*LOST_RACES, OutcomeUnknown, WrittenByNewerVersion, *AWS_FAULTS)
"""Failures of a write that may succeed later, or that the consumer's dead-letter queue then shows to the operator.

They decide nothing about the resources in it.
"""


def may_pass(error: Exception) -> bool:
    """Whether a failed write may succeed later as it is."""
    return isinstance(error, NOT_NOW) and not content_rejected(error)


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
