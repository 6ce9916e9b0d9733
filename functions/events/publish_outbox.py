"""The table's stream → the bus"""

from collections.abc import Mapping
from typing import Any

from invoicing.adapters.outbox import publish
from invoicing.api.grants import Grant
from invoicing.api.schedule import stream_subscriber


@stream_subscriber(sort_key_prefix="ACT#", grants=[Grant.COMMIT, Grant.PUBLISH])
def handler(rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Publish what the timeline's new entries tell. Returns the sequence numbers of those the bus did not take."""
    failed = {id(row) for row in publish(list(rows.values()))}
    return [number for number, row in rows.items() if id(row) in failed]
