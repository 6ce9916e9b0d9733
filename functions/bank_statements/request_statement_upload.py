"""POST /bank-statements/uploads"""

from invoicing.aws.grants import Grant
from invoicing.bank.announcing import StatementUpload, announce
from invoicing.bank.requests import AnnounceStatement
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.notes.errors import FileTooLarge
from invoicing.tenants.errors import BankAccountNotFound


@endpoint(
    "POST",
    "/bank-statements/uploads",
    scope="bank:write",
    status=202,
    grants=[Grant.READ, Grant.COMMIT, Grant.WRITE_FILES],
    raises=[BankAccountNotFound, FileTooLarge],
)
def handler(body: AnnounceStatement, request: Request) -> StatementUpload:
    """Request an upload of a bank statement of up to 50 MB.

    Returns a form that accepts exactly the announced file and is valid for five minutes. The statement is `pending`
    until the file has arrived; then the file is read and imported like an upload of `POST /bank-statements`. It has at
    most 100,000 entries. A file that cannot be read, or is about an unknown account, makes the statement `failed`, and
    its `problems` name the reasons. If the file has several statements, this is the first one. The same file again
    gives its statements, with status 200, and needs no upload.
    """
    return announce(request.store, body)
