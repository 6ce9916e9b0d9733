"""GET /invoices: C21, B27, A28."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from invoicing.aws import parameters
from invoicing.core.identity import Role
from tests.aws import ENVIRONMENT, AwsCalls
from tests.aws_events import boto
from tests.builders import customer_json, invoice_json
from tests.conftest import Clock
from tests.gateway import Client


def ids(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [entry["id"] for entry in answer["data"]]


def drafts(api: Client, at: Clock, count: int, **fields: object) -> list[str]:
    """This number of drafts, a second apart, the newest first."""
    made = []
    for _ in range(count):
        at.now = at.now.replace(second=at.now.second + 1)
        made.append(api.post("/invoices", invoice_json(**fields)).ok(201)["id"])
    return made[::-1]


def test_entries_are_summaries_the_newest_first(api: Client, at: Clock) -> None:
    made = drafts(api, at, 3)
    answer = api.get("/invoices").ok()
    assert (ids(answer), answer["has_more"], answer["next_cursor"]) == (made, False, None)
    assert not {"lines", "note", "customer", "seller", "internal_note"} & set(answer["data"][0])


def test_pages_join_without_gaps_or_duplicates(api: Client, at: Clock) -> None:
    made = drafts(api, at, 7)
    seen, path = [], "/invoices?limit=3"
    for _ in range(3):
        answer = api.get(path).ok()
        seen += ids(answer)
        path = f"/invoices?limit=3&cursor={answer['next_cursor']}"
    assert (seen, answer["has_more"]) == (made, False)


def test_a_page_is_one_round_trip(api: Client, aws: AwsCalls, at: Clock) -> None:
    drafts(api, at, 3)
    api.get("/invoices?limit=2").ok()
    with aws.only("list_invoices") as calls:
        api.get("/invoices?limit=2").ok()
    assert calls.names == {"dynamodb:Query": 1}


def test_the_cursor_secret_is_read_once_and_only_for_cursors(api: Client, aws: AwsCalls, at: Clock) -> None:
    drafts(api, at, 3)
    with aws.only("list_invoices") as calls:
        api.get("/invoices?limit=3").ok()
    assert calls.names == {"dynamodb:Query": 1}
    with aws.only("list_invoices") as calls:
        cursor = api.get("/invoices?limit=2").ok()["next_cursor"]
        api.get(f"/invoices?limit=2&cursor={cursor}").ok()
    assert calls.names == {"dynamodb:Query": 2, "secretsmanager:GetSecretValue": 1}


def test_a_new_secret_makes_the_cursors_in_use_invalid(api: Client, at: Clock) -> None:
    drafts(api, at, 3)
    cursor = api.get("/invoices?limit=2").ok()["next_cursor"]
    boto("secretsmanager").put_secret_value(SecretId=ENVIRONMENT["CURSOR_SECRET"], SecretString="another")
    assert api.get(f"/invoices?limit=2&cursor={cursor}").status == 200, "the worker has the one before"
    parameters.forget()
    assert api.get(f"/invoices?limit=2&cursor={cursor}").code == "VALIDATION_ERROR"


def test_the_order_can_be_reversed(api: Client, at: Clock) -> None:
    made = drafts(api, at, 3)
    assert ids(api.get("/invoices?order=asc").ok()) == made[::-1]


@pytest.mark.parametrize("change", ["x", "drop", "tenant", "filter"])
def test_a_cursor_is_valid_for_its_own_list_only(api: Client, stranger: Client, at: Clock, change: str) -> None:
    drafts(api, at, 3)
    cursor = api.get("/invoices?limit=1").ok()["next_cursor"]
    client = stranger if change == "tenant" else api
    given = {"x": cursor[:-3] + "AAA", "drop": cursor[4:]}.get(change, cursor)
    more = "&currency=EUR" if change == "filter" else ""
    answer = client.get(f"/invoices?limit=1&cursor={given}{more}")
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "?cursor")


def test_filters_find_matching_invoices(api: Client, issued: dict[str, str]) -> None:
    draft = api.post("/invoices", invoice_json(currency="USD", external_id="shop-1")).ok(201)["id"]
    one, customer = issued["id"], issued["customer_id"]
    expected = {
        "status=draft": [draft],
        "status=open": [one],
        "payment_status=unpaid": [draft, one],
        "payment_status=paid": [],
        "type=credit_note": [],
        f"customer_id={customer}": [one],
        f"number={issued['number']}": [one],
        "number=INV-1": [],
        "external_id=shop-1": [draft],
        "currency=USD": [draft],
        "origin=api": [draft, one],
        "issued_from=2026-03-10": [one],
        "issued_to=2026-03-09": [],
        "due_from=2026-03-24&due_to=2026-03-24": [one],
        "due_from=2026-03-25": [],
        "created_from=2026-03-10T12:00:00Z": [draft, one],
        "created_to=2026-03-10T11:59:59Z": [],
        "updated_since=2026-03-10T12:00:01Z": [],
        "status=open&currency=EUR": [one],
    }
    found = {query: set(ids(api.get(f"/invoices?{query}").ok())) for query in expected}
    assert found == {query: set(wanted) for query, wanted in expected.items()}


def test_overdue_is_a_fact_about_today_in_due_date_order(api: Client, at: Clock, issued: dict[str, str]) -> None:
    earlier = api.post("/invoices", invoice_json(customer_id=issued["customer_id"])).ok(201)["id"]
    api.post(f"/invoices/{earlier}/finalize", {"due_date": "2026-03-11"}).ok()
    assert ids(api.get("/invoices?overdue=true").ok()) == []
    at.now = at.now.replace(day=26)
    late = api.get("/invoices?overdue=true&order=asc").ok()
    assert ids(late) == [earlier, issued["id"]]
    assert {entry["overdue"] for entry in late["data"]} == {True}
    assert ids(api.get("/invoices?overdue=false").ok()) == []
    api.post(f"/invoices/{earlier}/payments", {"amount": "119.00"}).ok(201)
    assert ids(api.get("/invoices?overdue=true").ok()) == [issued["id"]]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "status=overdue", "overdue=perhaps", "surprise=1", "issued_from=1.1.2026"],
)
def test_invalid_parameters_are_refused_with_a_pointer(api: Client, query: str) -> None:
    answer = api.get(f"/invoices?{query}")
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, f"?{query.partition('=')[0]}")


def test_a_parameter_is_given_once(api: Client) -> None:
    assert api.get("/invoices?status=open&status=paid").status == 400


def test_a_tenant_sees_no_invoices_of_others(api: Client, stranger: Client) -> None:
    stranger.post("/invoices", invoice_json()).ok(201)
    assert ids(api.get("/invoices").ok()) == []


def test_a_members_list_merges_own_and_owned_customers_invoices(sign_in: Callable[..., Client], at: Clock) -> None:
    admin, member = sign_in(), sign_in(Role.MEMBER)
    assert member.user
    owned = admin.post("/customers", customer_json(owner_id=member.user.id)).ok(201)["id"]
    mine = []
    for turn in range(6):
        admin.post("/invoices", invoice_json()).ok(201)
        mine += drafts(member, at, 1) if turn % 2 else drafts(admin, at, 1, customer_id=owned)
    first = member.get("/invoices?limit=4").ok()
    rest = member.get(f"/invoices?limit=4&cursor={first['next_cursor']}").ok()
    assert (ids(first), ids(rest), rest["has_more"]) == (mine[::-1][:4], mine[::-1][4:], False)


def test_a_portal_user_sees_issued_invoices_of_its_customer(
    sign_in: Callable[..., Client], api: Client, issued: dict[str, str]
) -> None:
    portal = sign_in(Role.CUSTOMER, customer_id=issued["customer_id"])
    api.post("/invoices", invoice_json(customer_id=issued["customer_id"])).ok(201)
    assert ids(portal.get("/invoices").ok()) == [issued["id"]]
    nobodys = sign_in(Role.CUSTOMER)
    assert ids(nobodys.get("/invoices").ok()) == []


def test_an_overdue_invoice_was_due_before_today(api: Client, issued: dict[str, Any], at: Clock) -> None:
    at.now += timedelta(days=20)
    today, due = at.now.date(), date.fromisoformat(issued["due_date"])
    assert api.get(f"/invoices?overdue=true&due_from={today}").ok()["data"] == []
    [found] = api.get(f"/invoices?overdue=true&due_from={due}").ok()["data"]
    assert found["id"] == issued["id"]
