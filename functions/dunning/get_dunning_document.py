"""GET /dunning-documents/{document_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import AccessDenied
from invoicing.core.ids import DunningDocumentId
from invoicing.dunning.document import DunningDocument
from invoicing.dunning.errors import DocumentNotFound
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


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
    return request.store.get(DunningDocument, document_id)
