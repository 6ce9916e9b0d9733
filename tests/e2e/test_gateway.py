"""The real gateway, authorizer and workers, as a client sees them over HTTP."""

import io
import json
import sys
import zipfile
from pathlib import Path

import boto3
import httpx
import pytest

from infra.local.stack import Stack
from tests.builders import invoice_json

pytestmark = pytest.mark.system

PROBE = """
import importlib, json, os, sys
def handler(event, context):
    importlib.import_module(event["module"])
    return {name: getattr(module, "__file__", None) for name, module in list(sys.modules.items())}
"""


@pytest.mark.parametrize("value", ["Bearer ik_local_wrong", "Api-Key wrong", "Basic YTpi", "Bearer"])
def test_a_wrong_key_is_a_problem_with_the_contracts_code(stack: Stack, value: str) -> None:
    answer = httpx.get(f"{stack.api_url}/invoices", headers={"Authorization": value}, timeout=120)
    assert (answer.status_code, answer.json()["code"]) == (401, "INVALID_API_KEY")
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_unknown_route_is_not_found(api: httpx.Client) -> None:
    answer = api.get("/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "ROUTE_NOT_FOUND")


def test_every_answer_has_its_headers(api: httpx.Client) -> None:
    answer = api.post("/invoices", json=invoice_json())
    assert answer.status_code == 201
    assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert answer.headers["location"] == f"/v1/invoices/{answer.json()['id']}"
    assert answer.headers["x-request-id"]
    shown = api.get(f"/invoices/{answer.json()['id']}")
    assert shown.headers["etag"] == answer.headers["etag"] == '"1"'


def test_mistakes_come_back_as_problems(api: httpx.Client) -> None:
    answer = api.post("/invoices", content=b'{"currency": 7')
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    answer = api.post("/invoices", json={"currency": 7})
    assert (answer.json()["code"], answer.json()["errors"][0]["pointer"]) == ("INVALID_TYPE", "/currency")
    assert answer.json()["instance"] == answer.headers["x-request-id"]


def test_the_type_of_a_problem_is_the_url_of_its_page(stack: Stack, api: httpx.Client) -> None:
    by_the_gateway = httpx.get(f"{stack.api_url}/nothing", timeout=120).json()
    by_a_function = api.post("/invoices", json={"currency": 7}).json()
    for problem in (by_the_gateway, by_a_function):
        # The first page needs all functions, which takes a while on a busy machine.
        page = httpx.get(httpx.URL(stack.api_url).join(problem["type"]), timeout=120, follow_redirects=True)
        assert (page.status_code, page.url.fragment) == (200, problem["code"])
        assert f'<section id="{problem["code"]}">' in page.text


def test_a_repeated_request_is_answered_again(api: httpx.Client) -> None:
    first, again = (api.post("/invoices", json=invoice_json(), headers={"Idempotency-Key": "e2e"}) for _ in range(2))
    assert (again.status_code, again.text) == (201, first.text)
    assert again.headers["idempotency-replayed"] == "true"


def test_a_list_goes_on_where_it_stopped(api: httpx.Client) -> None:
    for _ in range(3):
        api.post("/invoices", json=invoice_json()).raise_for_status()
    first = api.get("/invoices", params={"limit": 2}).json()
    second = api.get("/invoices", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert not {one["id"] for one in first["data"]} & {one["id"] for one in second["data"]}


@pytest.mark.parametrize("name", ["create_invoice", "render_document"])
def test_a_worker_sees_only_its_code_its_layers_and_python(stack: Stack, aws: boto3.Session, name: str) -> None:
    """A module missing in the layers would be found in the emulator's packages here, but nowhere on AWS."""
    client = aws.client("lambda", endpoint_url=stack.aws.url)
    found = client.get_function_configuration(FunctionName=f"invoicing-local-{name}")
    file = next(Path("functions").rglob(f"{name}.py"))
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("probe.py", PROBE)
        archive.writestr(file.as_posix(), file.read_text())
    client.create_function(
        FunctionName=f"probe-{name}",
        Runtime="python3.13",
        Role=found["Role"],
        Handler="probe.handler",
        Code={"ZipFile": code.getvalue()},
        Layers=[layer["Arn"] for layer in found["Layers"]],
        Environment={"Variables": found["Environment"]["Variables"]},
        Timeout=60,
    )
    module = ".".join(file.with_suffix("").parts)
    answer = client.invoke(FunctionName=f"probe-{name}", Payload=json.dumps({"module": module}))
    modules = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, modules
    standard = Path(json.__file__).parents[1]
    foreign = {
        name: place
        for name, place in modules.items()
        if place
        and "/python/" not in place
        and not Path(place).is_relative_to(standard / "lib-dynload")
        and (not Path(place).is_relative_to(standard) or "site-packages" in place)
        # multiprocessing, which boto3 imports, gives the worker's own file a second name.
        and name.split(".")[0] not in {"probe", "functions", "__main__", "__mp_main__", *sys.stdlib_module_names}
    }
    assert "invoicing.store.store" in modules
    assert not foreign
