"""POST /customers/{customer_id}/payment-methods"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from invoicing.core.identity import Role
from tests.aws import AwsCalls
from tests.collection import CREDITOR_ID, IBAN, method_json, methods_path
from tests.events import details
from tests.gateway import Client
from tests.races import meanwhile


def test_a_signed_mandate_makes_an_active_method(api: Client, aws: AwsCalls) -> None:
    api.patch("/tenant", {"creditor_id": CREDITOR_ID}).ok()
    path = methods_path(api)
    body = method_json(" M-2026/0042 ", iban="de02 1203 0000 0000 2020 51", bic="BYLADEM1001")
    before = aws.names["dynamodb:TransactWriteItems"]
    answer = api.post(path, body)
    made = answer.ok(201)
    assert aws.names["dynamodb:TransactWriteItems"] == before + 1
    assert answer.headers["Location"] == f"/v1{path}/{made['id']}"
    assert (made["object"], made["status"], made["iban"], made["default"]) == ("payment_method", "active", IBAN, False)
    assert made["mandate"] == {
        "reference": "M-2026/0042",
        "scheme": "core",
        "type": "recurrent",
        "signed_on": "2026-03-01",
        "creditor_id": CREDITOR_ID,
        "last_collected_on": None,
        "amendment": None,
    }
    assert api.get(f"{path}/{made['id']}").ok() == made
    [event] = details("payment_method.created")
    assert (event["resource"]["id"], event["data"]["object"]["iban"]) == (made["id"], "DE02…2051")
    assert IBAN not in json.dumps(event)


def test_the_series_gives_references_and_skips_given_ones(api: Client) -> None:
    path = methods_path(api)
    api.post(path, method_json("mandate-2026-000002")).ok(201)
    made = [api.post(path, method_json(signed_on=None)).ok(201) for _ in range(2)]
    assert [one["mandate"]["reference"] for one in made] == ["MANDATE-2026-000001", "MANDATE-2026-000003"]
    assert {one["status"] for one in made} == {"pending"}
    series = {"name": "mandate", "pattern": "SEPA {n}", "yearly_reset": False, "first_number": 7}
    api.patch("/tenant", {"number_series": {"mandate": series}}).ok()
    assert api.post(path, method_json()).ok(201)["mandate"]["reference"] == "SEPA 7"
    assert api.get("/number-series/mandate/gaps").ok()["gaps"] == []
    refused = api.patch("/tenant", {"number_series": {"mandate": {**series, "pattern": "M_{n}"}}})
    assert refused.json["errors"][0]["pointer"] == "/number_series/mandate/pattern"


def test_a_reference_belongs_to_one_mandate(api: Client, stranger: Client) -> None:
    path = methods_path(api)
    made = api.post(path, method_json("M-42")).ok(201)
    api.delete(f"{path}/{made['id']}").ok()
    for same in ("M-42", "m - 42"):
        refused = api.post(methods_path(api), method_json(same))
        assert (refused.status, refused.code) == (409, "MANDATE_EXISTS")
        assert refused.json["errors"][0]["pointer"] == "/mandate/reference"
    stranger.post(methods_path(stranger), method_json("M-42")).ok(201)


def test_a_customer_has_one_default(api: Client) -> None:
    path = methods_path(api)
    first, second = (api.post(path, method_json(default=True)).ok(201)["id"] for _ in range(2))
    found = {one["id"]: one["default"] for one in api.get(path).ok()["data"]}
    assert found == {first: False, second: True}
    api.patch(f"{path}/{second}", {"default": False}).ok()
    assert not any(one["default"] for one in api.get(path).ok()["data"])
    api.patch(f"{path}/{first}", {"default": True}).ok()
    assert api.get(f"{path}/{first}").ok()["default"] is True


def test_methods_created_at_once_have_one_default(api: Client) -> None:
    path = methods_path(api)
    with meanwhile(*[lambda: api.post(path, method_json(default=True)).ok(201)] * 2):
        api.post(path, method_json(default=True)).ok(201)
    methods = api.get(path).ok()["data"]
    assert len({one["mandate"]["reference"] for one in methods}) == 3
    assert sum(one["default"] for one in methods) == 1


def test_a_repeated_request_creates_one_method(api: Client) -> None:
    path = methods_path(api)
    first, again = (api.post(path, method_json(), headers={"Idempotency-Key": "m"}) for _ in range(2))
    assert first.ok(201) == again.ok(201)
    assert len(api.get(path).ok()["data"]) == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"iban": "DE03120300000000202051"}, "/iban"),
        ({"iban": "TR330006100519786457841326"}, "/iban"),
        ({"type": "card"}, "/type"),
        ({"holder": "x" * 71}, "/holder"),
        ({"mandate": {"reference": "M_1"}}, "/mandate/reference"),
        ({"mandate": {"reference": "/M"}}, "/mandate/reference"),
        ({"mandate": {"reference": "x" * 36}}, "/mandate/reference"),
        ({"mandate": {"signed_on": "2026-03-11"}}, "/mandate/signed_on"),
    ],
)
def test_mistakes_are_refused_with_a_pointer(api: Client, change: dict[str, Any], pointer: str) -> None:
    refused = api.post(methods_path(api), method_json(**change))
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, pointer)


def test_an_erased_customer_gets_none(api: Client) -> None:
    path = methods_path(api)
    api.post(path.replace("payment-methods", "erase"), raw=b"").ok()
    assert api.post(path, method_json()).code == "CUSTOMER_ERASED"


def test_a_customer_with_a_method_cannot_be_deleted(api: Client) -> None:
    path = methods_path(api)
    api.post(path, method_json()).ok(201)
    assert api.delete(path.removesuffix("/payment-methods")).code == "CUSTOMER_IN_USE"


@pytest.mark.parametrize("role", [Role.MEMBER, Role.AUDITOR])
def test_others_create_none(api: Client, sign_in: Callable[..., Client], role: Role) -> None:
    assert sign_in(role).post(methods_path(api), method_json()).status == 403
