"""Random cancellations that are replaced and revoked in the end: they leave no trace in the amounts."""

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from invoicing.core.errors import DomainError
from invoicing.core.ids import new_id
from invoicing.subscriptions.billing.bills import bill
from invoicing.subscriptions.billing.entries import price_basis_of
from invoicing.subscriptions.canceling import canceled, revoked
from invoicing.subscriptions.changing.applying import with_changes
from invoicing.subscriptions.changing.continuing import charged_items, continued, continuing
from invoicing.subscriptions.changing.model import NewChange, SubscriptionChange
from invoicing.subscriptions.changing.requesting import requested_change, schedule_change
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.requests import SetCancellation
from invoicing.subscriptions.schedule import due_of
from tests.builders import item_json
from tests.unit.subscription_lives import DAY, ChangedLife, check_life
from tests.unit.test_subscription_price_changes import PricedLife
from tests.unit.test_subscription_schedule import BUYER, COMPANY


class CanceledLife(ChangedLife):
    """A subscription that is canceled, changed and billed by hand, and goes on in the end."""

    def pass_days(self) -> None:
        days = timedelta(days=self.random.randint(0, 15))
        if self.found.cancellation and self.today + days > self.found.cancellation.on:
            self.revoke()
        self.today += days
        self.bill_due()
        self.random.choice([self.cancel, self.revoke, self.bill_due])()

    def cancel(self) -> None:
        """Cancel it, or replace its cancellation."""
        on = self.today + timedelta(days=self.random.randint(0, 70))
        wanted = [SetCancellation(at="date", on=on), SetCancellation(at="period_end"), SetCancellation(at="now")]
        try:
            after = canceled(self.found, self.random.choice(wanted), self.moment)
        except DomainError:
            return
        self._end(after)

    def cancel_on(self, on: str) -> None:
        """End it on a day."""
        self._end(canceled(self.found, SetCancellation(at="date", on=date.fromisoformat(on)), self.moment))

    def revoke(self) -> None:
        """Revoke its cancellation."""
        if self.found.cancellation:
            self._end(revoked(self.found, self.moment))

    def _end(self, after: Subscription) -> None:
        """Charge the days after its earlier end, as `commit_end` does."""
        before, self.found = self.found, after
        if before.cancellation is None or (after.ends_on or date.max) <= before.cancellation.on:
            return
        since, charge_id = before.cancellation.on + DAY, new_id("inv", self.moment.at)
        rows = [one for one in self.rows.values() if one.end >= since]
        price_basis = price_basis_of(after, BUYER, COMPANY, self.prices)
        dues = continuing(after, rows, since, self.moment)
        settled = continued(after, dues, self.lines, charge_id, price_basis)
        if not settled.rows:
            return
        charges = tuple(settled.charges)
        made = bill(after, (), charge_id, charges=charges, customer=BUYER, tenant=COMPANY, moment=self.moment)
        self._issue(made.draft)
        self._record(settled, made.draft)
        items, id_, at = charged_items(settled), new_id("chg", self.moment.at), self.moment.at
        change = SubscriptionChange(id=id_, status="in_force", on=since, items=items, created_at=at)
        self.found = with_changes(after, (*after.changes, change))

    def bill_by_hand(self) -> None:
        """Bill a released period, unless the subscription ends before it."""
        released = [one for one in self.rows.values() if one.status == "released" or one.has_released]
        dues = [due_of(self.found, one) for one in released]
        if open_ := [one for one in dues if not (self.found.cancellation and one.is_over)]:
            self.bill(self.random.choice(open_))

    def end(self) -> None:
        """It goes on."""

    def settle(self) -> None:
        self.revoke()
        super().settle()


class PricedCanceledLife(CanceledLife, PricedLife):
    """One whose items have prices of the catalogue."""


