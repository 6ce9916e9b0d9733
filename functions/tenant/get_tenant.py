"""GET /tenant"""

from invoicing.aws.grants import Grant
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.tenants.errors import TenantNotFound
from invoicing.tenants.model import Tenant
from invoicing.tenants.table import tenant_of


@endpoint("GET", "/tenant", scope="tenant:read", grants=[Grant.READ], raises=[TenantNotFound])
def handler(request: Request) -> Tenant:
    """Retrieve the tenant's settings.

    Legal data, bank accounts, number series and defaults.
    """
    return tenant_of(request.store)
