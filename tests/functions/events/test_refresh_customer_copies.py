"""customer.updated, customer.erased → copies of the customer on its documents"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from invoicing.aws.clients import client
from invoicing.core.identity import Role
from invoicing.invoices import copies
from invoicing.store import reading
from tests.aws import AwsCalls
from tests.builders import customer_json, invoice_json
from tests.events import deliver, details
from tests.gateway import Client
from tests.races import meanwhile


@pytest.fixture
def members(sign_in: Callable[..., Client]) -> tuple[Client, Client]:
    """Two owners of customers."""
    return sign_in(Role.MEMBER), sign_in(Role.MEMBER)


@pytest.fixture
def customer(api: Client, members: tuple[Client, Client]) -> str:
    """A customer of the first, with a draft, an issued and a paid invoice."""
    first = members[0].user
    assert first
    made = str(api.post("/customers", customer_json(owner_id=first.id)).ok(201)["id"])
    _, issued, paid = (api.post("/invoices", invoice_json(customer_id=made)).ok(201)["id"] for _ in range(3))
    for invoice in (issued, paid):
        api.post(f"/invoices/{invoice}/finalize").ok()
    api.post(f"/invoices/{paid}/payments", {"amount": "119.00"}).ok(201)
    return made


def seen(who: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = who.get("/invoices").ok()["data"]
    return found


def handed_over(api: Client, customer: str, to: Client) -> dict[str, Any]:
    """The event about the new owner."""
    assert to.user
    api.patch(f"/customers/{customer}", {"owner_id": to.user.id}).ok()
    return max(details("customer.updated"), key=lambda event: int(event["resource"]["version"]))


def test_the_new_owner_sees_all_documents_and_the_old_one_none(
    api: Client, members: tuple[Client, Client], customer: str
) -> None:
    old, new = members
    assert (len(seen(old)), len(seen(new))) == (3, 0)
    before = {one["id"]: one for one in api.get("/invoices").ok()["data"]}
    assert deliver("refresh_customer_copies", handed_over(api, customer, new)) == []
    assert (len(seen(old)), len(seen(new))) == (0, 3)
    same = {"owner_id", "version", "updated_at", "updated_by"}
    for one in seen(new):
        assert {name: value for name, value in one.items() if name not in same} == {
            name: value for name, value in before[one["id"]].items() if name not in same
        }
        assert one["version"] == before[one["id"]]["version"], "clients compare versions with their own changes"
        assert new.get(f"/invoices/{one['id']}").ok()["lines"][0]["name"] == "Bohrfutter"
        assert old.get(f"/invoices/{one['id']}").code == "ACCESS_DENIED"


def test_a_removed_owner_is_removed_from_documents(api: Client, members: tuple[Client, Client], customer: str) -> None:
    api.patch(f"/customers/{customer}", {"owner_id": None}).ok()
    assert deliver("refresh_customer_copies", *details("customer.updated")) == []
    assert seen(members[0]) == []


def test_repeated_and_late_deliveries_change_nothing(
    api: Client, members: tuple[Client, Client], customer: str
) -> None:
    """The event reports a change, but only the current customer counts."""
    old, new = members
    to_new, back = handed_over(api, customer, new), handed_over(api, customer, old)
    assert deliver("refresh_customer_copies", back, to_new, back) == []
    assert (len(seen(old)), len(seen(new))) == (3, 0)
    assert {one["version"] for one in seen(old)} == {1, 2, 3}, "nothing was to be rewritten"


def test_the_next_delivery_continues_with_the_rest(
    api: Client, members: tuple[Client, Client], customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = handed_over(api, customer, members[1])
    rewritten = copies._rewritten
    done: list[Any] = []

    def failing(*asked: Any) -> bool:
        if done:
            raise TimeoutError
        done.append(asked)
        return rewritten(*asked)

    with monkeypatch.context() as patched:
        patched.setattr(copies, "_rewritten", failing)
        assert deliver("refresh_customer_copies", event) == [event["id"]]
    assert len(seen(members[1])) == 1
    assert deliver("refresh_customer_copies", event) == []
    assert len(seen(members[1])) == 3


def test_a_concurrent_payment_is_not_lost(
    api: Client, members: tuple[Client, Client], customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = handed_over(api, customer, members[1])
    [issued] = api.get("/invoices?status=open").ok()["data"]
    stale = copies._perhaps_stale

    def overtaken(*asked: Any) -> Any:
        found = list(stale(*asked))
        if Decimal(api.get(f"/invoices/{issued['id']}").ok()["paid"]) == 0:
            api.post(f"/invoices/{issued['id']}/payments", {"amount": "1.00"}).ok(201)
        return iter(found)

    with monkeypatch.context() as patched:
        patched.setattr(copies, "_perhaps_stale", overtaken)
        assert deliver("refresh_customer_copies", event) == []
    after = api.get(f"/invoices/{issued['id']}").ok()
    assert (after["paid"], after["owner_id"]) == ("1.00", event["data"]["object"]["owner_id"])


def test_a_draft_created_concurrently_gets_the_new_owner(
    api: Client, members: tuple[Client, Client], customer: str
) -> None:
    with meanwhile(lambda: handed_over(api, customer, members[1])):
        draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)
    assert members[1].user is not None
    assert draft["owner_id"] == members[1].user.id


def test_only_drafts_get_the_new_name(api: Client, customer: str) -> None:
    api.patch(f"/customers/{customer}", {"name": "Neu GmbH"}).ok()
    assert deliver("refresh_customer_copies", *details("customer.updated")) == []
    names = {one["status"]: one["customer_name"] for one in api.get("/invoices").ok()["data"]}
    assert names == {"draft": "Neu GmbH", "open": "Bäckerei Süß & Söhne", "paid": "Bäckerei Süß & Söhne"}


def test_other_changes_and_deleted_customers_cost_no_writes(api: Client, aws: AwsCalls) -> None:
    made = api.post("/customers", customer_json()).ok(201)["id"]
    api.patch(f"/customers/{made}", {"phone": "1"}).ok()
    api.patch(f"/customers/{made}", {"name": "Weg"}).ok()
    api.delete(f"/customers/{made}").ok(204)
    with aws.only("refresh_customer_copies") as calls:
        assert deliver("refresh_customer_copies", *details("customer.updated")) == []
    # Reads for each event whether it was handled before, then the deleted customer.
    assert calls.names == {"dynamodb:Query": 2, "dynamodb:GetItem": 1}


def test_more_documents_than_one_page_are_all_updated(
    api: Client, members: tuple[Client, Client], customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Any = client("dynamodb")

    class Small:
        def __getattr__(self, name: str) -> Any:
            return (lambda **asked: real.query(**asked, Limit=1)) if name == "query" else getattr(real, name)

    monkeypatch.setattr(reading, "client", lambda _: Small())
    assert deliver("refresh_customer_copies", handed_over(api, customer, members[1])) == []
    assert len(seen(members[1])) == 3
