"""Rows with values of enumerations that only newer code has: they are shown as they are, and decide nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from moto.dynamodb.models.dynamo_type import DynamoType
from pydantic import Field

from infra.discovery import endpoints
from infra.tables import all_tables
from invoicing.core.identity import Role
from invoicing.core.model import Value
from invoicing.core.tolerant import read_to_show
from invoicing.http.declaration import Endpoint
from tests import gateway
from tests.answers import require_promised
from tests.aws import TABLE
from tests.builders import customer_json
from tests.contract.conftest import Companies
from tests.gateway import Client, Response
from tests.newer import change_row, entity_of, everything, json_of, model_of, store_json, with_values
from tests.world import asked, fitting, signed_in

NEW = "of_newer_code"
OWN = {"api_key", "user"}
"""The rows that identify the caller."""
READING = [
    pytest.param(found.name, declared, id=found.name)
    for found, declared in endpoints()
    if declared.method == "GET" and declared.scope is not None
]
COMPUTING = {
    "explain_invoice", "find_number_gaps", "get_billing", "get_dunning", "get_invoice_xml", "get_readiness",
    "get_mandate", "get_sepa_file_xml", "get_statement", "preview_document_form", "preview_invoice",
    "preview_subscription",
}  # fmt: skip
"""Their responses are computed from rows, and could be wrong because of an unknown value."""


@pytest.fixture(autouse=True, scope="module")
def _newer_values_are_promised() -> Iterator[None]:
    """Clients tolerate unknown values, so these responses may have values outside the document."""

    def require(endpoint: Endpoint, status: int, headers: Any, text: str) -> None:
        if NEW not in text:
            require_promised(endpoint, status, headers, text)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gateway, "require_promised", require)
        yield


@contextmanager
def newer_values(noun: str) -> Iterator[int]:
    """Turns all rows of a noun into those of newer code. Returns the number of changed rows."""
    before = []
    for item in everything(TABLE):
        attributes = item.to_json()["Attributes"]
        if entity_of(attributes) in (noun, f"{noun}_content") and (stored := json_of(attributes)):
            newer = with_values(stored, model_of(noun), NEW)
            if newer != stored:
                before.append((item, dict(item.attrs)))
                store_json(item, newer)
    yield len(before)
    for item, attributes in before:
        for name, value in attributes.items():
            item.attrs[name] = DynamoType(value)


@pytest.mark.parametrize(("name", "endpoint"), READING)
def test_newer_values_are_shown_or_refused(name: str, endpoint: Endpoint, companies: Companies) -> None:
    world = fitting(companies.ours, endpoint)
    ids, body = world.ids(endpoint), world.body(endpoint)
    assert asked(endpoint, world.client, world).status == 200
    for noun in sorted({table.entity() for table in all_tables()} - OWN):
        with newer_values(noun):
            answer = _send(endpoint, world.client, ids, body)
        refused = answer.status == 503 and answer.code == "WRITTEN_BY_NEWER_VERSION"
        assert answer.status == 200 or (name in COMPUTING and refused), (noun, answer.text)


def _send(endpoint: Endpoint, client: Client, ids: dict[str, str], body: Any) -> Response:
    return client(endpoint.method, endpoint.path.format(**ids), body)


def test_only_existing_operations_may_refuse_newer_values() -> None:
    assert {one.id for one in READING} > COMPUTING


def test_newer_value_of_an_invoice_is_shown_and_decides_nothing(companies: Companies) -> None:
    world = companies.ours.renewed(drafts=False)
    path = f"/invoices/{world['invoice_id']}"
    portal = signed_in(companies.tenant, Role.CUSTOMER, customer_id=world["customer_id"])
    with newer_values("invoice") as changed:
        assert changed
        shown = world.client.get(path)
        assert (shown.status, shown.json["status"]) == (200, NEW)
        # The customer reads it too. The read is recorded after this code is replaced.
        assert portal.get(path).status == 200
        for operation, body in [("cancel", None), ("credit", None), ("payments", {"amount": "1.00"}), ("send", None)]:
            answer = world.client.post(f"{path}/{operation}", body)
            assert (answer.status, answer.code) == (503, "WRITTEN_BY_NEWER_VERSION"), operation
    assert world.client.get(path).ok()["sent_at"] is None


def test_download_link_opens_a_document_of_newer_code(companies: Companies) -> None:
    world = companies.ours.renewed(drafts=False)
    path = f"/invoices/{world['invoice_id']}"
    link = world.client.post(f"{path}/download-links").ok(201)["url"].rpartition("/v1")[2]
    _set_status(world["invoice_id"], NEW)
    assert world.client.get(link).status == 302
    _set_status(world["invoice_id"], "open")
    assert world.client.get(path).ok()["sent_at"] is None


@pytest.mark.parametrize("path", ["/customers", "/customers/{id}"])
def test_newer_value_reaches_the_client_and_is_not_overwritten(companies: Companies, path: str) -> None:
    api = companies.ours.renewed().client
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    with newer_values("customer") as changed:
        assert changed
        assert f'"type":"{NEW}"' in api.get(path.format(id=customer)).text
        answer = api.patch(f"/customers/{customer}", {"phone": "1"})
        assert (answer.status, answer.code) == (503, "WRITTEN_BY_NEWER_VERSION")
    assert api.patch(f"/customers/{customer}", {"phone": "1"}).status == 200


def test_a_user_of_a_newer_role_has_no_scopes(companies: Companies) -> None:
    member = signed_in(companies.tenant, Role.MEMBER)
    assert member.get("/invoices").status == 200
    with newer_values("user"):
        assert member.get("/invoices").status == 401


def test_a_key_with_only_newer_scopes_has_no_scopes(companies: Companies) -> None:
    key = companies.ours.client.post("/api-keys", {"name": "x", "user_id": companies.ours["user_id"]})
    assert key.status == 201
    client = Client(key.json["secret"])
    assert client.get("/invoices").status == 200
    _set_scopes(key.json["id"], [NEW])
    assert client.get("/invoices").status == 403
    _set_scopes(key.json["id"], [NEW, "invoice:read"])
    assert client.get("/invoices").status == 200
    assert set(companies.ours.client.get(f"/api-keys/{key.json['id']}").json["scopes"]) == {NEW, "invoice:read"}


def _set_status(invoice_id: str, status: str) -> None:
    change_row(TABLE, "invoice", invoice_id, lambda row: row | {"status": status})


def _set_scopes(key_id: str, scopes: list[str]) -> None:
    change_row(TABLE, "api_key", key_id, lambda row: row | {"scopes": scopes})


class Kinds(Value):
    """The types that can contain enumerations."""

    role: Role
    maybe: Role | None = None
    several: tuple[Role, ...] = ()
    inner: "Kinds | None" = None
    list_of: tuple["Kinds", ...] = ()
    named: dict[str, "Kinds"] = Field(default_factory=dict)


def test_newer_value_is_read_wherever_it_is() -> None:
    plain = {"role": "new", "maybe": "new", "several": ["admin", "new"]}
    stored = {**plain, "inner": plain, "list_of": [{"role": "admin"}, plain], "named": {"a": plain}}
    thing = read_to_show(Kinds, json.dumps(stored))
    assert thing.list_of[0].role is Role.ADMIN
    for found in (thing, thing.inner, thing.list_of[1], thing.named["a"]):
        assert found
        assert (found.role, found.maybe, found.several) == ("new", "new", ("admin", "new"))
    assert json.loads(thing.model_dump_json(exclude_defaults=True, warnings=False)) == stored
