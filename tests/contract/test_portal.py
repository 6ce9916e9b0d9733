"""Portal users see their issued documents and public entries, and no internal fields."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from infra.discovery import endpoints
from invoicing.core.identity import Role
from invoicing.core.model import Internal
from invoicing.http.declaration import Endpoint
from tests.builders import customer_json, invoice_json, line_json, rule_json, subscription_json
from tests.contract.conftest import Companies
from tests.contract.portal_fields import JUDGED
from tests.dunning import reach, write
from tests.world import render, send, signed_in

OURS = "not for customers"
INTERNAL = {
    "internal_note", "metadata", "custom_attributes", "custom_objects", "kpis", "created_by", "updated_by", "owner_id",
    "form", "form_id",
}  # fmt: skip
"""The names of internal fields in the contract."""
PORTAL = [pytest.param(one, id=found.name) for found, one in endpoints() if one.portal]


def test_portal_users_may_call_few_operations() -> None:
    assert {f"{one.method} {one.path}" for _, one in endpoints() if one.portal} <= {
        "GET /invoices",
        "GET /invoices/{invoice_id}",
        "GET /invoices/{invoice_id}/comments",
        "GET /invoices/{invoice_id}/comments/{activity_id}",
        "POST /invoices/{invoice_id}/download-links",
        "GET /invoices/{invoice_id}/xml",
        "GET /dunning-documents",
        "GET /dunning-documents/{document_id}",
        "POST /dunning-documents/{document_id}/download-links",
        "GET /subscriptions",
        "GET /subscriptions/{subscription_id}",
    }


def models_in(type_: Any) -> Iterator[type[BaseModel]]:
    """A model and all models in it."""
    if isinstance(type_, type) and issubclass(type_, BaseModel):
        yield type_
        for field in type_.model_fields.values():
            yield from models_in(field.annotation)
    for inner in get_args(type_):
        yield from models_in(inner)


@pytest.mark.parametrize("endpoint", PORTAL)
def test_every_internal_field_is_declared_internal(endpoint: Endpoint) -> None:
    for model in models_in(endpoint.response):
        shown = {name for name, field in model.model_fields.items() if Internal not in field.metadata}
        assert not shown & INTERNAL, model.__name__


def shown_to_customers(type_: Any) -> Iterator[type[BaseModel]]:
    """A model and all models in its fields that are not internal."""
    if isinstance(type_, type) and issubclass(type_, BaseModel):
        yield type_
        for field in type_.model_fields.values():
            if Internal not in field.metadata:
                yield from shown_to_customers(field.annotation)
    for inner in get_args(type_):
        yield from shown_to_customers(inner)


def test_customers_see_only_judged_fields() -> None:
    """A new field fails here until it is marked as `Internal` or added to the list."""
    models = {model for _, one in endpoints() if one.portal for model in shown_to_customers(one.response)}
    shown = {
        model.__name__: {name for name, field in model.model_fields.items() if Internal not in field.metadata}
        for model in models
    }
    judged = {name: set(fields.split()) for name, fields in JUDGED.items()}
    assert shown == judged


def hidden(type_: Any, value: Any, path: str = "") -> Iterator[str]:
    """The fields of an answer that a customer may not see and that have a value."""
    if isinstance(value, list):
        for inner in value:
            yield from hidden(type_, inner, path)
    if not isinstance(value, dict):
        return
    [*models] = models_in(type_)
    fitting = [model for model in models if value.keys() <= model.model_fields.keys()]
    for name, inner in value.items() if fitting else ():
        field = fitting[0].model_fields[name]
        if name in JUDGED[fitting[0].__name__].split():
            yield from hidden(field.annotation, inner, f"{path}/{name}")
        elif inner and inner != field.get_default(call_default_factory=True):
            yield f"{path}/{name}: {inner}"


@pytest.mark.parametrize("endpoint", PORTAL)
def test_nothing_internal_is_in_any_answer(endpoint: Endpoint, companies: Companies) -> None:
    admin = signed_in(companies.tenant, email="ada@intern.example")
    account = {"id": "main", "iban": "DE75512108001245126199", "name": OURS}
    admin.patch("/tenant", {"bank_accounts": [account]}).ok()
    customer = admin.post("/customers", customer_json(note=OURS, metadata={"a": OURS})).ok(201)
    body = invoice_json(
        customer_id=customer["id"],
        internal_note=OURS,
        metadata={"a": OURS},
        custom_attributes=[{"name": "a", "value": OURS}],
        custom_objects=[{"type": "project", "id": OURS, "name": OURS}],
        lines=[line_json(metadata={"a": OURS})],
        note="for you",
    )
    draft = admin.post("/invoices", body).ok(201)
    issued = admin.post(f"/invoices/{draft['id']}/finalize").ok()
    render(companies.tenant.id, issued, companies.ours.now)
    comments = f"/invoices/{draft['id']}/comments"
    admin.post(comments, {"comment": OURS}).ok(201)
    said = admin.post(comments, {"comment": "for you", "public": True}).ok(201)
    admin.get("/dunning-rules").ok()["data"] or admin.post("/dunning-rules", rule_json()).ok(201)
    later = companies.ours.now + timedelta(days=35)
    letter = reach(companies.tenant.id, draft["id"], later)["id"]
    write(companies.tenant.id, letter, later)
    plan = subscription_json(
        customer_id=customer["id"],
        name=OURS,
        metadata={"a": OURS},
        custom_attributes=[{"name": "a", "value": OURS}],
        items=[{"line": line_json(metadata={"a": OURS})}],
    )
    subscription = admin.post("/subscriptions", plan).ok(201)
    ids = {
        "invoice_id": draft["id"],
        "activity_id": said["id"],
        "document_id": letter,
        "subscription_id": subscription["id"],
    }
    portal = signed_in(companies.tenant, Role.CUSTOMER, customer_id=customer["id"], email="me@suess.example")
    answer = send(endpoint, portal, ids, {} if endpoint.body else None)
    assert answer.status in (200, 201), answer.text
    if answer.headers["Content-Type"] == "application/json":
        assert list(hidden(endpoint.response, answer.json)) == []
    assert OURS not in answer.text
    assert "@intern.example" not in answer.text
    assert "gravatar" not in answer.text.replace('"gravatar_url":null', "")
    assert admin.user
    assert f'"created_by":{{"id":"{admin.user.id}"' not in answer.text
    tells = {
        "/invoices/{invoice_id}",
        "/invoices/{invoice_id}/xml",
        "/invoices/{invoice_id}/comments",
        "/invoices/{invoice_id}/comments/{activity_id}",
    }
    assert ("for you" in answer.text) == (endpoint.path in tells)
