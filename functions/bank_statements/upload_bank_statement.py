"""POST /bank-statements"""

from invoicing.aws.grants import Grant
from invoicing.bank.errors import UnknownAccount, UnreadableStatement
from invoicing.bank.model import UploadedStatements
from invoicing.bank.requests import UploadStatement
from invoicing.bank.uploading import upload
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.notes.errors import FileTooLarge
from invoicing.tenants.errors import BankAccountNotFound


@endpoint(
    "POST",
    "/bank-statements",
    scope="bank:write",
    status=202,
    grants=[Grant.READ, Grant.COMMIT, Grant.WRITE_FILES, Grant.DELETE_FILES],
    layers=[Layer.ATTACHMENTS],
    raises=[UnknownAccount, UnreadableStatement, BankAccountNotFound, FileTooLarge],
    memory=2048,
)
def handler(body: UploadStatement, request: Request) -> UploadedStatements:
    """Upload bank statements, in a file or a ZIP.

    The file is camt.052, camt.053 or camt.054 of any version, MT940, MT942, CSV with a `csv_profile`, or a pain.002
    about payments that the bank did not execute. It has at most 4 MB and 100,000 entries; a ZIP has at most 100 files
    with 50 MB together. For larger files, request an upload.
    `problems` name the parts that cannot be read. The statements are imported later: retrieve one to see its progress.
    Each booked entry becomes a transaction once, also if several statements and formats contain it. The same file again
    gives its first statements, with status 200.
    """
    return upload(request.store, body, body.only_content)
