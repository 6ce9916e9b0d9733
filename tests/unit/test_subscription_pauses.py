"""Pauses mark periods and move none, in any order of pauses and resumptions."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from invoicing.core.identity import Caller, Moment
from invoicing.core.ids import new_id
from invoicing.subscriptions.billing.bills import bill, held
from invoicing.subscriptions.billing.pausing import paused, resumed
from invoicing.subscriptions.ledger import SubscriptionPeriod
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.requests import PauseSubscription
from invoicing.subscriptions.schedule import dues_at
from tests.builders import item_json
from tests.unit.test_subscription_schedule import BUYER, COMPANY, subscription

START = date(2026, 1, 31)
STEPS = st.lists(
    st.tuples(st.integers(1, 50), st.sampled_from(["", "pause", "resume"]), st.integers(0, 90) | st.none()), max_size=12
)


def recorded(found: Subscription, moment: Moment) -> tuple[Subscription, list[SubscriptionPeriod]]:
    """All that is due on a day, as the service records and bills it."""
    rows: list[SubscriptionPeriod] = []
    while True:
        made = held(found, moment.today, moment)
        if made is None:
            dues = dues_at(found, moment.at)
            if not dues:
                return found, rows
            made = bill(found, dues, new_id("inv", moment.at), customer=BUYER, tenant=COMPANY, moment=moment)
        rows += made.periods
        found = made.subscription


@settings(max_examples=25, deadline=None)
@given(steps=STEPS, timing=st.sampled_from(["advance", "arrears"]), lead_days=st.sampled_from([0, 40]))
def test_paused_and_billed_periods_are_those_of_the_grid(
    steps: list[tuple[int, str, int | None]], timing: str, lead_days: int
) -> None:
    item = item_json("Wartung", "49.00", timing=timing)
    found, today, rows = subscription(START, "UTC", items=[item], lead_days=lead_days), START, []
    for days, step, length in [*steps, (400, "", None)]:
        today += timedelta(days=days)
        moment = Moment(Caller.system(COMPANY.id), datetime(today.year, today.month, today.day, 12, tzinfo=UTC), "UTC")
        if step == "pause" and found.paused is None:
            last = None if length is None else today + timedelta(days=length)
            found = paused(found, PauseSubscription(first=today, last=last), moment)
        if step == "resume" and found.paused is not None:
            found = resumed(found, bill=False, moment=moment)
        found, more = recorded(found, moment)
        rows += more
    ordered = sorted(rows, key=lambda row: row.start)
    assert len({row.id for row in ordered}) == len(ordered)
    assert all(one.end + timedelta(days=1) == two.start for one, two in pairwise(ordered))
    whole = subscription(START, "UTC", items=[item], lead_days=lead_days)
    _, expected = recorded(whole, moment)
    grid = {row.id: row.end for row in expected}
    assert {row.id: row.end for row in ordered}.items() <= grid.items()
    assert all((row.status == "paused") == (row.invoice_id is None) for row in ordered)
