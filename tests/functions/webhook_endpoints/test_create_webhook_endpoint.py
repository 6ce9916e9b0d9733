"""POST /webhook-endpoints"""

import base64
import json
from collections.abc import Callable

import pytest

from invoicing.aws.clients import client
from invoicing.aws.envelopes import SecretOwner, unseal
from invoicing.aws.errors import ClientError
from tests.aws import TABLE
from tests.aws_events import boto
from tests.events import details
from tests.gateway import Client

BODY = {"url": "https://example.com/webhooks", "events": ["invoice.*", "customer.created"]}


def test_the_secret_is_shown_once_and_stored_encrypted(api: Client, stored_text: Callable[[], str]) -> None:
    made = api.post("/webhook-endpoints", BODY, headers={"Idempotency-Key": "1"}).ok(201)
    secret = made["secret"]
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert made["secrets"] == [{"id": made["secrets"][0]["id"], "created_at": made["created_at"], "expires_at": None}]
    again = api.post("/webhook-endpoints", BODY, headers={"Idempotency-Key": "1"})
    assert again.ok(201) == made | {"secret": None}
    shown = api.get(f"/webhook-endpoints/{made['id']}").ok()
    assert not {"secret", "sealed", "slot"} & shown.keys()
    assert secret not in stored_text() + json.dumps(details("webhook_endpoint.created"))


def test_only_its_tenant_and_endpoint_open_a_secret(api: Client, stranger: Client) -> None:
    made = api.post("/webhook-endpoints", BODY).ok(201)
    item = boto("dynamodb").get_item(
        TableName=TABLE, Key={"PK": {"S": f"T#{api.tenant_id}#HOOKS"}, "SK": {"S": f"HOOK#{made['id']}"}}
    )["Item"]
    [sealed] = json.loads(item["data"]["S"])["sealed"].values()
    opened = unseal(sealed, SecretOwner(api.tenant_id, made["id"]))
    assert made["secret"] == "whsec_" + base64.b64encode(opened).decode()
    assert client("kms")
    for other in (SecretOwner(stranger.tenant_id, made["id"]), SecretOwner(api.tenant_id, "whe_" + "0" * 26)):
        with pytest.raises(ClientError):
            unseal(sealed, other)


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"events": ["invoice.exploded"]}, "VALIDATION_ERROR", "/events/0"),
        ({"events": ["email.requested"]}, "VALIDATION_ERROR", "/events/0"),
        ({"events": []}, "VALIDATION_ERROR", "/events"),
        ({"parallel": 11}, "VALIDATION_ERROR", "/parallel"),
        ({"kind": "pull"}, "VALIDATION_ERROR", ""),
        ({"url": None}, "VALIDATION_ERROR", ""),
        ({"url": "http://example.com/"}, "URL_NOT_ALLOWED", "/url"),
    ],
)
def test_an_endpoint_that_cannot_get_events_is_refused(
    api: Client, change: dict[str, object], code: str, pointer: str
) -> None:
    answer = api.post("/webhook-endpoints", BODY | change)
    assert (answer.code, answer.json["errors"][0]["pointer"]) == (code, pointer)


def test_a_tenant_has_twenty_endpoints(api: Client) -> None:
    made = [api.post("/webhook-endpoints", {"kind": "pull", "events": ["*"]}).ok(201) for _ in range(20)]
    assert api.post("/webhook-endpoints", BODY).code == "TOO_MANY_ENDPOINTS"
    api.delete(f"/webhook-endpoints/{made[7]['id']}").ok(204)
    api.post("/webhook-endpoints", BODY).ok(201)
