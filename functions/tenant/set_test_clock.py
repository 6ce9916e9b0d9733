"""PUT /test-clock"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.tenants.events import ClockSet
from invoicing.tenants.table import clock_of
from invoicing.tenants.test_clock import ClockGoesBack, SetClock, TenantClock


@endpoint(
    "PUT",
    "/test-clock",
    scope="tenant:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[ClockGoesBack],
    embedded=True,
)
def handler(body: SetClock, request: Request) -> TenantClock:
    """Set the tenant's test clock.

    Runs everything that is due by then. Available on the local stack only.
    """
    clock = clock_of(request.store).set_to(body.now, shown=request.now)
    return request.store.commit(Recorded(clock, ClockSet(now=clock.now)))
