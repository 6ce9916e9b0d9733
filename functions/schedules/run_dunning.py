"""Every hour, for each tenant; at once when a user requests it"""

from invoicing.aws.grants import Grant
from invoicing.consumers.batch import run_all_then_raise
from invoicing.consumers.hourly import hourly
from invoicing.dunning.rule import DunningRule
from invoicing.dunning.workflow import candidates, reach_next_level
from invoicing.http.request import Request
from invoicing.tenants.model import Tenant


@hourly("dunning.run_requested", grants=[Grant.READ, Grant.COMMIT], timeout=300)
def handler(tenant: Tenant, request: Request) -> None:
    """Issue the reminders and dunning letters that are due.

    By the calendar of the tenant's time zone.
    """
    today = tenant.today(request.now)
    rules = request.store.all(DunningRule)
    due = candidates(tenant.id, rules, today)
    run_all_then_raise(due, lambda invoice_id: reach_next_level(request.store, invoice_id, rules, today))
