"""GET /downloads/{token}"""

from invoicing.adapters.files import presigned_url
from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.responses import Redirect
from invoicing.domain.download_link import DownloadToken, network_of
from invoicing.domain.errors import FileNotReady, LinkExpired, LinkNotFound
from invoicing.domain.events import LinkUsed
from invoicing.domain.stored_file import CONTENT_TYPES
from invoicing.domain.user import digest
from invoicing.workflows.sending import record_letter_sent, record_sent


@endpoint(
    "GET",
    "/downloads/{token}",
    scope=None,
    status=302,
    grants=[Grant.READ, Grant.COMMIT, Grant.READ_FILES, Grant.REACH_LINKS],
    raises=[LinkNotFound, LinkExpired, FileNotReady],
    canary=True,
)
def handler(token: DownloadToken, request: Request) -> Redirect:
    """Open a download link: on to the file, by a URL that lives for five minutes. The use stands in the timeline."""
    opened = digest(token)
    tenant_id, link = request.store.link(opened)
    work = request.acting_for(tenant_id)
    link.require_live(work.now)
    store = work.store
    used = LinkUsed(link_id=link.id, file=link.file, network=network_of(request.source_ip))
    if link.document_id is None:
        invoice = store.invoice_summary(link.invoice_id)
        file, number = invoice.require_file(link.file), invoice.number
        record_sent(store, invoice.id, used, digest=opened)
    else:
        document = store.dunning_document(link.document_id)
        file, number = document.require_letter(), document.number
        record_letter_sent(store, document.id, used, digest=opened)
    name = f"{number}.{link.file}"
    return Redirect(
        presigned_url(tenant_id, file.id, file.sha256 or "", name=name, content_type=CONTENT_TYPES[link.file])
    )
