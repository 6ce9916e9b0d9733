"""GET /subscriptions."""

from collections.abc import Callable

import pytest

from invoicing.core.identity import Role
from tests.builders import customer_json, item_json
from tests.conftest import Clock
from tests.events import deliver, details
from tests.gateway import Client
from tests.subscriptions import bill, bill_at, subscribe


def listed(client: Client, query: str = "") -> list[str]:
    return [one["id"] for one in client.get(f"/subscriptions{query}").ok()["data"]]


def test_the_newest_is_first_and_has_no_items(api: Client) -> None:
    first, second = subscribe(api), subscribe(api)
    data = api.get("/subscriptions").ok()["data"]
    assert [one["id"] for one in data] == sorted([first["id"], second["id"]], reverse=True)
    assert "items" not in data[0]


@pytest.mark.parametrize(
    "query",
    [
        "?status=pending",
        "?external_id=V-1",
        "?status=pending&next_bill_to=2026-05-01",
        "?ends_to=2026-06-30",
        "?attention=false&status=pending",
    ],
)
def test_filters(api: Client, query: str) -> None:
    items = [item_json("Wartung", "49.00", end_date="2026-06-30")]
    wanted = subscribe(api, start_date="2026-05-01", external_id="V-1", items=items)
    subscribe(api, start_date="2026-03-01")
    assert listed(api, query) == [wanted["id"]]


def test_a_customer_and_a_date_of_billing(api: Client) -> None:
    soon, later = subscribe(api), subscribe(api, start_date="2026-05-01")
    assert listed(api, "?next_bill_to=2026-03-31") == [soon["id"]]
    assert listed(api, f"?customer_id={later['customer_id']}") == [later["id"]]
    assert listed(api, "?attention=true") == []
    assert listed(api, "?external_id=unknown") == []


def test_members_list_those_of_owned_customers(api: Client, sign_in: Callable[..., Client]) -> None:
    member = sign_in(Role.MEMBER)
    owned, _ = subscribe(api), subscribe(api)
    assert listed(member) == []
    assert member.user
    api.patch(f"/customers/{owned['customer_id']}", {"owner_id": member.user.id}).ok()
    [changed] = details("customer.updated")
    assert deliver("refresh_customer_copies", changed) == []
    assert listed(member) == [owned["id"]]
    portal = sign_in(Role.CUSTOMER, customer_id=owned["customer_id"])
    assert listed(portal) == [owned["id"]]


def test_attention_is_null_for_portal_users(api: Client, sign_in: Callable[..., Client]) -> None:
    customer = api.post("/customers", customer_json(address=None)).ok(201)["id"]
    made = subscribe(api, customer_id=customer, action="finalize", items=[item_json("Wartung", "500.00")])
    bill(api, made)
    assert listed(api, "?attention=true") == [made["id"]]
    portal = sign_in(Role.CUSTOMER, customer_id=customer)
    assert (listed(portal, "?attention=true"), listed(portal, "?attention=false")) == ([], [made["id"]])


def test_terms_that_renew_are_listed_by_their_date(api: Client, at: Clock) -> None:
    renewing = subscribe(api, term={"unit": "month", "count": 2}, renewal={"mode": "renew"})
    subscribe(api, term={"unit": "month", "count": 2}, renewal={"mode": "end"})
    assert (renewing["renews_on"], api.get("/subscriptions?renews_to=2026-05-09").ok()["data"]) == ("2026-05-10", [])

    assert listed(api, "?renews_to=2026-05-10") == [renewing["id"]]
    bill_at(api, at, "2026-05-10T12:00", renewing)
    assert listed(api, "?renews_to=2026-05-10") == []
    assert listed(api, "?renews_to=2026-07-10") == [renewing["id"]]
    assert [one["data"]["details"] for one in details("subscription.renewed")] == [{"starts_on": "2026-05-10"}]
    api.put(f"/subscriptions/{renewing['id']}/cancellation", {"at": "earliest"}).ok()
    assert listed(api, "?renews_to=2027-05-10") == []
