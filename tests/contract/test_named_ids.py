"""Every id in a body or query: one of another tenant is answered as one that does not exist.

The places are found in the OpenAPI document, by the patterns of the ids. New ones are tested automatically.
"""

import copy
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from infra.discovery import endpoints
from invoicing.core.identity import Role
from invoicing.core.ids import new_id
from invoicing.http.declaration import Endpoint
from tests import billing
from tests.answers import followed, operation
from tests.builders import customer_json, invoice_json
from tests.collection import something_to_collect
from tests.contract.conftest import Companies
from tests.contract.test_permissions import may, missing, of_documents, same_but_for_the_request
from tests.gateway import Client, Response
from tests.world import World, end_billing_runs, fitting, polled_delivery, send, signed_in

Json = dict[str, Any]
PREFIX = re.compile(r"^\^(\w+)_\[0-7\]")
VARIABLES = {
    "bst": "statement_id", "cus": "customer_id", "file": "file_id", "form": "form_id", "inv": "invoice_id",
    "lin": "line_id", "note": "note_id", "ord": "order_id", "prc": "price_id", "prd": "product_id",
    "usr": "user_id",
}  # fmt: skip
"""The path variable under which `tests/world.py` makes a resource with ids of this prefix."""
BESIDE: dict[str, Json] = {
    "references": {"number": "INV-2026-000001", "issue_date": "2026-01-01"},
    "prepaid": {"amount": "1.00"},
    "lines": {"name": "Consulting", "quantity": "1", "unit_price": "50.00", "tax": {"category": "S", "rate": "19"}},
}
"""The fields that an object in a list or field of this name requires beside the id."""
BODIES: dict[str, Json] = {
    "change_subscription": {"items": [{"op": "set", "quantity": "2"}]},
    "create_user": {"email": "bo@example.com", "first_name": "Bo", "last_name": "Berg", "role": "customer"},
    "credit_invoice": {"lines": [{"quantity": "1"}]},
    "record_payment": {"amount": "1.00", "method": "credit"},
    "update_user": {"role": "customer"},
}
"""The bodies of operations whose example has no place for the id."""
SHARED = {"cus", "form", "ord", "prc", "usr"}
"""Ids of resources that every member may use: customers, forms, prices, users as owners, and orders to invoice."""
CHANGES = [
    pytest.param(one, id=found.name)
    for found, one in endpoints()
    if one.method != "GET" and one.scope and one.path_parameters
]
"""The operations on a resource in their path whose version If-Match can name."""


