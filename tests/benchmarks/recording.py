"""The same work for both: create a draft with three lines and read it, with recorded responses of AWS."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from boto3.dynamodb.types import TypeSerializer

from invoicing.aws.clients import client
from invoicing.http.declaration import Endpoint
from invoicing.users.model import new_secret
from tests import builders
from tests.aws import account, seed, seed_key
from tests.gateway import Client
from tests.moto_items import over_http

LINES = 3


@dataclass(frozen=True)
class Recorded:
    """One request: the event, the responses of AWS by operation, and the expected status."""

    event: Mapping[str, Any]
    answers: Mapping[str, str]
    status: int


def ours() -> tuple[Recorded, Recorded]:
    """`create_invoice` and `get_invoice`, recorded through the functions themselves."""
    secret = new_secret("test")
    with redirect_stdout(io.StringIO()), account():
        tenant = builders.tenant()
        user = builders.user()
        seed(tenant.id, tenant)
        seed_key(tenant.id, user, secret)
        api = Client(secret, user)
        created = _recorded(api, "POST", "/invoices", _draft())
        found = json.loads(api.get("/invoices").text)["data"][0]
        return created, _recorded(api, "GET", f"/invoices/{found['id']}", None)


def usual() -> tuple[Recorded, Recorded]:
    """The same for the compared handler, in the formats of the gateway and DynamoDB."""
    body = {"customer_name": "Nordlicht", "lines": [_usual_line() for _ in range(LINES)]}
    stored = body | {"currency": "EUR", "note": None, "PK": "1", "SK": "#", "id": "1", "total": "357.00"}
    item = {name: TypeSerializer().serialize(value) for name, value in stored.items()}
    post = _usual_event("POST", "/invoices", json.dumps(body))
    get = _usual_event("GET", "/invoices/1", None)
    return (
        Recorded(post, {"PutItem": "{}", "UpdateItem": "{}"}, 200),
        Recorded(get, {"GetItem": json.dumps({"Item": item})}, 200),
    )


def _draft() -> dict[str, Any]:
    return builders.invoice_json(lines=[builders.line_json() for _ in range(LINES)])


def _usual_line() -> dict[str, str]:
    return {"name": "Consulting", "quantity": "1", "unit_price": "100.00", "tax_rate": "19"}


def _recorded(api: Client, method: str, path: str, body: Any) -> Recorded:
    """Send one request. Record the event of the function and each unchanged response of AWS."""
    events: list[Mapping[str, Any]] = []
    answers: dict[str, str] = {}
    answer = Endpoint.__call__

    def noted(declared: Endpoint, event: Mapping[str, Any], context: object) -> Any:
        # Record from here on, because earlier calls belong to the authorizer.
        answers.clear()
        events.append(event)
        return answer(declared, event, context)

    def received(http_response: Any, model: Any, **_: Any) -> None:
        answers[model.name] = http_response.content.decode()

    with patch.object(Endpoint, "__call__", noted), _received_by(received):
        response = api(method, path, body, headers={} if method == "GET" else {"Idempotency-Key": "benchmark"})
    return Recorded(events[0], dict(answers), response.status)


@contextmanager
def _received_by(listener: Callable[..., None]) -> Iterator[None]:
    """Pass each unchanged response of DynamoDB in the context to the listener."""
    dynamodb: Any = client("dynamodb")
    events = dynamodb.meta.events
    events.register("after-call", listener)
    try:
        with over_http(dynamodb):
            yield
    finally:
        events.unregister("after-call", listener)


def _usual_event(method: str, path: str, body: str | None) -> dict[str, Any]:
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": {"Content-Type": "application/json"},
        "multiValueHeaders": {"Content-Type": ["application/json"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "requestId": "22222222-2222-4222-8222-222222222222",
            "path": f"/v1{path}",
            "stage": "v1",
            "httpMethod": method,
            "resourcePath": path,
            "identity": {"sourceIp": "203.0.113.77"},
        },
        "body": body,
        "isBase64Encoded": False,
    }
