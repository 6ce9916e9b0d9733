"""Every hour, for each tenant; at once when a user requests it"""

from itertools import chain

from invoicing.aws.grants import Grant
from invoicing.consumers.batch import run_all_then_raise
from invoicing.consumers.hourly import hourly
from invoicing.dunning.rule import DunningRule
from invoicing.dunning.workflow import candidates, due_soon, reach_next_level, remind_before_due
from invoicing.http.request import Request
from invoicing.tenants.model import Tenant


@hourly("dunning.run_requested", grants=[Grant.READ, Grant.COMMIT], timeout=300)
def handler(tenant: Tenant, request: Request) -> None:
    """Issue the reminders and dunning letters that are due, and remind of due dates.

    By the calendar of the tenant's time zone.
    """
    today = tenant.today(request.now)
    rules = request.store.all(DunningRule)
    late = ((reach_next_level, id_) for id_ in candidates(tenant.id, rules, today))
    soon = ((remind_before_due, id_) for id_ in due_soon(tenant.id, rules, today))
    run_all_then_raise(chain(late, soon), lambda step: step[0](request.store, step[1], rules, today))
