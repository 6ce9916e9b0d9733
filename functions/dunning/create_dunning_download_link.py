"""POST /dunning-documents/{document_id}/download-links"""

import secrets

from invoicing.adapters.base_url import base_url
from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.downloads import LinkLife
from invoicing.domain.download_link import NewDownloadLink
from invoicing.domain.dunning_errors import DocumentNotFound
from invoicing.domain.errors import AccessDenied, FileNotReady
from invoicing.domain.events import LinkCreated
from invoicing.domain.ids import DunningDocumentId
from invoicing.domain.model import instant_text
from invoicing.domain.user import digest


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
    """Make a link that opens a reminder or dunning letter for whoever holds it, for up to seven days."""
    document = request.store.dunning_document(document_id)
    document.require_letter()
    token = secrets.token_urlsafe(32)
    link = NewDownloadLink.new(
        request.new_id("dl"),
        document.invoice_id,
        "pdf",
        f"{base_url()}/downloads/{token}",
        seconds=body.expires_in,
        by=request.caller,
        at=request.now,
        document_id=document.id,
    )
    created = LinkCreated(link_id=link.id, file=link.file, expires_at=instant_text(link.expires_at))
    return request.store.commit(link, created, digest=digest(token))
