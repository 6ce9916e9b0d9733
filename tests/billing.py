"""Drafts, and billing runs whose messages are delivered as the bus and the queue do."""

import json
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from invoicing.aws.clients import client
from invoicing.billing_runs.table import selected_from
from invoicing.consumers.run_steps import STEP_REQUESTED
from invoicing.core.event import INTERNAL
from invoicing.core.identity import Caller
from invoicing.numbering.table import number_key
from invoicing.store.rows.items import keyed
from invoicing.store.session import Session
from invoicing.store.store import Store
from tests.aws import TABLE, AwsCalls
from tests.builders import NOON, customer_json, invoice_json
from tests.events import deliver, deliver_raw, details, strike
from tests.gateway import Client


def customer(api: Client, **fields: object) -> str:
    return str(api.post("/customers", customer_json(**fields)).ok(201)["id"])


def drafts(api: Client, number: int, **fields: object) -> list[str]:
    """This number of drafts over 119.00, to one customer."""
    buyer = fields.pop("customer_id", None) or customer(api)
    return [draft(api, customer_id=buyer, **fields) for _ in range(number)]


def draft(api: Client, **fields: object) -> str:
    return str(api.post("/invoices", invoice_json(**fields)).ok(201)["id"])


def refused_draft(api: Client) -> str:
    """A draft that the rules refuse, because it has no line (EN 16931 BR-16)."""
    return draft(api, customer_id=customer(api), lines=[])


def start(api: Client, ids: Sequence[str], **options: object) -> dict[str, Any]:
    run: dict[str, Any] = api.post("/billing-runs", {"invoice_ids": list(ids), **options}).ok(202)
    return run


def requested_steps(aws: AwsCalls, name: str = STEP_REQUESTED) -> list[str]:
    """The messages by which steps requested the ones after them."""
    entries = [one for call in aws.calls if call.name == "events:PutEvents" for one in call.params["Entries"]]
    return [
        json.dumps({"id": f"step-{number}", "source": one["Source"], "detail": json.loads(one["Detail"])})
        for number, one in enumerate(entries)
        if one["DetailType"] == name
    ]


def begun(run: Mapping[str, Any]) -> dict[str, Any]:
    """The event that begins the work of a run."""
    return next(one for one in details("billing_run.started") if one["resource"]["id"] == run["id"])


def advance(aws: AwsCalls, event: Mapping[str, Any]) -> list[str]:
    """Deliver the event that begins a run's work, and each step that follows from it."""
    before = len(requested_steps(aws))
    failed = deliver("advance_run", event)
    for number in count(before):
        steps = requested_steps(aws)
        if failed or number >= len(steps):
            return failed
        failed = deliver_raw("advance_run", steps[number])
    raise AssertionError


def finished(api: Client, aws: AwsCalls, run: Mapping[str, Any]) -> dict[str, Any]:
    """A run after all its steps."""
    assert advance(aws, begun(run)) == []
    after: dict[str, Any] = api.get(f"/billing-runs/{run['id']}").ok()
    return after


def step(run: Mapping[str, Any], tenant_id: str) -> str:
    """The message that requests a step of a run, as one of an older version does."""
    detail = {"tenant_id": tenant_id, "resource": {"id": run["id"]}}
    return json.dumps({"id": "step", "source": INTERNAL, "detail": detail})


def worked(api: Client, run: Mapping[str, Any]) -> dict[str, Any]:
    """A run after it was advanced until it ends or is parked."""
    workers = {"collecting": "advance_run", "drafting": "bill_units", "finalizing": "advance_run"}
    while True:
        found: dict[str, Any] = api.get(f"/billing-runs/{run['id']}").ok()
        if found["status"] not in workers:
            return found
        assert deliver_raw(workers[found["status"]], step(found, api.tenant_id)) == []


def bill_due(api: Client, **options: object) -> dict[str, Any] | None:
    """Bill all subscriptions that are due by a run; None if nothing is due."""
    response = api.post("/billing-runs", {"source": "subscriptions", **options})
    if response.status == 422:
        assert response.code == "NOTHING_TO_BILL"
        return None
    return worked(api, response.ok(202))


def bill_hour(api: Client) -> dict[str, Any] | None:
    """Let the clock start the run of this hour, and advance it. None if it starts none."""
    known = {one["id"] for one in details("billing_run.started")}
    assert strike("collect_due", api.tenant_id) == []
    started = [one for one in details("billing_run.started") if one["id"] not in known]
    return worked(api, {"id": started[0]["resource"]["id"]}) if started else None


def results(api: Client, run: Mapping[str, Any], query: str = "order=asc&limit=100") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(f"/billing-runs/{run['id']}/results?{query}").ok()["data"]
    return found


def selected(api: Client, run: Mapping[str, Any]) -> list[str]:
    """The documents of a run that was started with their ids."""
    [part] = selected_from(Store(Session(Caller.system(api.tenant_id), NOON)), run["id"], 0)
    return list(part.ids)


def claim_number(api: Client, number: str) -> None:
    """Give a number to another document, as an earlier pattern of another series could have."""
    item = keyed(number_key(api.tenant_id, number), "number") | {"invoice_id": {"S": "inv_other"}}
    client("dynamodb").put_item(TableName=TABLE, Item=item)
