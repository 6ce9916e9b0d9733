"""POST /dunning-documents/{document_id}/download-links"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import AccessDenied
from invoicing.core.ids import DunningDocumentId
from invoicing.downloads.model import NewDownloadLink, Target
from invoicing.downloads.requests import LinkLife
from invoicing.downloads.workflow import create_link
from invoicing.dunning.document import DunningDocument
from invoicing.dunning.errors import DocumentNotFound
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.errors import FileNotReady


@endpoint(
    "POST",
    "/dunning-documents/{document_id}/download-links",
    scope="dunning:read",
    status=201,
    grants=[Grant.READ, Grant.COMMIT, Grant.READ_BASE_URL, Grant.REACH_LINKS],
    raises=[DocumentNotFound, AccessDenied, FileNotReady],
    portal=True,
)
def handler(document_id: DunningDocumentId, body: LinkLife, request: Request) -> NewDownloadLink:
    """Create a download link for a reminder or dunning letter.

    The link works without credentials, for up to seven days.
    """
    document = request.store.get(DunningDocument, document_id)
    document.require_letter()
    target = Target(document.invoice_id, "pdf", document_id=document.id)
    return create_link(request.store, request.new_id("dl"), target, seconds=body.expires_in)
