"""The examples of the OpenAPI document: each request is accepted unchanged, each response is a real one that fits.

`infra/openapi_examples.json` has the responses; renew them with
`uv run pytest -n 0 -m renew tests/contract/test_examples.py`, then the document with
`uv run invoicing openapi --output tests/contract/openapi.json`.
"""

import json
import re
from itertools import count
from typing import Any

import pytest

from infra.discovery import endpoints
from infra.examples import REQUESTS, RESPONSES, RESPONSES_FILE
from infra.openapi_schemas import EXAMPLE_ULID
from invoicing.http.declaration import Endpoint
from tests import builders
from tests.answers import document, followed, operation, require_fit
from tests.aws import seed
from tests.builders import NOON
from tests.contract.conftest import Companies
from tests.gateway import Response
from tests.world import PREPARED, World, asked, fitting, signed_in

ENDPOINTS = [pytest.param(found.name, declared, id=found.name) for found, declared in endpoints()]
SUCCESSES = {200, 201, 202, 204, 302, 303}


SECRETS = (
    (re.compile(r"(?<=/downloads/)[A-Za-z0-9_-]{43}"), "a" * 43),
    (re.compile(r"(?<=/pages/)[A-Za-z0-9_-]{43}"), "a" * 43),
    (re.compile(r"(?<=ik_test_)[0-9A-Za-z]{49}"), "x" * 49),
    (re.compile(r"(?<=ik_test_)[0-9A-Za-z]{4}(?=\")"), "xxxx"),
    (re.compile(r"(?<=whsec_)[0-9A-Za-z+/]{43}="), "x" * 43 + "="),
    (re.compile(r"[0-9a-f]{64}"), "5f" * 32),
)
"""Random values of responses, with their replacements in an example."""


def prepared(name: str, endpoint: Endpoint, companies: Companies) -> World:
    """A new tenant with the resources that the operation needs, and for lists with an entry."""
    tenant = builders.tenant()
    seed(tenant.id, tenant)
    drafts = name not in PREPARED and fitting(companies.ours, endpoint).drafts
    world = World(signed_in(tenant), NOON, drafts)
    if name in PREPARED:
        PREPARED[name](world)
    for _, entry in endpoints() if endpoint.paginates else ():
        if re.fullmatch(re.escape(endpoint.path) + r"/\{\w+\}", entry.path):
            assert world.ids(entry)
    return world


@pytest.mark.parametrize(("name", "endpoint"), ENDPOINTS)
def test_an_operation_accepts_its_example(name: str, endpoint: Endpoint, companies: Companies) -> None:
    world = prepared(name, endpoint, companies)
    answer = asked(endpoint, world.client, world)
    assert answer.status in SUCCESSES, answer.text
    if (contents := operation(endpoint).get("requestBody")) is not None:
        assert all(content["example"] == REQUESTS[name] for content in contents["content"].values())


@pytest.mark.parametrize(("name", "endpoint"), ENDPOINTS)
def test_an_answer_has_an_example_that_fits(name: str, endpoint: Endpoint) -> None:
    for status, response in operation(endpoint)["responses"].items():
        content = followed(response).get("content", {}).get("application/json")
        if int(status) in SUCCESSES and content is not None:
            require_fit(content["example"], content["schema"])
            assert content["example"] == RESPONSES[name]


def test_examples_of_the_main_job_work_in_order(companies: Companies) -> None:
    api = companies.ours.client
    customer = api.post("/customers", REQUESTS["create_customer"]).ok(201)["id"]
    draft = api.post("/invoices", {**REQUESTS["create_invoice"], "customer_id": customer}).ok(201)["id"]
    issued = api.post(f"/invoices/{draft}/finalize", REQUESTS["finalize_invoice"]).ok()
    assert issued["number"]
    api.post(f"/invoices/{draft}/payments", REQUESTS["record_payment"]).ok(201)
    api.post(f"/invoices/{draft}/comments", REQUESTS["add_comment"]).ok(201)


def test_every_schema_has_an_example_that_fits() -> None:
    for name, schema in document()["components"]["schemas"].items():
        assert schema["examples"], name
        for example in schema["examples"]:
            require_fit(example, {"$ref": f"#/components/schemas/{name}"})


def test_no_example_is_left_of_an_operation_that_is_gone() -> None:
    names = {found.name for found, _ in endpoints()}
    assert set(REQUESTS) == {found.name for found, one in endpoints() if one.body is not None}
    assert set(RESPONSES) <= names


def example_of(answer: Response) -> Any:
    """A real response with the same identifiers and secrets in every recording."""
    text = answer.text
    for secret, replacement in SECRETS:
        text = secret.sub(replacement, text)
    known: dict[str, str] = {}

    def numbered(found: re.Match[str]) -> str:
        return known.setdefault(found.group(), f"{EXAMPLE_ULID[:-2]}{len(known) + 1:02d}")

    text = re.sub(r"(?<=_)[0-7][0-9A-HJKMNP-TV-Z]{25}", numbered, text)
    value = json.loads(
        text, object_hook=lambda one: one | {"scopes": sorted(one["scopes"])} if "scopes" in one else one
    )
    signed = [name for name in value.get("fields", ()) if name.startswith("x-amz-") or name == "policy"]
    return value | ({"fields": value["fields"] | dict.fromkeys(signed, "…")} if signed else {})


@pytest.mark.renew
def test_renew_the_answers(companies: Companies, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writes `infra/openapi_examples.json`; run by hand only."""
    # Identifiers of one moment are random, and lists are sorted by them: here by the order of creation.
    created = count(1)
    monkeypatch.setattr("invoicing.core.ids.secrets.randbits", lambda _: next(created) << 32)
    answers = {}
    for found, endpoint in endpoints():
        world = prepared(found.name, endpoint, companies)
        answer = asked(endpoint, world.client, world)
        if answer.headers.get("Content-Type") == "application/json":
            answers[found.name] = example_of(answer)
    RESPONSES_FILE.write_text(json.dumps(answers, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
