"""The table's stream → the bus"""

from collections.abc import Mapping
from typing import Any

from invoicing.aws.grants import Grant
from invoicing.consumers.table_stream import table_stream
from invoicing.outbox.publishing import publish_events


@table_stream(sort_key_prefix="ACT#", grants=[Grant.COMMIT, Grant.PUBLISH])
def handler(rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Publish the events of new timeline entries.

    Returns the sequence numbers of the records that EventBridge rejected.
    """
    failed = {id(row) for row in publish_events(list(rows.values()))}
    return [number for number, row in rows.items() if id(row) in failed]
