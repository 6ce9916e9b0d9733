"""GET /subscriptions/{subscription_id}/preview."""

from typing import Any

from invoicing.core.identity import Caller
from invoicing.invoices.model import Invoice
from invoicing.store.session import Session
from invoicing.store.store import Store
from tests.aws import AwsCalls
from tests.builders import NOON, item_json
from tests.conftest import Clock
from tests.gateway import Client
from tests.subscriptions import bill_at, invoices, subscribe

IDS_AND_TIMES = {"id", "created_at", "updated_at", "version"}


def content(value: Any) -> Any:
    """A document without ids and times."""
    if isinstance(value, dict):
        return {name: content(inner) for name, inner in value.items() if name not in IDS_AND_TIMES}
    return [content(inner) for inner in value] if isinstance(value, list) else value


def stored(api: Client, invoice: dict[str, Any]) -> Any:
    """A document as it is stored, without values that are derived when it is shown."""
    store = Store(Session(Caller.system(api.tenant_id), NOON))
    return store.get(Invoice, invoice["id"]).model_dump(mode="json")


def test_a_preview_equals_the_later_invoices(api: Client, at: Clock, aws: AwsCalls) -> None:
    items = [
        item_json("Lizenz, {period.month}", "49.99", quantity="3"),
        item_json("Einrichtung", "120.00", quantity="2", once=True),
        item_json("Verbrauch, {quantity} Stück", "7.00", timing="arrears", interval={"unit": "week"}),
        item_json("Jahr", "1200.00", interval={"unit": "year"}),
    ]
    texts = {"introduction": "Für {period.start} bis {period.end}", "closing": "Danke"}
    made = subscribe(
        api, items=items, anchor={"day": 31, "month": 1, "weekday": 1}, discount={"percent": "3"}, texts=texts
    )
    with aws.only("preview_subscription") as calls:
        planned = api.get(f"/subscriptions/{made['id']}/preview?count=12&on=2026-04-30").ok()["invoices"]
    assert calls.names == {"dynamodb:Query": 1, "dynamodb:BatchGetItem": 1}
    assert len(planned) == 10
    for one in planned:
        bill_at(api, at, f"{one['bill_on']}T06:00", made)
    later = [stored(api, one) for one in invoices(api, made)]
    assert content([one["invoice"] for one in planned]) == content(later)


def test_the_next_invoice_is_shown_by_default(api: Client) -> None:
    made = subscribe(api, start_date="2026-05-01")
    [planned] = api.get(f"/subscriptions/{made['id']}/preview").ok()["invoices"]
    assert (planned["bill_on"], planned["invoice"]["total"]) == ("2026-05-01", "129.71")
    assert api.get(f"/subscriptions/{made['id']}/preview?on=2026-04-30").ok()["invoices"] == []
    assert invoices(api, made) == []
