"""Lists: short pages, several ranges, and the entries that are read."""

import json
from typing import Any

import pytest

from invoicing.core.errors import Invalid
from invoicing.core.ids import new_ids
from invoicing.core.page import ListQuery
from invoicing.customers.model import Customer
from invoicing.store import cursor, keys, listing
from invoicing.store.listing import Condition, KeyRange, page_of
from invoicing.tenants.model import Tenant
from tests.aws import AwsCalls, seed
from tests.builders import NOON


def customers(tenant: Tenant, count: int) -> list[Customer]:
    """This number of customers; every tenth is a person."""
    made = [
        Customer(
            id=id_, name=f"K{number}", type="person" if number % 10 == 0 else "company", created_at=NOON,
            updated_at=NOON, created_by=None, updated_by=None,
        )
        for number, id_ in zip(range(count), new_ids("cus", NOON), strict=False)
    ]  # fmt: skip
    seed(tenant.id, *made)
    return made


def test_a_filtered_page_may_be_short_and_have_a_next_page(
    tenant: Tenant, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "EXAMINED", 20)
    made = customers(tenant, 100)
    wanted = [one.id for one in made if one.type == "person"]
    query, seen, pages = ListQuery(limit=5, order="asc"), [], 0
    while True:
        page = page_of(
            Customer,
            [KeyRange(keys.of_tenant(tenant.id, "CUS"))],
            query,
            [Condition("type", "=", "person")],
            bound_to=[],
        )
        seen += [one.id for one in page.data]
        pages += 1
        if not page.has_more:
            break
        query = query.model_copy(update={"cursor": page.next_cursor})
    assert seen == wanted
    assert pages > 2
    assert all(call.params["Limit"] == 20 for call in aws.calls if call.name == "dynamodb:Query")


def test_an_unfiltered_page_reads_one_entry_more_than_it_shows(tenant: Tenant, aws: AwsCalls) -> None:
    customers(tenant, 60)
    page_of(Customer, [KeyRange(keys.of_tenant(tenant.id, "CUS"))], ListQuery(limit=25), [], bound_to=[])
    [query] = [call for call in aws.calls if call.name == "dynamodb:Query"]
    assert query.params["Limit"] == 26


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_several_ranges_merge_in_order_each_entry_once(tenant: Tenant, order: str) -> None:
    made = customers(tenant, 30)
    places = [KeyRange(keys.of_tenant(tenant.id, "CUS")), KeyRange(keys.of_tenant(tenant.id, "CUS"), high=made[9].id)]
    query, seen = ListQuery.model_validate({"limit": 7, "order": order}), []
    while True:
        page = page_of(Customer, places, query, [], bound_to=[])
        seen += [one.id for one in page.data]
        if not page.has_more:
            break
        query = query.model_copy(update={"cursor": page.next_cursor})
    assert seen == [one.id for one in (made if order == "asc" else made[::-1])]


class NewerQuery(ListQuery):
    """The query of newer code, with one more filter."""

    colour: str | None = None


def test_a_cursor_of_newer_code_is_valid_for_the_same_query(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    made = customers(tenant, 3)
    place = [KeyRange(keys.of_tenant(tenant.id, "CUS"))]
    sign = cursor.sign

    def newer_sign(position: str, **named: Any) -> str:
        return sign(json.dumps([*json.loads(position), {"newer": 1}]), **named)

    with monkeypatch.context() as patched:
        patched.setattr(cursor, "sign", newer_sign)
        first = page_of(Customer, place, NewerQuery(limit=2, order="asc"), [], bound_to=[])
        other = page_of(Customer, place, NewerQuery(limit=2, order="asc", colour="red"), [], bound_to=[])
    page = page_of(Customer, place, ListQuery(limit=2, order="asc", cursor=first.next_cursor), [], bound_to=[])
    assert [one.id for one in page.data] == [made[2].id]
    with pytest.raises(Invalid):
        page_of(Customer, place, ListQuery(limit=2, order="asc", cursor=other.next_cursor), [], bound_to=[])
