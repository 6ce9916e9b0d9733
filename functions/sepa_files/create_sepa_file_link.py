"""POST /sepa-files/{sepa_file_id}/download-links"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import SepaFileId
from invoicing.downloads.workflow import new_token, store_link, url_of
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.sepa_files.errors import (
    RefundNotOwed,
    SepaDocumentNotFound,
    SepaFileIncomplete,
    SepaFileIsCanceled,
    SepaFileNotFound,
)
from invoicing.sepa_files.link import NewSepaFileLink
from invoicing.sepa_files.model import SepaFile
from invoicing.sepa_files.requests import CreateSepaFileLink
from invoicing.sepa_files.table import require_owed
from invoicing.users.model import digest


@endpoint(
    "POST",
    "/sepa-files/{sepa_file_id}/download-links",
    scope="collection:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT, Grant.READ_BASE_URL, Grant.REACH_LINKS],
    raises=[SepaFileNotFound, SepaDocumentNotFound, SepaFileIsCanceled, SepaFileIncomplete, RefundNotOwed],
)
def handler(sepa_file_id: SepaFileId, body: CreateSepaFileLink, request: Request) -> NewSepaFileLink:
    """Create a download link for an XML file for the bank.

    The link works without credentials, for up to one day. It ends earlier if the SEPA file is canceled or written
    again. The XML file has the whole IBANs of customers.
    """
    file = request.store.get(SepaFile, sepa_file_id)
    document, token = file.document(body.document_id, pointer="/document_id"), new_token()
    require_owed(request.store, file)
    link = NewSepaFileLink.new(
        request.new_id("dl"), file, document, url_of(token), expires_in=body.expires_in, moment=request.moment
    )
    return store_link(request.store, link.model_copy(update={"digest": digest(token)}))
