"""`invoicing smoke`: checks the assumptions about AWS in the account of a deployed stage."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import httpx

from infra.conformance import catalog
from infra.conformance.assumption import Assumption, Violated
from infra.conformance.catalog import Differences
from infra.conformance.resources import Answer, throw_away
from infra.conformance.run import Result, exit_code, run, table
from infra.conformance.tenant import throw_away_tenant
from infra.local.deploy import ACCOUNT
from infra.local.tenant import in_stage, outputs_of
from infra.settings import settings_of

MOST_USD = "0.05"
"""The most that a run costs; tests/infra/test_conformance.py counts it."""
PLAN = f"""\
This creates a table, a bucket, a bus and some queues whose names begin with {{prefix}}-, and a tenant named
"Smoke test" in the table of the stage; then it removes all of them. Its drafts appear on the bus as invoice.created.
At the end this tenant exceeds its limit of requests; the few tenants that share its usage key are slowed down with it.
It takes about ten minutes, most of it until S3 publishes the first event of a new bucket.
It costs less than {MOST_USD} USD: some thousand requests to DynamoDB, SQS, S3, EventBridge and the API.
"""
_REQUEST_SECONDS = 60


def smoke(stage: str, *, plan_only: bool = False) -> int:
    """Check all assumptions, with progress and a table. The exit code is 0 if all results are as expected."""
    print(PLAN.format(prefix=_prefix(stage)))
    if plan_only:
        return 0
    return in_stage(stage, lambda: _checked(stage))


def _prefix(stage: str) -> str:
    return f"invoicing-{stage}-smoke"


def _checked(stage: str) -> int:
    session = boto3.Session()
    account = session.client("sts").get_caller_identity()["Account"]
    print(f"Account {account}, region {session.region_name}, stage {stage}", flush=True)
    known = catalog.EMBEDDED if account == ACCOUNT else catalog.IN_AWS
    results: list[Result] = []
    with throw_away(session, send, _prefix(stage), _step) as made:
        results += _run(catalog.ON_RESOURCES, made, known)
    with throw_away_tenant(_url(session, stage), settings_of({"stage": stage}), send, _step) as api:
        results += _run(catalog.ON_A_STAGE, api, known)
    print(*table(results), sep="\n")
    return exit_code(results, made.left_over)


def _url(session: boto3.Session, stage: str) -> str:
    """The URL that clients use: with a custom domain the API's own address is off."""
    return outputs_of(session, stage, "service")["BaseUrlOfLinks"].rstrip("/")


def _run(assumptions: tuple[Assumption, ...], subject: object, known: Differences) -> Iterator[Result]:
    for assumption in assumptions:
        begun = time.monotonic()
        result = run(assumption, subject, known)
        print(f"  {assumption.text}  {result.outcome}, {time.monotonic() - begun:.1f} s", flush=True)
        yield result


def _step(text: str) -> None:
    print(f"  {text}", flush=True)


def send(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    fields: Mapping[str, str] | None = None,
    file: bytes | None = None,
) -> Answer:
    """Send an HTTP request: a body, or a form with a file."""
    form: dict[str, Any] = {} if fields is None else {"data": dict(fields), "files": {"file": file}}
    try:
        answer = httpx.request(method, url, headers=headers, content=content, timeout=_REQUEST_SECONDS, **form)
    except httpx.TransportError as error:
        raise Violated(f"{method} {url.partition('?')[0]}: {error}") from None
    return Answer.of(answer.status_code, answer.headers, answer.content)