def places(schema: Json, path: tuple[str, ...] = (), depth: int = 0) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every place of an id in a schema, with the prefix of its ids; `0` is the first entry of a list."""
    schema = followed(schema)
    if depth > 8:
        return
    for choice in (one for kind in ("anyOf", "oneOf", "allOf") for one in schema.get(kind, ())):
        yield from places(choice, path, depth + 1)
    for name, inner in schema.get("properties", {}).items():
        yield from places(inner, (*path, name), depth + 1)
    if "items" in schema:
        yield from places(schema["items"], (*path, "0"), depth + 1)
    if found := PREFIX.match(schema.get("pattern", "")):
        yield path, found[1]


def in_bodies() -> list[Any]:
    """Each operation with each id in its body."""
    found = []
    for one, endpoint in endpoints():
        contents = operation(endpoint).get("requestBody", {}).get("content", {})
        here = {place for content in contents.values() for place in places(content["schema"])}
        found += [
            pytest.param(endpoint, one.name, path, prefix, id=f"{one.name}-{'.'.join(path)}")
            for path, prefix in sorted(here)
        ]
    return found


def in_queries() -> list[Any]:
    """Each operation with each id in its query."""
    found = []
    for one, endpoint in endpoints():
        for parameter in map(followed, operation(endpoint).get("parameters", ())):
            if parameter["in"] == "query":
                here = {prefix for _, prefix in places(parameter["schema"])}
                name = parameter["name"]
                found += [pytest.param(endpoint, name, prefix, id=f"{one.name}-{name}") for prefix in here]
    return found


def with_id(body: Json, path: tuple[str, ...], id_: str) -> Json:
    """The body with an id at a place, and with the other required fields of the objects that contain it."""
    changed = copy.deepcopy(body)
    inner: Any = changed
    for name, following in pairwise(path):
        if name == "0":
            inner = inner[0]
            continue
        own = copy.deepcopy(BESIDE.get(name, {}))
        inner = inner.setdefault(name, [own] if following == "0" else own)
    if path[-1] == "0":
        inner[:] = [id_]
    else:
        inner[path[-1]] = id_
    return changed


def body_of(endpoint: Endpoint, name: str, path: tuple[str, ...], world: World) -> Json:
    """The body of an operation, with the resources of this world that the object at a place names beside the id."""
    if path[0] == "delivery_ids":
        return {}
    body = BODIES.get(name) or world.body(endpoint) or {}
    if path[0] == "invoice_ids":
        body = {name: value for name, value in body.items() if name != "filter"}
    if name == "change_subscription" and path[-1] == "price_id":
        added = "item" in path
        return {"items": [{"op": "add"} if added else {"op": "set", "item_id": own_id(world, name, "sit")}]}
    if path[-1] == "price_id":
        # Such a line has no price of its own.
        body = body | {path[0]: [{}]}
    if path[0] == "attachments":
        # The lines of a credit need an id that only this world has.
        others = {key: value for key, value in body.items() if key != "lines"}
        body = others | {"attachments": [{"note_id": world["note_id"], "file_id": world["file_id"]}]}
    return body


def own_id(world: World, name: str, prefix: str) -> str:
    """The id of a resource of this world that the operation can use."""
    if name == "record_payment":
        credit = {"customer_id": world["customer_id"], "amount": "-25.00", "description": "Goodwill credit"}
        tax = {"category": "S", "rate": "19"}
        return str(world.client.post("/invoices/adjustments", {**credit, "tax": tax}).ok(201)["id"])
    if name == "start_billing_run":
        end_billing_runs(world)
        draft = billing.draft(world.client, customer_id=world["customer_id"])
        return draft if prefix == "inv" else world["customer_id"]
    if name == "create_sepa_file":
        return something_to_collect(world.client)
    if name == "create_sepa_file_link":
        return str(world.client.get(f"/sepa-files/{world['sepa_file_id']}").ok()["files"][0]["id"])
    if name == "cancel_sepa_file":
        return str(world.client.get(f"/sepa-files/{world['sepa_file_id']}").ok()["transactions"][0]["id"])
    if name == "change_subscription" and prefix == "sit":
        return str(world.client.get(f"/subscriptions/{world['subscription_id']}").ok()["items"][0]["id"])
    if name == "resume_billing_run":
        return billing.selected(world.client, {"id": world["run_id"]})[1]
    if prefix == "dlv":
        return polled_delivery(world.tenant_id, world["endpoint_id"], new_id("evt", world.now), world.now)
    if name == "update_order" and prefix == "lin":
        return str(world.client.get(f"/orders/{world['order_id']}").ok()["lines"][0]["id"])
    return world[VARIABLES[prefix]]


def without_ids(answer: Response) -> tuple[int, str]:
    """An answer without the values that differ between two requests."""
    text = re.sub(r"[a-z]+_[0-7][0-9A-HJKMNP-TV-Z]{25}", "<id>", answer.text)
    return answer.status, text.replace(answer.headers["X-Request-Id"], "-")


def resource_at(client: Client, endpoint: Endpoint, path: str) -> str:
    """The resource of a path as it is now; empty if it cannot be read."""
    readable = any((one.method, one.path) == ("GET", endpoint.path) for _, one in endpoints())
    return client.get(path).text if readable else ""


@pytest.mark.parametrize(("endpoint", "name", "path", "prefix"), in_bodies())
def test_another_tenants_id_in_a_body_does_not_exist(
    endpoint: Endpoint, name: str, path: tuple[str, ...], prefix: str, companies: Companies
) -> None:
    ours, theirs = (fitting(world, endpoint).renewed() for world in (companies.ours, companies.theirs))
    body = body_of(endpoint, name, path, ours)
    ids = ours.ids(endpoint)
    own, foreign = own_id(ours, name, prefix), own_id(theirs, name, prefix)

    def answer(id_: str) -> Response:
        return send(endpoint, ours.client, ids, with_id(body, path, id_))

    never = answer(missing(foreign))
    assert never.status in (400, 404, 422)
    assert never.code.endswith("_NOT_FOUND") or f'"pointer":"/{"/".join(path)}"' in never.text, never.text
    assert without_ids(answer(foreign)) == without_ids(never)
    assert without_ids(answer(own)) != without_ids(never)


@pytest.mark.parametrize(("endpoint", "name", "prefix"), in_queries())
def test_another_tenants_id_in_a_query_finds_nothing(
    endpoint: Endpoint, name: str, prefix: str, companies: Companies
) -> None:
    ours, theirs = companies.ours, companies.theirs
    variable = VARIABLES[prefix]
    foreign, never = (
        ours.client.get(f"{endpoint.path}?{name}={id_}") for id_ in (theirs[variable], missing(theirs[variable]))
    )
    assert same_but_for_the_request(foreign, never)
    assert foreign.status == 404 or foreign.ok()["data"] == []


@pytest.mark.parametrize(("endpoint", "name", "prefix"), [one for one in in_queries() if one.values[0].portal])
def test_a_portal_user_lists_nothing_of_another_customer(
    endpoint: Endpoint, name: str, prefix: str, companies: Companies
) -> None:
    own, other = companies.ours.renewed(drafts=False), companies.ours.renewed(drafts=False)
    assert own["invoice_id"]
    assert other["invoice_id"]
    portal = signed_in(companies.tenant, Role.CUSTOMER, customer_id=own["customer_id"])
    variable = VARIABLES[prefix]
    refused = portal.get(f"{endpoint.path}?{name}={other[variable]}")
    assert refused.status in (403, 404) or refused.ok()["data"] == []
    listed = portal.get(endpoint.path).ok()["data"]
    assert {one["customer_id"] for one in listed} <= {own["customer_id"]}


def test_a_cursor_is_good_for_its_tenant_and_list_only(companies: Companies) -> None:
    ours, theirs = companies.ours.client, companies.theirs.client
    for client in (ours, theirs, ours, theirs):
        client.post("/customers", customer_json()).ok(201)
    cursor = ours.get("/customers?limit=1").ok()["next_cursor"]
    assert ours.get(f"/customers?cursor={cursor}").status == 200
    lists = [endpoint for _, endpoint in endpoints() if endpoint.paginates and endpoint.path != "/customers"]
    answers = [ours.get(f"{one.path.format(**companies.ours.ids(one))}?cursor={cursor}") for one in lists]
    refusals = {(answer.status, answer.json["errors"][0]["pointer"]) for answer in answers}
    refused = theirs.get(f"/customers?cursor={cursor}")
    assert refusals == {(400, "?cursor")} == {(refused.status, refused.json["errors"][0]["pointer"])}


def test_the_cursor_of_an_admin_shows_others_only_their_own(companies: Companies) -> None:
    admin = companies.ours.client
    own, other = (companies.ours.renewed(drafts=False) for _ in range(2))
    assert own["invoice_id"] != other["invoice_id"]
    portal = signed_in(companies.tenant, Role.CUSTOMER, customer_id=own["customer_id"])
    member = signed_in(companies.tenant, Role.MEMBER)
    made = member.post("/invoices", invoice_json()).ok(201)["id"]
    admin.post("/invoices", invoice_json()).ok(201)
    cursor = admin.get("/invoices?limit=1").ok()["next_cursor"]
    for client, visible in ((portal, own["invoice_id"]), (member, made)):
        answer = client.get(f"/invoices?cursor={cursor}&limit=100")
        assert answer.status == 400 or {one["id"] for one in answer.ok()["data"]} <= {visible}


@pytest.mark.parametrize(
    ("endpoint", "name", "path", "prefix"), [one for one in in_bodies() if one.values[3] not in SHARED]
)
def test_a_member_names_only_resources_within_reach(
    endpoint: Endpoint, name: str, path: tuple[str, ...], prefix: str, companies: Companies
) -> None:
    if not may(Role.MEMBER, endpoint):
        return
    customer = {"customer_id": companies.ours["customer_id"]}
    member = World(signed_in(companies.tenant, Role.MEMBER), companies.ours.now, drafts=True, made=customer)
    body, ids = BODIES.get(name) or member.body(endpoint) or {}, member.ids(endpoint)
    foreign = companies.ours[VARIABLES[prefix]]
    answer = send(endpoint, member.client, ids, with_id(body, path, foreign))
    never = send(endpoint, member.client, ids, with_id(body, path, missing(foreign)))
    assert answer.status == 403 or without_ids(answer) == without_ids(never), answer.text


@pytest.mark.parametrize("endpoint", CHANGES)
def test_if_match_reveals_nothing_of_another_tenant(endpoint: Endpoint, companies: Companies) -> None:
    ours, theirs = (fitting(world, endpoint) for world in (companies.ours, companies.theirs))
    body, last = ours.body(endpoint), list(endpoint.path_parameters)[-1]
    if endpoint.upserts or theirs[last] == ours[last]:
        return

    def answer(id_: str, version: int) -> Response:
        path = endpoint.path.format(**{**ours.ids(endpoint), last: id_})
        return ours.client(endpoint.method, path, body, headers={"If-Match": f'"{version}"'})

    for version in (1, 2, 999):
        never = answer(missing(ours[last]), version)
        # A part has the version of its resource.
        assert never.status == 404 or last in ("change_id", "file_id", "line_id")
        assert same_but_for_the_request(answer(theirs[last], version), never)


@pytest.mark.parametrize("endpoint", [one for one in of_documents(Role.MEMBER) if one.values[0].method != "GET"])
def test_if_match_reveals_nothing_of_documents_out_of_reach(endpoint: Endpoint, companies: Companies) -> None:
    world, member = fitting(companies.ours, endpoint), signed_in(companies.tenant, Role.MEMBER)
    path = endpoint.path.format(**world.ids(endpoint))
    for version in (1, 999):
        denied = member(endpoint.method, path, world.body(endpoint), headers={"If-Match": f'"{version}"'})
        assert (denied.status, denied.code) == (403, "ACCESS_DENIED")


@pytest.mark.parametrize("endpoint", CHANGES)
def test_another_version_in_if_match_changes_nothing(endpoint: Endpoint, companies: Companies) -> None:
    world = fitting(companies.ours, endpoint).renewed()
    path = endpoint.path.format(**world.ids(endpoint))
    before = resource_at(world.client, endpoint, path)
    refused = world.client(endpoint.method, path, world.body(endpoint), headers={"If-Match": '"999"'})
    assert (refused.status, refused.code) == (412, "VERSION_MISMATCH"), refused.text
    assert resource_at(world.client, endpoint, path) == before


def test_two_users_do_not_share_idempotency_keys(companies: Companies) -> None:
    world = companies.ours.renewed(drafts=False)
    path = f"/invoices/{world['invoice_id']}/download-links"
    portal = signed_in(companies.tenant, Role.CUSTOMER, customer_id=world["customer_id"])
    answers = [one.post(path, headers={"Idempotency-Key": "one key"}) for one in (world.client, portal)]
    assert all(one.status == 201 and "Idempotency-Replayed" not in one.headers for one in answers)
    assert len({one.json["id"] for one in answers}) == 2


def test_two_tenants_do_not_share_idempotency_keys(companies: Companies) -> None:
    answers = [
        world.client.post("/customers", customer_json(), headers={"Idempotency-Key": "the same"})
        for world in (companies.ours, companies.theirs)
    ]
    assert all(answer.status == 201 and "Idempotency-Replayed" not in answer.headers for answer in answers)
    assert len({answer.json["id"] for answer in answers}) == 2
