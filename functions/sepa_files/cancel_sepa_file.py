"""POST /sepa-files/{sepa_file_id}/cancel"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import SepaFileId
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.sepa_files.canceling import cancel
from invoicing.sepa_files.errors import SepaFileIsCanceled, SepaFileIsUploaded, SepaFileNotFound, SepaFileUnderWay
from invoicing.sepa_files.model import SepaFile
from invoicing.sepa_files.requests import CancelSepaFile
from invoicing.transactions.errors import TransactionNotFound, TransactionNotUnderWay


@endpoint(
    "POST",
    "/sepa-files/{sepa_file_id}/cancel",
    scope="collection:write",
    grants=[Grant.READ, Grant.COMMIT, Grant.WRITE_FILES, Grant.DELETE_FILES],
    layers=[Layer.DOCUMENTS],
    memory=1769,
    raises=[
        SepaFileNotFound,
        SepaFileIsCanceled,
        SepaFileIsUploaded,
        SepaFileUnderWay,
        TransactionNotFound,
        TransactionNotUnderWay,
    ],
)
def handler(sepa_file_id: SepaFileId, body: CancelSepaFile, request: Request) -> SepaFile:
    """Cancel a SEPA file, or some of its transactions.

    Their documents can be collected or refunded again. With `transaction_ids`, the file is written again without them
    under a new message id. Do not give the bank the XML files of before.
    """
    return cancel(request.store, sepa_file_id, body.transaction_ids)
