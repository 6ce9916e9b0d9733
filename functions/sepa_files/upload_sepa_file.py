"""POST /sepa-files/{sepa_file_id}/uploaded"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import SepaFileId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.sepa_files.errors import SepaFileIncomplete, SepaFileIsCanceled, SepaFileIsUploaded, SepaFileNotFound
from invoicing.sepa_files.model import SepaFile
from invoicing.sepa_files.uploading import upload


@endpoint(
    "POST",
    "/sepa-files/{sepa_file_id}/uploaded",
    scope="collection:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[SepaFileNotFound, SepaFileIncomplete, SepaFileIsCanceled, SepaFileIsUploaded],
)
def handler(sepa_file_id: SepaFileId, request: Request) -> SepaFile:
    """Record that a SEPA file was uploaded to the bank.

    Its transactions become `pending`. The file cannot be canceled any more.
    """
    return upload(request.store, sepa_file_id)
