"""GuardDuty tagged a file → the file is quarantined"""

from invoicing.aws.grants import Grant
from invoicing.aws.malware import found_harmful
from invoicing.aws.uploads import INCOMING
from invoicing.consumers.aws_events import aws_event
from invoicing.http.request import Request
from invoicing.notes.aws_events import ObjectTagged
from invoicing.notes.receiving import quarantine


@aws_event(
    "Object Tags Added",
    source="aws.s3",
    only={"object": {"key": [{"anything-but": {"prefix": INCOMING}}]}},
    detail=ObjectTagged,
    grants=[Grant.READ, Grant.COMMIT, Grant.READ_TAGS, Grant.READ_FILES, Grant.MISS_FILES],
    opt_in="malware_scan",
)
def handler(event: ObjectTagged, request: Request) -> None:
    """Quarantine a file that a malware scan found harmful.

    The object stays in the bucket for inspection.
    """
    place = found_harmful(event.object.key)
    if place is not None:
        quarantine(request.store, place)
