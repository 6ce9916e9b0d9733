"""Each hour, for each tenant"""

from invoicing.adapters.dynamodb import keys
from invoicing.adapters.dynamodb.sparse import ids_before
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.subscriber import hourly
from invoicing.domain.tenant import Tenant
from invoicing.workflows.overdue import tell_overdue


@hourly(grants=[Grant.READ, Grant.COMMIT])
def handler(tenant: Tenant, request: Request) -> None:
    """Tell of each open invoice that it is overdue: once, on the day after its due date in the tenant's time zone."""
    failures: list[Exception] = []
    for invoice_id in ids_before(keys.not_told_overdue(tenant.id), request.today):
        try:
            tell_overdue(request.store, invoice_id, request.today)
        except Exception as failure:  # noqa: BLE001 — one that cannot be read keeps no other waiting
            failures.append(failure)
    if failures:
        raise ExceptionGroup("Not all overdue invoices could be told", failures)
