"""Old code reads rows of newer code and keeps their unknown fields: during a deployment, and after a roll-back.

New endpoints are tested automatically.
"""

import pytest

from infra.discovery import endpoints
from invoicing.http.declaration import Endpoint
from tests.builders import line_json
from tests.contract.conftest import Companies
from tests.newer import UNKNOWN, Newer
from tests.world import PREPARED, World, asked, fitting

ENDPOINTS = [pytest.param(found.name, declared, id=found.name) for found, declared in endpoints()]


def _set_clock(world: World) -> None:
    world.client.put("/test-clock", {"now": "2026-04-01T00:00:00Z"}).ok()


def _delete_rules(world: World) -> None:
    # A company has one rule for a level.
    for rule in world.client.get("/dunning-rules").ok()["data"]:
        world.client.delete(f"/dunning-rules/{rule['id']}").ok(204)


STATES = PREPARED | {"create_dunning_rule": _delete_rules, "set_test_clock": _set_clock}
"""The state in which an operation succeeds and changes a stored row, beyond the resources in its path."""


@pytest.mark.parametrize(("name", "endpoint"), ENDPOINTS)
def test_endpoint_reads_and_keeps_newer_rows(name: str, endpoint: Endpoint, newer: Newer, companies: Companies) -> None:
    world = companies.ours.renewed(drafts=name not in STATES and fitting(companies.ours, endpoint).drafts)
    world.ids(endpoint)
    if name in STATES:
        STATES[name](world)
    before = newer.rewritten.copy()
    answer = asked(endpoint, world.client, world)
    assert answer.status < 400, answer.text
    if endpoint.method in {"PATCH", "PUT"}:
        assert answer.json["object"] in newer.rewritten - before
    assert UNKNOWN not in answer.text
    assert newer.lost == []


@pytest.mark.parametrize(
    ("variable", "path", "change"),
    [
        ("order_id", "/orders/{}", {"lines": [line_json()]}),
        ("subscription_id", "/subscriptions/{}", {"texts": {"title": "Seats"}}),
    ],
)
def test_a_changed_content_keeps_fields_of_newer_code(
    variable: str, path: str, change: dict[str, object], newer: Newer, companies: Companies
) -> None:
    world = companies.ours.renewed()
    before = newer.rewritten.copy()
    changed = world.client.patch(path.format(world[variable]), change).ok()
    assert f"{changed['object']}_content" in newer.rewritten - before
    assert newer.lost == []
