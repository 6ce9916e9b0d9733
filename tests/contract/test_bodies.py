"""Clients cannot set fields that the server decides, on any endpoint with a body."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.discovery import endpoints
from invoicing.http.declaration import Endpoint
from tests.answers import followed, operation
from tests.contract.conftest import Companies
from tests.world import fitting, send

OWNED_BY_THE_SERVER = {
    "id", "object", "version", "tenant_id", "created_at", "created_by", "updated_at", "updated_by", "user", "user_id",
    "number", "series", "status", "payment_status", "overdue", "origin", "subtotal", "tax_breakdown", "total", "paid",
    "credited", "due", "refund_due", "written_off", "last_payment", "finalized_at", "sent_at", "canceled_at", "files",
    "seller", "kpis", "sha256", "secret", "prefix", "last_used_at", "reversed_at", "allocations", "invoice_ids",
}  # fmt: skip
SAID_BY_CLIENTS = {
    ("set_invoice_status", "status"), ("create_api_key", "user_id"), ("request_upload", "sha256"),
    ("request_statement_upload", "sha256"),
    ("start_billing_run", "invoice_ids"), ("update_webhook_endpoint", "status"),
    ("replay_webhook_deliveries", "status"), ("allocate_bank_transaction", "allocations"),
    ("set_bank_transaction_status", "status"), ("create_sepa_file", "invoice_ids"),
}  # fmt: skip
"""Operations with a field of such a name that clients can set."""
WITH_BODY = [pytest.param(found.name, one, id=found.name) for found, one in endpoints() if one.body is not None]


def fields_of(endpoint: Endpoint) -> set[str]:
    contents = operation(endpoint)["requestBody"]["content"].values()
    return {name for content in contents for name in followed(content["schema"])["properties"]}


@pytest.mark.parametrize(("name", "endpoint"), WITH_BODY)
def test_no_body_has_a_field_of_the_server(name: str, endpoint: Endpoint) -> None:
    said = {(name, field) for field in fields_of(endpoint) & OWNED_BY_THE_SERVER}
    assert said <= SAID_BY_CLIENTS


@pytest.mark.parametrize(("name", "endpoint"), WITH_BODY)
def test_fields_of_the_server_are_refused_with_a_pointer(name: str, endpoint: Endpoint, companies: Companies) -> None:
    """`tenant_id number status paid total created_by version` … are refused with pointers, and nothing changes."""
    world = fitting(companies.ours, endpoint)
    for field in sorted(OWNED_BY_THE_SERVER - fields_of(endpoint)):
        answer = send(endpoint, world.client, world.ids(endpoint), {**world.body(endpoint), field: "x"})
        pointers = [error["pointer"] for error in answer.json["errors"]]
        assert (answer.status, answer.code, pointers) == (400, "VALIDATION_ERROR", [f"/{field}"])


def nested(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object inside a schema, by its place."""
    schema = followed(schema)
    yield path, schema
    for choice in (one for kind in ("anyOf", "oneOf") for one in schema.get(kind, ())):
        yield from nested(choice, path)
    for name, inner in schema.get("properties", {}).items():
        yield from nested(inner, f"{path}/{name}")
    if "items" in schema:
        yield from nested(schema["items"], f"{path}/0")


@pytest.mark.parametrize(("name", "endpoint"), WITH_BODY)
def test_unknown_fields_are_refused_at_every_depth(name: str, endpoint: Endpoint) -> None:
    for content in operation(endpoint)["requestBody"]["content"].values():
        for path, schema in nested(content["schema"]):
            if schema.get("type") == "object" and "properties" in schema:
                assert schema["additionalProperties"] is False, path
