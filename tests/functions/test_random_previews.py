"""Random subscriptions: previews and dry runs equal the later bills, except ids, numbers and instants."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from tests.billing import results
from tests.builders import customer_json, item_json, subscription_json
from tests.catalogue import TIERS, new_price
from tests.conftest import Clock
from tests.functions.subscriptions.test_preview_subscription import stored
from tests.gateway import Client
from tests.subscriptions import bill, invoices, now_of

AHEAD = timedelta(days=35)
NEW = {
    "id", "subscription_id", "subscription_ids", "item_id", "line_id", "invoice_id", "credit_note_ids",
    "billing_run_id", "number", "version", "billed_after_end",
}  # fmt: skip
"""The fields with new ids, numbers, and the credit of an end that only its dry run shows."""


def content(value: Any) -> Any:
    """An answer or a document without ids, numbers and instants."""
    if isinstance(value, dict):
        kept = {name: inner for name, inner in value.items() if name not in NEW and not name.endswith("_at")}
        return {name: content(inner) for name, inner in kept.items()}
    return [content(inner) for inner in value] if isinstance(value, list) else value


class Previewed:
    """A subscription whose requests are tried by dry runs, and whose invoices are previewed."""

    def __init__(self, api: Client, at: Clock, random: Random) -> None:
        self.api, self.at, self.random = api, at, random
        self.price = new_price(api, {"code": f"P{random.random()}"}, **TIERS, minimum={"EUR": "150.00"})
        customer = api.post("/customers", customer_json()).ok(201)["id"]
        items = [
            {"price_id": self.price, "quantity": str(random.randint(5, 20))},
            item_json("Plan, {period.month}", "49.99", first=random.choice(["prorate", "full", "free"])),
            item_json(
                "Verbrauch", "7.00", timing="arrears", interval={"unit": "day", "count": random.choice([20, 30])}
            ),
            item_json("Einrichtung", "120.00", once=True, start_date=self.day(0, 40)),
        ]
        body = subscription_json(
            customer_id=customer,
            items=items,
            anchor={"day": random.randint(1, 31)},
            lead_days=random.choice([0, 0, 7]),
            action=random.choice(["draft", "finalize"]),
            discount=random.choice([None, {"percent": "3"}]),
            texts={"introduction": "Für {period.start} bis {period.end}"},
        )
        first = api.post("/subscriptions", body | {"dry_run": True}).ok()["first_invoices"]
        self.made = api.post("/subscriptions", body).ok(201)
        assert content(self.preview("count=3")) == content(first)

    def day(self, first: int, last: int) -> str:
        """A day between these days from today on."""
        return (self.at.now.date() + timedelta(days=self.random.randint(first, last))).isoformat()

    def preview(self, query: str) -> list[dict[str, Any]]:
        """The next invoices."""
        found: list[dict[str, Any]] = self.api.get(f"/subscriptions/{self.made['id']}/preview?{query}").ok()["invoices"]
        return found

    def change(self) -> None:
        """Change the quantity of the price, now or later, as its dry run shows it."""
        item = now_of(self.api, self.made)["items"][0]["id"]
        body = {
            "items": [{"op": "set", "item_id": item, "quantity": str(self.random.randint(5, 20))}],
            **({"at": "date", "on": self.day(1, 60)} if self.random.random() < 0.6 else {"at": "now"}),
        }
        self.same("POST", "changes", body)

    def pause(self) -> None:
        """Pause some days ahead, unless a pause is ahead already."""
        body = {"from": self.day(1, 20), "until": self.day(21, 80)}
        assert self.api.post(f"/subscriptions/{self.made['id']}/pause", body).status in (200, 409)

    def cancel(self) -> None:
        """End on a day, as the dry run shows it."""
        self.same("PUT", "cancellation", {"at": "date", "on": self.day(0, 70), "refund": "credit"})

    def same(self, method: str, path: str, body: dict[str, Any]) -> None:
        """Send a request, and require that its dry run has the same answer before."""
        url = f"/subscriptions/{self.made['id']}/{path}"
        planned, done = self.api(method, url, body | {"dry_run": True}), self.api(method, url, body)
        assert (planned.status, planned.json.get("code")) == (done.status, done.json.get("code"))
        if done.status == 200:
            assert content(planned.json) == content(done.json)

    def bill_ahead(self) -> None:
        """Bill all that is due some weeks ahead, each on its day, as previews and dry runs of runs show it."""
        until = self.at.now.date() + AHEAD
        planned = self.preview(f"count=12&on={until}")
        known = {one["id"] for one in invoices(self.api, self.made)}
        for day in sorted({max(one["bill_on"], self.at.now.date().isoformat()) for one in planned}):
            if day > self.at.now.date().isoformat():
                self.at.now = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=6)
            self.run()
        after = [one for one in invoices(self.api, self.made) if one["id"] not in known and one["type"] == "invoice"]
        assert content([one["invoice"] for one in planned if one["invoice"]]) == content(
            [stored(self.api, one) for one in after]
        )
        self.at.now = datetime.combine(until, datetime.min.time(), UTC).replace(hour=12)
        bill(self.api, self.made)

    def run(self) -> None:
        """Bill all that is due now, as the dry run shows it."""
        shown = self.api.post("/billing-runs", {"source": "subscriptions", "dry_run": True})
        bill(self.api, self.made)
        [run, *_] = self.api.get("/billing-runs?source=subscriptions&limit=1").ok()["data"]
        if shown.status == 200:
            fields = ("status", "totals", "counts")
            assert {name: shown.json[name] for name in fields} == {name: run[name] for name in fields}
            assert content(shown.json["results"]) == content(results(self.api, run))


@pytest.mark.parametrize("seed", [0, 3, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(4, 100))])
def test_previews_and_dry_runs_equal_the_bills(api: Client, at: Clock, seed: int) -> None:
    """Hazard 9: with a pause, tiers, a change, and an end that is credited."""
    life = Previewed(api, at, random := Random(seed))
    for step in random.sample([life.change, life.pause, life.cancel], 3):
        life.bill_ahead()
        step()
    life.bill_ahead()
