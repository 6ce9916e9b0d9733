"""When a request counts as repeated: the contract's rule on Idempotency-Key."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.discovery import DeclaredFunction, endpoints
from invoicing.core.identity import Role
from invoicing.http.declaration import Endpoint
from tests.aws import ENVIRONMENT
from tests.aws_events import boto
from tests.builders import NOON, customer_json, invoice_json
from tests.gateway import Client, Response
from tests.world import PREPARED, World, issue

KEYED = {"Idempotency-Key": "k"}
DAY = 86_400

Sent = Callable[[], Response]


def another_path(api: Client) -> tuple[Sent, Sent]:
    """The same comment on two invoices."""
    one, other = (api.post("/invoices", invoice_json()).ok(201)["id"] for _ in "ab")

    def comment(on: str) -> Sent:
        return lambda: api.post(f"/invoices/{on}/comments", {"comment": "x"}, headers=KEYED)

    return comment(one), comment(other)


def another_query(api: Client) -> tuple[Sent, Sent]:
    """One payment reversed for two reasons."""
    invoice = issue(api)["id"]
    path = f"/invoices/{invoice}/payments"
    paid = {"amount": "1.00", "date": "2026-03-10", "method": "cash"}
    payment = api.post(path, paid).ok(201)["id"]

    def reverse(reason: str) -> Sent:
        return lambda: api("DELETE", f"{path}/{payment}?reason={reason}", headers=KEYED)

    return reverse("error"), reverse("chargeback")


def another_version(api: Client) -> tuple[Sent, Sent]:
    """The same change with two versions in If-Match."""
    draft = api.post("/invoices", invoice_json()).ok(201)["id"]

    def change(version: int) -> Sent:
        return lambda: api.patch(f"/invoices/{draft}", {"title": "x"}, headers={**KEYED, "If-Match": f'"{version}"'})

    return change(1), change(2)


@pytest.mark.parametrize("other_than", [another_path, another_query, another_version])
def test_a_key_is_valid_for_one_path_query_and_version(
    api: Client, other_than: Callable[[Client], tuple[Sent, Sent]]
) -> None:
    once, otherwise = other_than(api)
    first, again = once(), once()
    assert first.status in (200, 201), first.text
    assert (again.status, again.text, again.headers["Idempotency-Replayed"]) == (first.status, first.text, "true")
    other = otherwise()
    assert (other.status, other.code) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_two_users_do_not_share_keys(api: Client, sign_in: Callable[..., Client]) -> None:
    colleague = sign_in(Role.BOOKKEEPER)
    ours, theirs = (one.post("/invoices", invoice_json(), headers=KEYED).ok(201) for one in (api, colleague))
    assert ours["id"] != theirs["id"]
    assert ours["created_by"] != theirs["created_by"]


def test_two_operations_do_not_share_keys(api: Client) -> None:
    api.post("/customers", customer_json(), headers=KEYED).ok(201)
    answer = api.post("/invoices", invoice_json(), headers=KEYED)
    assert (answer.status, "Idempotency-Replayed" in answer.headers) == (201, False)


def test_stored_responses_last_a_day_and_outlive_their_link(api: Client, rendered: dict[str, Any]) -> None:
    api.post(f"/invoices/{rendered['id']}/download-links", headers=KEYED).ok(201)
    rows = boto("dynamodb").scan(TableName=ENVIRONMENT["TABLE_NAME"])["Items"]
    left = {
        entity: {int(row["purge_at"]["N"]) - int(NOON.timestamp()) for row in rows if row["entity"]["S"] == entity}
        for entity in ("kept_answer", "download_link")
    }
    assert left["kept_answer"]
    assert min(left["kept_answer"]) >= DAY
    # For a month after its seven days it is an expired link, not an unknown one.
    assert left["download_link"] == {37 * DAY}


@pytest.mark.parametrize(
    ("function", "endpoint"), [pytest.param(*one, id=one[0].name) for one in endpoints() if one[1].dry_runs]
)
def test_a_dry_run_uses_its_key(api: Client, function: DeclaredFunction, endpoint: Endpoint) -> None:
    world = World(api, NOON)
    if function.name in PREPARED:
        PREPARED[function.name](world)
    path = endpoint.path.format(**world.ids(endpoint))
    body = {**world.body(endpoint), "dry_run": True}
    once, again = (api(endpoint.method, path, body, headers=KEYED) for _ in "ab")
    assert (once.status, once.headers.get("ETag")) == (200, None)
    assert (again.text, again.headers.get("Idempotency-Replayed")) == (once.text, "true")
    refused = api(endpoint.method, path, {**body, "dry_run": False}, headers=KEYED)
    assert refused.code == "IDEMPOTENCY_KEY_REUSED"
