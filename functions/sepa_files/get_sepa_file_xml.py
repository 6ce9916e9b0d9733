"""GET /sepa-files/{sepa_file_id}/xml"""

from invoicing.aws import files
from invoicing.aws.grants import Grant
from invoicing.core.ids import SepaFileId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.http.responses import Xml
from invoicing.sepa_files.errors import (
    RefundNotOwed,
    SepaDocumentNotFound,
    SepaFileIncomplete,
    SepaFileIsCanceled,
    SepaFileNotFound,
)
from invoicing.sepa_files.model import SepaFile
from invoicing.sepa_files.requests import SepaXmlQuery
from invoicing.sepa_files.table import require_owed


@endpoint(
    "GET",
    "/sepa-files/{sepa_file_id}/xml",
    scope="collection:write",
    grants=[Grant.READ, Grant.READ_FILES],
    raises=[SepaFileNotFound, SepaDocumentNotFound, SepaFileIsCanceled, SepaFileIncomplete, RefundNotOwed],
)
def handler(sepa_file_id: SepaFileId, query: SepaXmlQuery, request: Request) -> Xml:
    """Download an XML file for the bank.

    It has the whole IBANs of customers. A canceled SEPA file has none, nor has one that would pay back more than a
    document owes now.
    """
    file = request.store.get(SepaFile, sepa_file_id)
    document = file.document(query.document_id, pointer="?document_id")
    require_owed(request.store, file)
    content = files.read(request.store.tenant_id, document.id, document.sha256)
    return Xml(content, f"{document.message_id}.xml")
