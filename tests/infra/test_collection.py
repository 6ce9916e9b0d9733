"""The Postman collection has each operation with the examples of the OpenAPI document."""

import json
import re
from typing import Any

from infra.clients.collection import collection
from tests.answers import document

COLLECTION = collection()
OPERATIONS = {
    one["summary"]: (path, method.upper(), one)
    for path, methods in document()["paths"].items()
    for method, one in methods.items()
}


def requests() -> list[dict[str, Any]]:
    return [item for folder in COLLECTION["item"] for item in folder["item"]]


def variables() -> dict[str, str]:
    return {one["key"]: one["value"] for one in COLLECTION["variable"]}


def test_each_operation_is_a_request() -> None:
    assert sorted(item["name"] for item in requests()) == sorted(OPERATIONS)
    for item in requests():
        path, method, operation = OPERATIONS[item["name"]]
        assert item["request"]["method"] == method
        raw = item["request"]["url"]["raw"]
        assert raw.replace("{{base_url}}", "").replace("{{", "{").replace("}}", "}") == path
        assert ("auth" in item["request"]) == (operation["security"] == [])


def test_bodies_and_responses_are_those_of_the_document() -> None:
    for item in requests():
        _, _, operation = OPERATIONS[item["name"]]
        content = operation.get("requestBody", {}).get("content", {})
        if content:
            ids = {f"{{{{{name}}}}}" for name in variables() if name.endswith("_id")}
            example = next(iter(content.values()))["example"]
            sent = json.loads(item["request"]["body"]["raw"])
            assert sent.keys() == example.keys()
            assert all(sent[name] == example[name] or sent[name] in ids for name in example)
        for response in item["response"]:
            documented = operation["responses"][str(response["code"])]["content"]["application/json"]["example"]
            assert json.loads(response["body"]) == documented


def test_only_changes_by_callers_have_an_idempotency_key() -> None:
    for item in requests():
        _, _, operation = OPERATIONS[item["name"]]
        keys = [one for one in item["request"]["header"] if one["key"] == "Idempotency-Key"]
        # The holder of a link to a page is no caller: there the form itself has a key.
        assert bool(keys) == (item["request"]["method"] != "GET" and operation["security"] != [])


def test_each_variable_in_a_request_exists() -> None:
    used = {name for item in requests() for name in re.findall(r"\{\{([$\w]+)\}\}", json.dumps(item["request"]))}
    assert used == {*variables(), "$guid"} - {"api_key"}


def test_the_id_of_a_new_resource_is_kept_for_its_path() -> None:
    kept = {item["name"]: item["event"][0]["script"]["exec"][1] for item in requests() if item["event"]}
    assert '"invoice_id"' in kept[summary("create_invoice")]
    assert '"payment_id"' in kept[summary("record_payment")]
    assert summary("finalize_invoice") not in kept


def summary(operation_id: str) -> str:
    [found] = [str(text) for text, (_, _, one) in OPERATIONS.items() if one["operationId"] == operation_id]
    return found
