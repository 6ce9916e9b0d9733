"""PUT /tenant/logo"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.documents.pdf import printable_logo
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.notes.errors import UnsupportedFileType
from invoicing.notes.storing import stored
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
    request.store.require_new()
    logo = None if body.image is None else printable_logo(body.image, request.new_id("file"))
    files = [(logo, body.image, "image/png")] if logo and body.image else []
    with stored(tenant.id, files, {"tenant_id": tenant.id}):
        return request.store.commit(Recorded(tenant.shown_with(logo, moment=request.moment), TenantUpdated()))
