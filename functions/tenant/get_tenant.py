"""GET /tenant"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.errors import TenantNotFound
from invoicing.domain.tenant import Tenant


@endpoint("GET", "/tenant", scope="tenant:read", grants=[Grant.READ], raises=[TenantNotFound])
def handler(request: Request) -> Tenant:
    """Retrieve the tenant's settings.

    Legal data, bank accounts, number series and defaults.
    """
    return request.store.tenant()
