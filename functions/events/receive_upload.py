"""An uploaded object arrived in S3 → the file is available or rejected"""

from invoicing.aws.grants import Grant
from invoicing.aws.uploads import OF_NOTES
from invoicing.consumers.aws_events import aws_event
from invoicing.http.request import Request
from invoicing.notes.aws_events import ObjectArrived
from invoicing.notes.receiving import receive


@aws_event(
    "Object Created",
    source="aws.s3",
    only={"object": {"key": [{"prefix": OF_NOTES}]}},
    detail=ObjectArrived,
    grants=[Grant.READ, Grant.COMMIT, Grant.READ_FILES, Grant.MISS_FILES, Grant.WRITE_FILES, Grant.DELETE_FILES],
)
def handler(event: ObjectArrived, request: Request) -> None:
    """Verify an uploaded file before it can be downloaded."""
    receive(request.store, event.place)
