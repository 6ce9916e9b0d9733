"""GET /tenant/readiness"""

from invoicing.aws.grants import Grant
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.tenants.errors import TenantNotFound
from invoicing.tenants.readiness import Readiness, readiness
from invoicing.tenants.table import tenant_of


@endpoint("GET", "/tenant/readiness", scope="tenant:read", grants=[Grant.READ], raises=[TenantNotFound])
def handler(request: Request) -> Readiness:
    """List the settings that invoices need and that are missing.

    Before the first invoice, set each field that `missing` names, and state the fields of `each_invoice` in every
    invoice. The rules are those of a domestic invoice in the tenant's e-invoice format; an invoice to another country,
    or with another tax category, can need more.
    """
    tenant = tenant_of(request.store)
    return readiness(tenant, request.moment)
