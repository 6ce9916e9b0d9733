"""The table's stream → the bus"""

from collections.abc import Mapping
from typing import Any

from invoicing.aws.grants import Grant
from invoicing.consumers.schedule import stream_subscriber
from invoicing.outbox.publishing import publish_events


@stream_subscriber(sort_key_prefix="ACT#", grants=[Grant.COMMIT, Grant.PUBLISH])
def handler(rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Publish the events of new timeline entries.

    Returns the sequence numbers of the records that EventBridge rejected.
    """
    failed = {id(row) for row in publish_events(list(rows.values()))}
    return [number for number, row in rows.items() if id(row) in failed]
