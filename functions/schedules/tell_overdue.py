"""Every hour, for each tenant"""

from invoicing.aws.grants import Grant
from invoicing.consumers.batch import one_by_one
from invoicing.consumers.hourly import hourly
from invoicing.http.request import Request
from invoicing.invoices.table import not_yet_overdue
from invoicing.invoices.workflow import tell_overdue
from invoicing.store.listing import ids_before
from invoicing.tenants.model import Tenant


@hourly(grants=[Grant.READ, Grant.COMMIT], timeout=300)
def handler(tenant: Tenant, request: Request) -> None:
    """Mark open invoices as overdue and publish `invoice.overdue` once.

    On the day after the due date in the tenant's time zone.
    """
    today = tenant.today(request.now)
    due = ids_before(not_yet_overdue(tenant.id), today)
    one_by_one(due, lambda invoice_id: tell_overdue(request.store, invoice_id, today))
