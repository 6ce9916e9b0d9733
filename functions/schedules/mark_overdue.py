"""Every hour, for each tenant"""

from invoicing.aws.grants import Grant
from invoicing.consumers.batch import run_all_then_raise
from invoicing.consumers.hourly import hourly
from invoicing.http.request import Request
from invoicing.invoices.table import not_yet_overdue
from invoicing.invoices.workflow import mark_overdue
from invoicing.store.listing import ids_before
from invoicing.tenants.model import Tenant


@hourly(grants=[Grant.READ, Grant.COMMIT], timeout=300)
def handler(tenant: Tenant, request: Request) -> None:
    """Mark open invoices as overdue and publish `invoice.overdue` once.

    On the day after the due date in the tenant's time zone.
    """
    today = tenant.today(request.now)
    due = ids_before(not_yet_overdue(tenant.id), today)
    run_all_then_raise(due, lambda invoice_id: mark_overdue(request.store, invoice_id, today))
