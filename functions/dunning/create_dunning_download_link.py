"""POST /dunning-documents/{document_id}/download-links"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.downloads import LinkLife
from invoicing.domain.download_link import NewDownloadLink, Target
from invoicing.domain.dunning_errors import DocumentNotFound
from invoicing.domain.errors import AccessDenied, FileNotReady
from invoicing.domain.ids import DunningDocumentId
from invoicing.workflows.linking import hand_out


@endpoint(
    "POST",
    "/dunning-documents/{document_id}/download-links",
    scope="dunning:read",
    status=201,
    grants=[Grant.READ, Grant.COMMIT, Grant.LINK, Grant.REACH_LINKS],
    raises=[DocumentNotFound, AccessDenied, FileNotReady],
    portal=True,
)
def handler(document_id: DunningDocumentId, body: LinkLife, request: Request) -> NewDownloadLink:
    """Create a download link for a reminder or dunning letter.

    The link works without credentials, for up to seven days.
    """
    document = request.store.dunning_document(document_id)
    document.require_letter()
    target = Target(document.invoice_id, "pdf", document_id=document.id)
    return hand_out(request.store, request.new_id("dl"), target, seconds=body.expires_in)
