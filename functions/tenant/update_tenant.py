"""PATCH /tenant"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.document_forms.errors import FormNotFound
from invoicing.document_forms.workflow import require_form
from invoicing.http.endpoint import endpoint
from invoicing.http.patch import Patch
from invoicing.http.request import Request
from invoicing.numbering.errors import NumberTaken
from invoicing.numbering.workflow import require_free_numbers
from invoicing.tenants.errors import TenantNotFound
from invoicing.tenants.events import TenantUpdated
from invoicing.tenants.model import Tenant, TenantData
from invoicing.tenants.table import tenant_of


@endpoint(
    "PATCH",
    "/tenant",
    scope="tenant:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[TenantNotFound, FormNotFound, NumberTaken],
)
def handler(body: Patch[TenantData], request: Request) -> Tenant:
    """Update the tenant's settings.

    Drafts and new numbers use the new settings. Issued documents do not change.
    """
    tenant = tenant_of(request.store)
    changed = tenant.changed(body.applied_to(tenant.data), moment=request.moment)
    require_form(request.store, changed.form_id, before=tenant.form_id)
    require_free_numbers(tenant, changed, changed.today(request.now))
    return request.store.commit(Recorded(changed, TenantUpdated()))
