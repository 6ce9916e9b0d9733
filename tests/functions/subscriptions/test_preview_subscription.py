"""GET /subscriptions/{subscription_id}/preview."""

from typing import Any

import pytest

from invoicing.core.identity import Caller
from invoicing.invoices.model import Invoice
from invoicing.store.session import Session
from invoicing.store.store import Store
from tests.aws import AwsCalls
from tests.builders import NOON, item_json
from tests.conftest import Clock
from tests.gateway import Client
from tests.subscriptions import bill_at, invoices, now_of, subscribe

IDS_AND_TIMES = {"id", "billing_run_id", "number", "finalized_at", "created_at", "updated_at", "version"}


def content(value: Any) -> Any:
    """A document without ids and times."""
    if isinstance(value, dict):
        return {name: content(inner) for name, inner in value.items() if name not in IDS_AND_TIMES}
    return [content(inner) for inner in value] if isinstance(value, list) else value


def stored(api: Client, invoice: dict[str, Any]) -> Any:
    """A document as it is stored, without values that are derived when it is shown."""
    store = Store(Session(Caller.system(api.tenant_id), NOON))
    return store.get(Invoice, invoice["id"]).model_dump(mode="json")


@pytest.mark.parametrize("action", ["draft", "send"])
def test_a_preview_equals_the_later_invoices(api: Client, at: Clock, aws: AwsCalls, action: str) -> None:
    items = [
        item_json("Lizenz, {period.month}", "49.99", quantity="3"),
        item_json("Einrichtung", "120.00", quantity="2", once=True),
        item_json("Verbrauch, {quantity} Stück", "7.00", timing="arrears", interval={"unit": "week"}),
        item_json("Jahr", "1200.00", interval={"unit": "year"}),
    ]
    texts = {"introduction": "Für {period.start} bis {period.end}", "closing": "Danke"}
    made = subscribe(
        api,
        items=items,
        anchor={"day": 31, "month": 1, "weekday": 1},
        discount={"percent": "3"},
        texts=texts,
        action=action,
    )
    with aws.only("preview_subscription") as calls:
        planned = api.get(f"/subscriptions/{made['id']}/preview?count=12&on=2026-04-30").ok()["invoices"]
    assert calls.names == {"dynamodb:Query": 1, "dynamodb:BatchGetItem": 1}
    assert len(planned) == 10
    for one in planned:
        bill_at(api, at, f"{one['bill_on']}T06:00", made)
    later = [stored(api, one) for one in invoices(api, made)]
    assert content([one["invoice"] for one in planned]) == content(later)


@pytest.mark.parametrize(
    ("action", "changed", "refused"),
    [
        ("finalize", {}, None),
        ("send", {"einvoice_format": "zugferd"}, None),
        ("send", {"emails": []}, "NO_RECIPIENT"),
        ("finalize", {"address": None}, "LEGAL_CONTENT_MISSING"),
        ("finalize", {"einvoice_format": "xrechnung"}, "EN16931_RULE_BROKEN"),
    ],
)
def test_a_preview_is_checked_as_the_later_invoice(
    api: Client, at: Clock, action: str, changed: dict[str, Any], refused: str | None
) -> None:
    """It is issued with its dates and frozen parties, or has the reason for which the subscription then waits."""
    items = [item_json("Wartung", "500.00")]
    made = subscribe(api, action=action, items=items, start_date="2026-03-12")
    api.patch(f"/customers/{made['customer_id']}", changed).ok()
    [planned] = api.get(f"/subscriptions/{made['id']}/preview").ok()["invoices"]
    bill_at(api, at, "2026-03-12T06:00", made)
    [later], attention = invoices(api, made), now_of(api, made)["attention"]
    assert planned["refusal"] == (refused and {name: attention[name] for name in ("code", "detail")})
    assert (later["issue_date"], attention and attention["code"]) == (None if refused else "2026-03-12", refused)
    assert content(planned["invoice"]) == content(stored(api, later))


def test_the_next_invoice_is_shown_by_default(api: Client) -> None:
    made = subscribe(api, start_date="2026-05-01")
    [planned] = api.get(f"/subscriptions/{made['id']}/preview").ok()["invoices"]
    assert (planned["bill_on"], planned["invoice"]["total"]) == ("2026-05-01", "129.71")
    assert api.get(f"/subscriptions/{made['id']}/preview?on=2026-04-30").ok()["invoices"] == []
    assert invoices(api, made) == []
