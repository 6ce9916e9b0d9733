"""PATCH /tenant"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.patch import Patch
from invoicing.api.request import Request
from invoicing.domain.errors import NumberTaken, TenantNotFound
from invoicing.domain.tenant import Tenant, TenantData, TenantUpdated
from invoicing.workflows.number_series import require_free_numbers


@endpoint(
    "PATCH", "/tenant", scope="tenant:write", grants=[Grant.READ, Grant.COMMIT], raises=[TenantNotFound, NumberTaken]
)
def handler(body: Patch[TenantData], request: Request) -> Tenant:
    """Update the tenant's settings.

    Drafts and new numbers use the new settings. Issued documents do not change.
    """
    tenant = request.store.tenant()
    changed = tenant.changed(body.applied_to(tenant.data), by=request.caller, at=request.now)
    require_free_numbers(tenant, changed, changed.today(request.now))
    return request.store.commit(changed, TenantUpdated())
