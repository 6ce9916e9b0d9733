"""GET /subscriptions/{subscription_id}."""

from collections.abc import Callable

from invoicing.core.identity import Role
from tests.aws import AwsCalls
from tests.conftest import Clock
from tests.gateway import Client
from tests.subscriptions import bill, subscribe


def test_it_is_read_as_it_was_created(api: Client, aws: AwsCalls) -> None:
    made = subscribe(api, texts={"title": "Wartung {period.month}"}, metadata={"a": "b"})
    with aws.only("get_subscription") as calls:
        assert api.get(f"/subscriptions/{made['id']}").ok() == made
    assert calls.names == {"dynamodb:Query": 1}


def test_members_see_subscriptions_of_owned_customers(api: Client, sign_in: Callable[..., Client]) -> None:
    member = sign_in(Role.MEMBER)
    made = subscribe(api)
    assert member.get(f"/subscriptions/{made['id']}").code == "ACCESS_DENIED"
    assert member.user
    api.patch(f"/customers/{made['customer_id']}", {"owner_id": member.user.id}).ok()
    owned = subscribe(api, customer_id=made["customer_id"])
    assert member.get(f"/subscriptions/{owned['id']}").ok()["id"] == owned["id"]


def test_portal_users_see_running_ones_of_their_customer(
    api: Client, sign_in: Callable[..., Client], at: Clock
) -> None:
    running, other = subscribe(api), subscribe(api)
    customer = running["customer_id"]
    over = subscribe(
        api, customer_id=customer, start_date="2026-02-01", catch_up="none", occurrences={"max": 1}, name="secret"
    )
    bill(api, over)
    at.now = at.now.replace(month=4)
    bill(api, over)
    portal = sign_in(Role.CUSTOMER, customer_id=customer)
    shown = portal.get(f"/subscriptions/{running['id']}").ok()
    assert (shown["id"], shown["created_by"], shown["metadata"]) == (running["id"], None, {})
    assert portal.get(f"/subscriptions/{over['id']}").code == "ACCESS_DENIED"
    assert portal.get(f"/subscriptions/{other['id']}").code == "ACCESS_DENIED"
