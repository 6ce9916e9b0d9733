"""Every hour, for each tenant"""

from invoicing.aws.grants import Grant
from invoicing.consumers.batch import run_all_then_raise
from invoicing.consumers.hourly import hourly
from invoicing.core.model import days_after
from invoicing.http.request import Request
from invoicing.sepa_files.table import to_settle
from invoicing.store.listing import ids_before
from invoicing.tenants.model import Tenant
from invoicing.transactions.settling import settle_file


@hourly(grants=[Grant.READ, Grant.COMMIT], timeout=300)
def handler(tenant: Tenant, request: Request) -> None:
    """Settle the direct debits and credit transfers of uploaded files that no bank statement settled or returned.

    As many TARGET days after their day as the tenant's `settles_after_days` state.
    """
    tomorrow = days_after(tenant.today(request.now), 1)
    due = ids_before(to_settle(tenant.id), tomorrow)
    run_all_then_raise(due, lambda file_id: settle_file(request.store, file_id))
