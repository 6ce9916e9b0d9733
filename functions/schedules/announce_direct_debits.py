"""Every hour, for each tenant"""

from invoicing.aws.grants import Grant
from invoicing.collection.announcing import announce, candidates
from invoicing.consumers.batch import run_all_then_raise
from invoicing.consumers.hourly import hourly
from invoicing.http.declaration import Layer
from invoicing.http.request import Request
from invoicing.tenants.model import Tenant


@hourly(grants=[Grant.READ, Grant.COMMIT], layers=[Layer.TEXTS], timeout=300)
def handler(tenant: Tenant, request: Request) -> None:
    """Announce the direct debits of open invoices to the customers, each once.

    As many days before as the tenant's `prenotification_days`, unless the invoice itself was sent in time and names
    mandate, creditor identifier, amount and day.
    """
    today = tenant.today(request.now)
    due = candidates(request.store, tenant, today)
    run_all_then_raise(due, lambda invoice_id: announce(request.store, invoice_id, today))
