"""GET /downloads/{token}"""

from invoicing.aws.files import presigned_url
from invoicing.aws.grants import Grant
from invoicing.downloads.errors import LinkExpired, LinkNotFound
from invoicing.downloads.model import DownloadToken, network_of
from invoicing.downloads.table import link_at
from invoicing.downloads.workflow import file_of, kind_of, open_for_reader
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.http.responses import Redirect
from invoicing.users.model import digest


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
    found = link_at(request.store, used, kind_of)
    work = request.acting_for(found.tenant_id)
    found.link.require_live(work.now)
    file = file_of(work.store.showing(), found.link)
    open_for_reader(work.store, found, used, network_of(request.source_ip))
    return Redirect(
        presigned_url(found.tenant_id, file.id, file.sha256, name=file.name, content_type=file.content_type)
    )
