"""The assumptions about AWS, checked against moto. `invoicing smoke` checks the same list elsewhere."""

import json
import math
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import boto3
import pytest
import requests
from moto import mock_aws

from infra.conformance import resources
from infra.conformance.assumption import Assumption, Violated, eventually
from infra.conformance.catalog import ASSUMPTIONS, EMBEDDED, IN_AWS, MOTO, ON_RESOURCES
from infra.conformance.resources import Answer, Resources, throw_away
from infra.conformance.run import Outcome, Result, exit_code, run, table
from infra.conformance.tenant import Deployed
from infra.costs import PRICES
from infra.error_codes import TOO_MANY_REQUESTS
from infra.local.smoke import MOST_USD
from infra.tenants import CreatedTenant
from invoicing.aws import clients
from invoicing.http.problems import CONTENT_TYPE
from tests import builders
from tests.aws import NO_ACCOUNT
from tests.aws_events import Listener, listening
from tests.aws_limits import size

IN_ONE_PROCESS = [one for one in ON_RESOURCES if not one.concurrent]


def send(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    fields: Mapping[str, str] | None = None,
    file: bytes | None = None,
) -> Answer:
    """Send a request with the library whose requests moto answers."""
    form: Any = {} if fields is None else {"data": dict(fields), "files": {"file": file}}
    answer = requests.request(method, url, headers=headers, **({"data": content} | form), timeout=60)
    return Answer.of(answer.status_code, answer.headers, answer.content)


@dataclass
class Bill(Listener):
    """The priced units of all calls, each rounded up."""

    used: Counter[str] = field(default_factory=Counter)

    def before(self, name: str, params: Mapping[str, Any]) -> None:
        """Count a call. Half of the writes may be in transactions and all of them in two indexes: four times."""
        service = name.partition(":")[0]
        if service == "dynamodb":
            written = [params, *(one for write in params.get("TransactItems", ()) for one in write.values())]
            self.used["writes"] += sum(4 * math.ceil(size(one.get("Item", {})) / 1024) + 4 for one in written)
            # A query reads 1 MB at most.
            self.used["reads"] += 256
        else:
            self.used[{"s3": "puts", "sqs": "queue_requests", "events": "events"}[service]] += 1

    @property
    def usd(self) -> Decimal:
        """The price."""
        return sum((PRICES[unit].usd * amount for unit, amount in self.used.items()), Decimal(0))


@pytest.fixture(scope="module")
def bill() -> Bill:
    return Bill()


@pytest.fixture(scope="module")
def made(bill: Bill) -> Iterator[Resources]:
    """Throw-away resources in an account of moto."""
    with pytest.MonkeyPatch.context() as patched, mock_aws(), listening(bill):
        for name, value in NO_ACCOUNT.items():
            patched.setenv(name, value)
        # moto checks no times of signatures and delivers at once. Delayed messages take real time, and polling for them
        # without a pause would make a run as expensive as the machine is fast.
        wait = time.sleep
        patched.setattr(time, "sleep", lambda _: wait(0.01))
        patched.setattr(resources, "POLL_SECONDS", 0)
        clients.reset()
        with throw_away(boto3.Session(), send, "smoke", lambda _: None) as there:
            yield there
        assert there.left_over == []
        assert boto3.client("dynamodb").list_tables()["TableNames"] == []
        assert boto3.client("s3").list_buckets()["Buckets"] == []
        assert boto3.client("sqs").list_queues().get("QueueUrls", []) == []
        assert [bus["Name"] for bus in boto3.client("events").list_event_buses()["EventBuses"]] == ["default"]
        assert boto3.client("events").list_rules()["Rules"] == []
    clients.reset()


@pytest.mark.parametrize("assumed", IN_ONE_PROCESS, ids=lambda one: one.name)
def test_moto_behaves_as_assumed(made: Resources, assumed: Assumption) -> None:
    result = run(assumed, made, MOTO)
    assert not result.failed, result.reason


def test_a_run_costs_less_than_it_states(made: Resources, bill: Bill) -> None:
    # In an account the checks poll more often, and those of the API come in addition.
    assert 3 * bill.usd < Decimal(MOST_USD)


class Gateway:
    """A gateway that accepts some requests of a tenant and refuses the others, in the order in which they arrive."""

    def __init__(self, accepted: int, headers: Mapping[str, str]) -> None:
        self._left = iter(range(accepted))
        self._headers = headers

    def send(self, *_: object, **__: object) -> Answer:
        if next(self._left, None) is not None:
            return Answer.of(200, {}, b"{}")
        body = json.dumps({"code": TOO_MANY_REQUESTS.code}).encode()
        own = {"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store", "X-Request-Id": "1"}
        return Answer.of(429, {**own, **self._headers}, body)