def check_revoked(seed: int) -> None:
    random = Random(seed)
    items = [
        item_json("Plan", "31.00"),
        item_json("Arbeitsplatz", "12.34", quantity="5"),
        item_json("Später", "31.00", start_date="2026-01-25"),
        item_json("Voll", "60.00", first=random.choice(["full", "free"]), start_date="2026-01-18"),
        item_json("Abnahme", "50.00", once=True, start_date="2026-02-20"),
    ]
    life = CanceledLife(random, items=items, anchor={"day": 1 + seed % 31}, lead_days=seed % 2 * 31)
    check_life(life, seed)


def check_priced(seed: int) -> None:
    life = PricedCanceledLife(
        random := Random(seed), anchor={"day": 1 + seed % 31}, lead_days=random.choice([0, 3, 31])
    )
    check_life(life, seed)


def test_a_revoked_end_leaves_no_trace_in_the_amounts() -> None:
    for seed in range(30):
        check_revoked(seed)
        check_priced(seed)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_many_revoked_ends_leave_no_trace(part: int) -> None:
    for seed in range(part * 200, (part + 1) * 200):
        check_revoked(seed)
        check_priced(seed)


def changed(life: ChangedLife, on: str, **one: Any) -> list[int]:
    """The amounts of all lines after a change on a day."""
    data = NewChange.model_validate({"items": [one], "at": "date", "on": on}, strict=False)
    change = requested_change(life.found, data, COMPANY, life.moment)
    if change.status == "scheduled":
        life.found = schedule_change(life.found, change, today=life.today, moment=life.moment)
    else:
        life._settle(change)
    return list(life.left.values())


def january(*items: dict[str, Any]) -> CanceledLife:
    """A subscription on 10 January, billed for the 31 days from then on."""
    life = CanceledLife(Random(0), items=list(items))
    life.bill_due()
    return life


def test_days_after_a_replaced_end_are_charged() -> None:
    """An item is added before an end. An earlier end replaces it, and is revoked."""
    life = january(item_json("Plan", "31.00"))
    life.cancel_on("2026-02-05")
    assert changed(life, "2026-01-20", op="add", item=item_json("Zusatz", "31.00")) == [3100, 1700]
    life.cancel_on("2026-01-25")
    life.revoke()
    assert list(life.left.values()) == [3100, 1700, 400]


def test_a_canceled_charge_that_returns_leaves_no_day_out() -> None:
    """The charge up to the end is canceled, the end is revoked, and the charge is reactivated."""
    life = january(item_json("Plan", "31.00"))
    life.cancel_on("2026-02-05")
    changed(life, "2026-01-20", op="add", item=item_json("Zusatz", "31.00"))
    life.random = Random(0)
    life.release()
    assert list(life.left.values()) == [3100]
    life.revoke()
    life.reactivate()
    assert sorted(life.left.values()) == [400, 1700, 3100]


def test_terms_that_begin_after_a_revoked_end_are_charged() -> None:
    """The period is billed by hand up to an end before its second terms, and the one after it is billed ahead."""
    life = january(item_json("Plan", "31.00"))
    life.release()
    life.bill_early()
    changed(life, "2026-01-20", op="set", item_id=life.found.items[0].id, quantity="2")
    life.cancel_on("2026-01-15")
    life.bill_by_hand()
    life.revoke()
    # The period from 10 February on; 6 days, 4 days of one and 21 days of two.
    assert list(life.left.values()) == [3100, 3100, 600, 400, 4200]


def test_a_free_period_is_charged_after_a_revoked_end() -> None:
    """An item is added to a free period before an end that is revoked."""
    life = CanceledLife(Random(0), items=[item_json("Frei", "31.00", first="free")], anchor={"day": 1})
    life.bill_due()
    life.cancel_on("2026-01-15")
    assert changed(life, "2026-01-10", op="add", item=item_json("Zusatz", "31.00")) == [600]
    life.revoke()
    assert list(life.left.values()) == [600, 1600]
