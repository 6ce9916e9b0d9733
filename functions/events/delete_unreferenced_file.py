"""A file was stored in S3, 15 minutes later → deleted if no record refers to it"""

from invoicing.aws.files import delete, owner_of
from invoicing.aws.grants import Grant
from invoicing.aws.uploads import INCOMING
from invoicing.consumers.aws_events import aws_event
from invoicing.http.request import Request
from invoicing.notes.aws_events import ObjectStored
from invoicing.notes.unreferenced import SETTLED_SECONDS, is_referenced


@aws_event(
    "Object Created",
    source="aws.s3",
    only={"object": {"key": [{"anything-but": {"prefix": INCOMING}}]}},
    detail=ObjectStored,
    grants=[Grant.READ, Grant.READ_FILES, Grant.MISS_FILES, Grant.DELETE_FILES],
    delay=SETTLED_SECONDS,
    # Retried as long as a rendering is.
    attempts=10,
)
def handler(stored: ObjectStored, request: Request) -> None:
    """Delete a stored file that no record refers to: its worker died before the commit.

    The bucket keeps it as an old version for 90 days.
    """
    owner = owner_of(stored.file)
    if owner is not None and not is_referenced(request.store, stored.file, owner):
        delete(*stored.file)
