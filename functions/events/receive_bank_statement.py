"""An uploaded bank statement arrived in S3 → its transactions are imported, or the statement failed"""

from invoicing.aws.grants import Grant
from invoicing.aws.uploads import OF_STATEMENTS
from invoicing.bank.announcing import MOST_READINGS, receive
from invoicing.consumers.aws_events import aws_event
from invoicing.http.request import Request
from invoicing.notes.aws_events import StatementArrived


# A camt file of 50 MB needs 8 seconds of a whole core and 0.5 GB. Two more deliveries can mark a file as unreadable.
@aws_event(
    "Object Created",
    source="aws.s3",
    only={"object": {"key": [{"prefix": OF_STATEMENTS}]}},
    detail=StatementArrived,
    grants=[Grant.READ, Grant.COMMIT, Grant.READ_FILES, Grant.MISS_FILES, Grant.WRITE_FILES, Grant.DELETE_FILES],
    memory=1769,
    timeout=120,
    attempts=MOST_READINGS + 2,
    batch=1,
)
def handler(event: StatementArrived, request: Request) -> None:
    """Read an uploaded bank statement, and request its import."""
    receive(request.store, event.place, delivery=request.delivery)
