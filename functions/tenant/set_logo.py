"""PUT /tenant/logo"""

import hashlib

from invoicing.aws.files import store_once
from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.party import Logo
from invoicing.documents.logo import size_of
from invoicing.documents.pdf import require_printable
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.notes.errors import UnsupportedFileType
from invoicing.notes.storing import removed_unless_committed
from invoicing.tenants.errors import TenantNotFound
from invoicing.tenants.events import TenantUpdated
from invoicing.tenants.model import Tenant
from invoicing.tenants.requests import SetLogo
from invoicing.tenants.table import tenant_of


@endpoint(
    "PUT",
    "/tenant/logo",
    scope="tenant:write",
    grants=[Grant.READ, Grant.COMMIT, Grant.WRITE_FILES, Grant.DELETE_FILES],
    layers=[Layer.DOCUMENTS],
    raises=[TenantNotFound, UnsupportedFileType],
)
def handler(body: SetLogo, request: Request) -> Tenant:
    """Upload the logo of the tenant's documents.

    Issued documents keep the logo that they were issued with.
    """
    tenant = tenant_of(request.store)
    logo = None if body.image is None else _logo(body.image, request.new_id("file"))
    with removed_unless_committed(tenant.id, [logo] if logo else []):
        if logo and body.image:
            store_once(tenant.id, logo.id, body.image, "image/png", owner={"tenant_id": tenant.id})
        return request.store.commit(Recorded(tenant.shown_with(logo, moment=request.moment), TenantUpdated()))


def _logo(png: bytes, id_: str) -> Logo:
    width, height = size_of(png)
    require_printable(png)
    return Logo(id=id_, sha256=hashlib.sha256(png).hexdigest(), size=len(png), width=width, height=height)
