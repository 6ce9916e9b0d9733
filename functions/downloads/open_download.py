"""GET /downloads/{token}"""

from invoicing.adapters.files import presigned_url
from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.responses import Redirect
from invoicing.domain.document_read import DocumentRead
from invoicing.domain.download_link import DownloadToken, network_of
from invoicing.domain.errors import LinkExpired, LinkNotFound
from invoicing.domain.user import digest
from invoicing.workflows.linking import opened_by, record_use
from invoicing.workflows.reading import record_or_defer


@endpoint(
    "GET",
    "/downloads/{token}",
    scope=None,
    status=302,
    grants=[Grant.READ, Grant.COMMIT, Grant.READ_FILES, Grant.REACH_LINKS, Grant.PUBLISH],
    raises=[LinkNotFound, LinkExpired],
    canary=True,
)
def handler(token: DownloadToken, request: Request) -> Redirect:
    """Redirect to the file behind a download link.

    The redirect's URL is valid for five minutes. The timeline records at most one access an hour.
    """
    used = digest(token)
    found = request.store.link(used)
    work = request.acting_for(found.tenant_id)
    found.link.require_live(work.now)
    file = opened_by(work.store.showing(), found.link)
    link, network = found.link, network_of(request.source_ip)
    read = DocumentRead(
        tenant_id=found.tenant_id, invoice_id=link.invoice_id, read_at=work.now, link_id=link.id, network=network
    )
    record_or_defer(work.store, read, lambda store: record_use(store, found, used, network))
    return Redirect(
        presigned_url(found.tenant_id, file.id, file.sha256, name=file.name, content_type=file.content_type)
    )
