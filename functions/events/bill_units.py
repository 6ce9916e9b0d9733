"""subscriptions.due from the hourly collection → invoices of subscriptions"""

from invoicing.aws.grants import Grant
from invoicing.consumers.batch import run_all_then_raise
from invoicing.consumers.internal_events import internal_event
from invoicing.http.declaration import Layer
from invoicing.http.request import Request
from invoicing.subscriptions.billing.units import bill_due
from invoicing.subscriptions.billing.units_due import UNITS_DUE, UnitsDue


@internal_event(
    UNITS_DUE,
    detail=UnitsDue,
    once=False,
    grants=[Grant.READ, Grant.COMMIT],
    layers=[Layer.TEXTS],
    timeout=300,
    batch=1,
)
def handler(units: UnitsDue, request: Request) -> None:
    """Bill the periods of subscriptions that are due, each once.

    A refusal parks its subscription alone; others are billed.
    """
    run_all_then_raise(units.subscription_ids, lambda subscription_id: bill_due(request.store, subscription_id))
