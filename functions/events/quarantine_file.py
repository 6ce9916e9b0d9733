"""GuardDuty tagged a file → the file is quarantined"""

from invoicing.adapters.malware import found_harmful
from invoicing.adapters.uploads import INCOMING
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.object_notices import ObjectTagged
from invoicing.api.subscriber import aws_subscriber
from invoicing.workflows.receiving import quarantine


@aws_subscriber(
    "Object Tags Added",
    source="aws.s3",
    only={"object": {"key": [{"anything-but": {"prefix": INCOMING}}]}},
    detail=ObjectTagged,
    grants=[Grant.READ, Grant.COMMIT, Grant.READ_TAGS, Grant.READ_FILES, Grant.MISS_FILES],
    opt_in="malware_scan",
)
def handler(told: ObjectTagged, request: Request) -> None:
    """Quarantine a file that a malware scan found harmful.

    The object stays in the bucket for inspection.
    """
    place = found_harmful(told.object.key)
    if place is not None:
        quarantine(request.store, place)