@pytest.mark.parametrize(
    ("accepted", "headers", "reason"),
    [
        (50, {"Retry-After": "1"}, ""),
        (50, {}, "no Retry-After"),
        (175, {"Retry-After": "1"}, "175 requests at"),
    ],
)
def test_a_busy_tenant_must_be_refused(accepted: int, headers: Mapping[str, str], reason: str) -> None:
    company, admin = builders.tenant(), builders.user()
    api = Deployed("", CreatedTenant(company, admin, "key"), Gateway(accepted, headers).send, tenant_limit=25)
    [assumed] = [one for one in ASSUMPTIONS if one.name == "a_busy_tenant_is_refused"]
    result = run(assumed, api, {})
    assert result.reason.startswith(reason)
    assert result.failed is bool(reason)


def test_each_known_difference_is_about_an_assumption() -> None:
    names = [one.name for one in ASSUMPTIONS]
    assert len(names) == len(set(names)) > 50
    assert {*MOTO, *EMBEDDED} <= set(names)
    assert dict(IN_AWS) == {}, "the assumptions are about AWS itself"


def test_each_assumption_is_a_sentence() -> None:
    assert [one.name for one in ASSUMPTIONS if not one.text.endswith(".")] == []


def _assumed(*, holds: bool) -> Assumption:
    def check(subject: object) -> None:
        if not holds:
            raise Violated("it is Tuesday")

    return Assumption("S3", "a_day_is_monday", "A day is Monday.", check)


def test_a_violated_assumption_fails_with_its_reason() -> None:
    result = run(_assumed(holds=False), None, {})
    assert (result.outcome, result.reason, result.failed) == (Outcome.VIOLATED, "it is Tuesday", True)


def test_a_known_difference_does_not_fail() -> None:
    result = run(_assumed(holds=False), None, {"a_day_is_monday": "no calendar"})
    assert (result.outcome, result.reason, result.failed) == (Outcome.DIFFERS, "no calendar", False)


def test_a_difference_that_has_disappeared_fails() -> None:
    result = run(_assumed(holds=True), None, {"a_day_is_monday": "no calendar"})
    assert (result.outcome, result.failed) == (Outcome.HOLDS_UNEXPECTEDLY, True)


def test_an_error_of_aws_is_a_violation() -> None:
    def check(subject: object) -> None:
        raise KeyError("Items")

    result = run(Assumption("S3", "x", "X.", check), None, {})
    assert (result.failed, result.reason) == (True, "KeyError: 'Items'")


def test_the_table_counts_the_results() -> None:
    held, broken = _assumed(holds=True), _assumed(holds=False)
    lines = "\n".join(table([Result(held, Outcome.HOLDS), Result(broken, Outcome.VIOLATED, "it is Tuesday")]))
    assert "S3" in lines
    assert "a day is monday  ok" in lines
    assert "it is Tuesday" in lines
    assert lines.endswith("2 assumptions: 1 hold, 0 differ as known, 1 failed.")


def test_the_exit_code_reports_failures_and_left_overs() -> None:
    held, differs = Result(_assumed(holds=True), Outcome.HOLDS), Result(_assumed(holds=False), Outcome.DIFFERS)
    assert exit_code([held, differs], []) == 0
    assert exit_code([held, Result(_assumed(holds=False), Outcome.VIOLATED)], []) == 1
    assert exit_code([held, Result(_assumed(holds=True), Outcome.HOLDS_UNEXPECTEDLY)], []) == 1
    assert exit_code([held], ["table x"]) == 1


def test_a_result_that_never_comes_is_a_violation() -> None:
    with pytest.raises(Violated, match="the message did not come within 0 s"):
        eventually(list, "the message", seconds=0)


def test_a_failed_removal_leaves_the_others_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    removed: list[str] = []

    def fail(made: Resources) -> None:
        raise OSError("no network")

    steps = [("a", lambda _: None, lambda _: removed.append("a")), ("b", lambda _: None, fail)]
    monkeypatch.setattr(resources, "_STEPS", steps)
    with throw_away(boto3.Session(), send, "smoke", lambda _: None) as made:
        pass
    assert removed == ["a"]
    assert [one.partition(" ")[0] for one in made.left_over] == ["b"]
