"""PUT /tenant/logo"""

from invoicing.adapters.files import store_once
from invoicing.api.declaration import Layer
from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.logo import SetLogo
from invoicing.documents.logo import size_of
from invoicing.documents.pdf import require_printable
from invoicing.domain.errors import TenantNotFound
from invoicing.domain.file_errors import UnsupportedFileType
from invoicing.domain.party import Logo
from invoicing.domain.tenant import Tenant, TenantUpdated


@endpoint(
    "PUT",
    "/tenant/logo",
    scope="tenant:write",
    grants=[Grant.READ, Grant.COMMIT, Grant.WRITE_FILES],
    layers=[Layer.DOCUMENTS],
    raises=[TenantNotFound, UnsupportedFileType],
)
def handler(body: SetLogo, request: Request) -> Tenant:
    """Upload the logo of the tenant's documents.

    Issued documents keep the logo that they were issued with.
    """
    tenant = request.store.tenant()
    logo = _stored(body.image, request) if body.image is not None else None
    return request.store.commit(tenant.shown_with(logo, by=request.caller, at=request.now), TenantUpdated())


def _stored(png: bytes, request: Request) -> Logo:
    width, height = size_of(png)
    require_printable(png)
    id_ = request.new_id("file")
    sha256 = store_once(request.caller.tenant_id, id_, png, "image/png")
    return Logo(id=id_, sha256=sha256, size=len(png), width=width, height=height)
