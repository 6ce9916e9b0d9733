"""The cost of a request is independent of the size of the table: calls, read entries and bytes."""

import json
from datetime import timedelta
from typing import Any

import pytest

from invoicing.aws import parameters
from invoicing.aws.clients import client
from tests.aws import ENVIRONMENT, AwsCalls
from tests.aws_limits import size
from tests.builders import rule_json
from tests.conftest import Clock
from tests.events import details, strike
from tests.gateway import Client
from tests.many import fill, leave_open
from tests.world import issue

MANY = 100_000


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
