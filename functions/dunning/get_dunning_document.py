"""GET /dunning-documents/{document_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.dunning_document import DunningDocument
from invoicing.domain.dunning_errors import DocumentNotFound
from invoicing.domain.errors import AccessDenied
from invoicing.domain.ids import DunningDocumentId


@endpoint(
    "GET",
    "/dunning-documents/{document_id}",
    scope="dunning:read",
    grants=[Grant.READ],
    raises=[DocumentNotFound, AccessDenied],
    portal=True,
)
def handler(document_id: DunningDocumentId, request: Request) -> DunningDocument:
    """Retrieve a reminder or dunning letter.

    Portal users see their own documents once they are sent.
    """
    return request.store.dunning_document(document_id)
