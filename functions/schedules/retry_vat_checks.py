"""Every hour, for each tenant"""

from invoicing.aws.grants import Grant
from invoicing.consumers.batch import run_all_then_raise, within
from invoicing.consumers.hourly import hourly
from invoicing.core.model import instant_text
from invoicing.customers.table import pending_vat_checks
from invoicing.customers.vat_checking import check_vat_id
from invoicing.http.request import Request
from invoicing.store.listing import ids_before
from invoicing.tenants.model import Tenant

TIMEOUT = 300
# The last check before the limit may take two requests of 25 seconds.
WORKING = TIMEOUT - 60


@hourly(grants=[Grant.READ, Grant.COMMIT], opt_in="vat_checks", timeout=TIMEOUT)
def handler(tenant: Tenant, request: Request) -> None:
    """Retry the checks of VAT ids that VIES did not answer."""
    due = ids_before(pending_vat_checks(tenant.id), instant_text(request.now))
    run_all_then_raise(within(WORKING, due), lambda customer_id: check_vat_id(request.store, customer_id))
