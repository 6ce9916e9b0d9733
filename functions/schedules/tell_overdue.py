"""Every hour, for each tenant"""

from invoicing.adapters.dynamodb import keys
from invoicing.adapters.dynamodb.sparse import ids_before
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.subscriber import hourly
from invoicing.domain.tenant import Tenant
from invoicing.workflows.one_by_one import one_by_one
from invoicing.workflows.overdue import tell_overdue


@hourly(grants=[Grant.READ, Grant.COMMIT])
def handler(tenant: Tenant, request: Request) -> None:
    """Mark open invoices as overdue and publish `invoice.overdue` once.

    On the day after the due date in the tenant's time zone.
    """
    today = tenant.today(request.now)
    due = ids_before(keys.not_told_overdue(tenant.id), today)
    one_by_one(due, lambda invoice_id: tell_overdue(request.store, invoice_id, today))
