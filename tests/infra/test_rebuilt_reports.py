"""`invoicing reports rebuild`: a month recomputed from the documents."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.reports import Rebuilt, rebuild
from tests.aws import TABLE
from tests.aws_events import boto
from tests.builders import invoice_json, line_json
from tests.conftest import Clock
from tests.events import outbox
from tests.functions.reports.test_list_open_items import record, rows
from tests.gateway import Client

MARCH, APRIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


def forget(*which: int) -> None:
    """Remove the changes of balances from these entries of the timeline, as if old code had written them."""
    with_change = [row for row in outbox() if "balance" in row]
    for number in which:
        row = with_change[number]
        key = {name: row[name] for name in ("PK", "SK")}
        boto("dynamodb").update_item(TableName=TABLE, Key=key, UpdateExpression="REMOVE balance")


@pytest.fixture
def paid(api: Client, issued: dict[str, Any], at: Clock) -> dict[str, Any]:
    """An invoice of March with two payments in April, 19.00 and 50.00."""
    for days, amount in ((30, "19.00"), (5, "50.00")):
        at.now += timedelta(days=days)
        api.post(f"/invoices/{issued['id']}/payments", {"amount": amount}).ok(201)
    return issued


def dues(api: Client, *days: str) -> list[str]:
    return [row["due"] for day in days for row in api.get(f"/reports/open-items?as_of={day}").ok()["data"]]


def test_a_month_is_equal_to_its_documents(api: Client, paid: dict[str, Any]) -> None:
    record(api)
    assert rebuild(api.tenant_id, MARCH, check=True) == Rebuilt(1, 1, 1, 0, 0, 0)
    assert rebuild(api.tenant_id, APRIL, check=True) == Rebuilt(1, 2, 2, 0, 0, 0)


def test_a_lost_month_is_put_again(api: Client, paid: dict[str, Any]) -> None:
    for month, changes in ((MARCH, 1), (APRIL, 2)):
        assert rebuild(api.tenant_id, month, check=True) == Rebuilt(1, changes, changes, 2 * changes, 0, 0)
        assert rebuild(api.tenant_id, month, check=False).missing == 2 * changes
        assert rebuild(api.tenant_id, month, check=True).was_equal
    assert dues(api, "2026-03-10", "2026-04-09", "2026-04-14") == ["119.00", "100.00", "50.00"]


def test_wrong_and_surplus_changes_are_corrected(api: Client, paid: dict[str, Any]) -> None:
    record(api)
    partition = f"T#{api.tenant_id}#BALANCES#2026-04"
    first, second = (
        boto("dynamodb")
        .query(TableName=TABLE, KeyConditionExpression="PK = :p", ExpressionAttributeValues={":p": {"S": partition}})
        ["Items"]
    )  # fmt: skip
    wrong = {"data": {"S": first["data"]["S"].replace("19.00", "18.00")}}
    surplus = {"SK": {"S": f"{first['SK']['S']}X"}, "data": {"S": first["data"]["S"].replace("evt_", "evt_X")}}
    for item in ({**first, **wrong}, {**second, **surplus}):
        boto("dynamodb").put_item(TableName=TABLE, Item=item)
    done = rebuild(api.tenant_id, APRIL, check=False)
    assert done == Rebuilt(1, 2, 2, 0, 1, 1)
    assert rebuild(api.tenant_id, APRIL, check=True).was_equal
    assert dues(api, "2026-04-09") == ["100.00"]


@pytest.mark.parametrize("lost", [(0, 1, 2), (1,), (2,), (0,), (1, 2)])
def test_changes_of_old_code_follow_from_those_around(api: Client, paid: dict[str, Any], lost: tuple[int, ...]) -> None:
    forget(*lost)
    record(api)
    for month in (MARCH, APRIL):
        rebuild(api.tenant_id, month, check=False)
        assert rebuild(api.tenant_id, month, check=True).was_equal
    assert rows(api)[0]["due"] == "50.00"
    expected = {(1,): "119.00", (2,): "119.00", (0,): "119.00", (1, 2): "119.00", (0, 1, 2): "50.00"}
    assert dues(api, "2026-03-10") == [expected[lost]]


def test_entries_of_one_moment_have_the_order_of_their_changes(api: Client, issued: dict[str, Any]) -> None:
    """Within a millisecond ids have no order, and the clocks of workers differ."""
    path = f"/invoices/{issued['id']}/payments"
    for _ in range(12):
        payment = api.post(path, {"amount": "19.00"}).ok(201)["id"]
        api.delete(f"{path}/{payment}?reason=error").ok()
    record(api)
    assert rebuild(api.tenant_id, MARCH, check=True) == Rebuilt(1, 25, 25, 0, 0, 0)


def tax(api: Client, query: str) -> list[tuple[str, str]]:
    return [(row["taxable"], row["tax"]) for row in api.get(f"/reports/tax?{query}").ok()["data"]]


@pytest.mark.parametrize("lost", [(), (0, 1, 2, 3), (1,), (1, 2)])
def test_facts_of_credits_by_old_code_are_put(
    api: Client, issued: dict[str, Any], at: Clock, lost: tuple[int, ...]
) -> None:
    path = f"/invoices/{issued['id']}"
    at.now += timedelta(days=1)
    note = api.post(f"{path}/credit", {"amount": "11.90"}).ok(201)["id"]
    at.now += timedelta(days=1)
    api.post(f"/invoices/{note}/cancel", {}).ok()
    at.now += timedelta(days=1)
    api.post(f"{path}/credit", {"amount": "23.80"}).ok(201)
    at.now += timedelta(days=1)
    api.post(f"{path}/payments", {"amount": "95.20"}).ok(201)
    forget(*lost)
    record(api)
    rebuild(api.tenant_id, MARCH, check=False)
    assert rebuild(api.tenant_id, MARCH, check=True).was_equal
    whole = "from=2026-03-01&to=2026-03-31"
    assert tax(api, whole) == tax(api, f"{whole}&basis=paid") == [("80.00", "15.20")]


def test_an_old_document_is_paid_in_the_rates_that_are_left(api: Client, issued: dict[str, Any], at: Clock) -> None:
    lines = [line_json(), line_json(tax={"category": "S", "rate": "7"})]
    body = invoice_json(customer_id=issued["customer_id"], lines=lines)
    draft = api.post("/invoices", body).ok(201)
    path = f"/invoices/{draft['id']}"
    api.post(f"{path}/finalize", {}).ok()
    reduced = next(one["id"] for one in draft["lines"] if one["tax"]["rate"] == "7")
    at.now += timedelta(days=1)
    api.post(f"{path}/credit", {"lines": [{"line_id": reduced}]}).ok(201)
    api.post(f"{path}/payments", {"amount": "119.00"}).ok(201)
    forget(*range(5))
    rebuild(api.tenant_id, MARCH, check=False)
    assert tax(api, "basis=paid&from=2026-03-01&to=2026-03-31") == [("100.00", "19.00")]


def test_payments_of_an_old_document_count_when_it_was_paid(api: Client, paid: dict[str, Any]) -> None:
    forget(0, 1, 2)
    record(api)
    for month in (MARCH, APRIL):
        rebuild(api.tenant_id, month, check=False)
        assert rebuild(api.tenant_id, month, check=True).was_equal
    assert tax(api, "from=2026-03-01&to=2026-03-31") == [("100.00", "19.00")]
    assert tax(api, "from=2026-03-01&to=2026-03-31&basis=paid") == []
    assert tax(api, "from=2026-04-14&to=2026-04-14&basis=paid") == [("57.98", "11.02")]


def test_facts_that_count_in_another_month_are_compared(api: Client, issued: dict[str, Any], at: Clock) -> None:
    """A payment that is recorded in April with a date of March."""
    at.now += timedelta(days=30)
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "119.00", "date": "2026-03-20"}).ok(201)
    record(api)
    assert rebuild(api.tenant_id, APRIL, check=True) == Rebuilt(1, 1, 1, 0, 0, 0)
    assert rebuild(api.tenant_id, MARCH, check=True) == Rebuilt(1, 1, 2, 0, 0, 0)
    [paid] = facts(api, "paid", "2026-03")
    boto("dynamodb").delete_item(TableName=TABLE, Key={name: paid[name] for name in ("PK", "SK")})
    assert rebuild(api.tenant_id, MARCH, check=False).missing == 1
    assert tax(api, "basis=paid&from=2026-03-01&to=2026-03-31") == [("100.00", "19.00")]
    boto("dynamodb").put_item(TableName=TABLE, Item={**paid, "data": {"S": paid["data"]["S"].replace("evt_", "evt_X")}})
    assert rebuild(api.tenant_id, APRIL, check=False).different == 1
    assert rebuild(api.tenant_id, MARCH, check=True).was_equal


def facts(api: Client, basis: str, month: str) -> list[dict[str, Any]]:
    found = boto("dynamodb").query(
        TableName=TABLE,
        KeyConditionExpression="PK = :partition",
        ExpressionAttributeValues={":partition": {"S": f"T#{api.tenant_id}#FACTS#{basis}#{month}"}},
    )
    return list(found["Items"])
