"""The cost of a request is independent of the size of the table: calls, read entries and bytes."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from invoicing.aws import parameters
from invoicing.aws.clients import client
from invoicing.core.ids import new_ids
from tests.aws import ENVIRONMENT, TABLE, AwsCalls
from tests.aws_limits import size
from tests.builders import NOON, rule_json
from tests.conftest import Clock
from tests.events import details, strike
from tests.gateway import Client
from tests.world import issue

MANY = 100_000


def fill(issued: dict[str, Any], count: int) -> None:
    """This number of copies of an invoice's head, put directly into moto; every 400th of them is paid."""
    table = dynamodb_backends[DEFAULT_ACCOUNT_ID]["eu-central-1"].tables[TABLE]
    answer = client("dynamodb").query(
        TableName=TABLE,
        IndexName="GSI1",
        KeyConditionExpression="GSI1SK = :id AND GSI1PK = :place",
        ExpressionAttributeValues={":id": {"S": issued["id"]}, ":place": {"S": place_of(issued)}},
    )
    text = json.dumps(answer["Items"][0])
    for number, id_ in zip(range(count), new_ids("inv", NOON.replace(year=2025)), strict=False):
        item = json.loads(text.replace(issued["id"], id_))
        item["status"] = {"S": "paid" if number % 400 == 0 else "open"}
        table.put_item(item)


def place_of(issued: dict[str, Any]) -> str:
    items = client("dynamodb").scan(TableName=TABLE)["Items"]
    return next(item["GSI1PK"]["S"] for item in items if item.get("GSI1SK", {}).get("S") == issued["id"])


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch, aws: AwsCalls) -> list[Any]:
    """Collects the results of queries."""
    seen: list[Any] = []
    query = client("dynamodb").query

    def noted(**asked: Any) -> Any:
        seen.append(query(**asked))
        return seen[-1]

    monkeypatch.setattr(client("dynamodb"), "query", noted)
    return seen


@pytest.fixture(autouse=True)
def _warm_worker(aws: AwsCalls) -> None:
    """A worker that has read the secret of cursors, which it reads once."""
    parameters.secret(ENVIRONMENT["CURSOR_SECRET"])


@pytest.mark.parametrize("count", [300, pytest.param(MANY, marks=pytest.mark.slow)])
def test_a_page_of_25_costs_the_same_among_few_and_among_many(
    api: Client, issued: dict[str, Any], aws: AwsCalls, answers: list[Any], count: int
) -> None:
    """C21, B27."""
    fill(issued, count)
    cursor = ""
    for _ in range(3):
        answers.clear()
        with aws.only("list_invoices") as calls:
            page = api.get(f"/invoices?{cursor}").ok()
        assert (len(page["data"]), page["has_more"]) == (25, True)
        assert calls.names == {"dynamodb:Query": 1}
        [answer] = answers
        assert answer["ScannedCount"] == answer["Count"] == 26, "one more than shown tells whether there are more"
        read = sum(size(item) for item in answer["Items"])
        assert read < 26 * 3_000, "summaries are read, not documents"
        assert "lines" not in json.dumps(answer["Items"])
        cursor = f"cursor={page['next_cursor']}"


@pytest.mark.parametrize("count", [2_000, pytest.param(MANY, marks=pytest.mark.slow)])
def test_a_filter_reads_a_bounded_part_and_continues_there(
    api: Client, issued: dict[str, Any], aws: AwsCalls, answers: list[Any], count: int
) -> None:
    fill(issued, count)
    with aws.only("list_invoices") as calls:
        page = api.get("/invoices?status=paid").ok()
    assert calls.names == {"dynamodb:Query": 1}
    assert answers[-1]["ScannedCount"] <= 500
    assert (len(page["data"]), page["has_more"]) == (1, True)
    following = api.get(f"/invoices?status=paid&cursor={page['next_cursor']}").ok()
    assert page["data"][0]["id"] not in {one["id"] for one in following["data"]}
    assert len(following["data"]) in (1, 2)


def leave_open(issued: dict[str, Any], count: int) -> None:
    """This number of heads of open invoices like this one, each due a day after those to be dunned."""
    table = dynamodb_backends[DEFAULT_ACCOUNT_ID]["eu-central-1"].tables[TABLE]
    items = client("dynamodb").scan(TableName=TABLE)["Items"]
    [head] = [item for item in items if item.get("GSI5SK", {}).get("S", "").endswith(f"#{issued['id']}")]
    later = date.fromisoformat(issued["due_date"]) + timedelta(days=1)
    text = json.dumps(head).replace(f"{issued['due_date']}#", f"{later}#")
    for _, id_ in zip(range(count), new_ids("inv", NOON.replace(year=2025)), strict=False):
        table.put_item(json.loads(text.replace(issued["id"], id_)))


@pytest.mark.parametrize(
    ("unpaid", "due"), [(500, 2), pytest.param(10_000, 100, marks=pytest.mark.slow, id="10000-100")]
)
def test_a_dunning_run_reads_due_invoices_only(
    api: Client, answers: list[Any], at: Clock, unpaid: int, due: int
) -> None:
    api.post("/dunning-rules", rule_json()).ok(201)
    to_be_dunned = [issue(api) for _ in range(due)]
    leave_open(to_be_dunned[0], unpaid - due)
    at.now += timedelta(days=14 + 7)
    answers.clear()
    assert strike("run_dunning", api.tenant_id) == []
    assert sorted(one["resource"]["id"] for one in details("dunning.document_created")) == sorted(
        one["id"] for one in to_be_dunned
    )
    # Of each one: its place in the index, its head, its text and its line.
    assert sum(answer["ScannedCount"] for answer in answers) <= 1 + 4 * due
    answers.clear()
    assert strike("run_dunning", api.tenant_id) == []
    assert sum(answer["ScannedCount"] for answer in answers) == 1, "the rule"
