"""API Gateway in one process: routes as declared, authorizer first, then the real Lambda handler."""

import base64
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from infra import gateway
from infra.discovery import DeclaredFunction, discover, endpoints
from invoicing.http.authorizer import Authorizer
from invoicing.http.declaration import Endpoint
from invoicing.http.request import header
from invoicing.users.model import User
from tests.answers import require_promised
from tests.aws import called_by
from tests.aws_limits import require_answerable
from tests.signatures import require_no_more_than_is_needed
from tests.tripwire import Sight, found_out

ORIGIN = "https://api.test"


@dataclass(frozen=True)
class Response:
    """The response that a client gets."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """The code of a problem."""
        assert self.headers["Content-Type"] == "application/problem+json", self.text
        return str(self.json["code"])

    def ok(self, status: int = 200) -> Any:
        """The body of a response that must have this status."""
        assert self.status == status, self.text
        return self.json if self.text else None


@cache
def routes() -> list[tuple[str, re.Pattern[str], DeclaredFunction]]:
    """Method, path and function of every endpoint."""
    return [
        (declared.method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", declared.path)), found)
        for found, declared in endpoints()
    ]


def route(method: str, path: str) -> tuple[DeclaredFunction, dict[str, str]]:
    """The function behind a path, and the path's variables; fixed parts win over variables."""
    hits = [
        (found, match.groupdict())
        for verb, pattern, found in routes()
        if (verb == method or (method == "HEAD" and cast("Endpoint", found.declaration).takes_head))
        and (match := pattern.fullmatch(path))
    ]
    assert hits, f"no route {method} {path}"
    return min(hits, key=lambda hit: len(hit[1]))


@dataclass
class Client:
    """A client of the API with its own key."""

    key: str | None
    user: User | None = None
    tenant_id: str = ""

    @property
    def origin(self) -> str:
        """The origin of the pages that the service itself shows."""
        return ORIGIN

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Response:
        """Send one request."""
        function, event = self.request(method, path, body, headers=headers, raw=raw)
        endpoint = function.declaration
        assert isinstance(endpoint, Endpoint)
        if endpoint.scope is not None:
            if not header(event["headers"], "Authorization"):
                return promised(endpoint, _refused_by_gateway("UNAUTHORIZED", event))
            allowed, context = authorized(event)
            if not allowed:
                return promised(endpoint, _refused_by_gateway("ACCESS_DENIED", event, context))
            event["requestContext"]["authorizer"] = context
        return promised(endpoint, answered(function, event))

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> tuple[DeclaredFunction, dict[str, Any]]:
        """The function behind a path, and the request as the gateway passes it on before it is authorized."""
        parts = urlsplit(path)
        function, variables = route(method, parts.path)
        payload = raw if raw is not None else (b"" if body is None else json.dumps(body).encode())
        query: dict[str, list[str]] = {}
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            query.setdefault(name, []).append(value)
        sent = {**({"Authorization": f"Bearer {self.key}"} if self.key else {}), **(headers or {})}
        event: dict[str, Any] = {
            "resource": function.declaration.path,  # type: ignore[union-attr]
            "path": parts.path,
            "httpMethod": method,
            "headers": sent,
            "pathParameters": variables or None,
            "multiValueQueryStringParameters": query or None,
            "requestContext": {
                "requestId": str(uuid.uuid4()),
                "path": f"/v1{parts.path}",
                "stage": "v1",
                "httpMethod": method,
                "identity": {"sourceIp": "203.0.113.77"},
            },
            "body": base64.b64encode(payload).decode() if payload else None,
            "isBase64Encoded": bool(payload),
        }
        return function, event

    def get(self, path: str, **more: Any) -> Response:
        """GET."""
        return self("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> Response:
        """POST; without a body an empty object."""
        return self("POST", path, {} if body is None and "raw" not in more else body, **more)

    def patch(self, path: str, body: Any, **more: Any) -> Response:
        """PATCH."""
        return self("PATCH", path, body, **more)

    def put(self, path: str, body: Any, **more: Any) -> Response:
        """PUT."""
        return self("PUT", path, body, **more)

    def delete(self, path: str, **more: Any) -> Response:
        """DELETE."""
        return self("DELETE", path, **more)


def authorized(event: Mapping[str, Any]) -> tuple[bool, Mapping[str, str]]:
    """Whether the authorizer allows a request, and its context about the caller or the refusal."""
    found = next(one.declaration for one in discover() if isinstance(one.declaration, Authorizer))
    arn = f"arn:aws:execute-api:eu-central-1:000000000000:api/v1/{event['httpMethod']}{event['path']}"
    with called_by("authorize", found_out()):
        answer = found({**event, "methodArn": arn, "type": "REQUEST"}, None)
    allowed = answer["policyDocument"]["Statement"][0]["Effect"] == "Allow"
    return allowed, answer["context"]


def answered(function: DeclaredFunction, event: Mapping[str, Any]) -> Response:
    """The answer of an endpoint to a request that the gateway has authorized."""
    endpoint = function.declaration
    assert isinstance(endpoint, Endpoint)
    sight = Sight(event["requestContext"]["authorizer"]["tenant_id"]) if endpoint.scope else found_out()
    with called_by(function.name, sight):
        answer = endpoint(event, None)
    require_answerable(answer)
    text = answer["body"]
    if answer.get("isBase64Encoded"):
        text = base64.b64decode(text).decode("latin-1")
    return Response(answer["statusCode"], answer["headers"], text)


def _refused_by_gateway(type_: str, event: Mapping[str, Any], told: Mapping[str, str] | None = None) -> Response:
    """The gateway's own responses, from the deployed templates."""
    response = gateway.gateway_responses()[type_]
    request_id = event["requestContext"]["requestId"]
    headers = {
        name.removeprefix("gatewayresponse.header."): request_id if value == "context.requestId" else value.strip("'")
        for name, value in response["responseParameters"].items()
    }
    text = response["responseTemplates"]["application/json"].replace("$context.requestId", request_id)
    for name, value in (told or {}).items():
        text = text.replace(f"$context.authorizer.{name}", value)
    return Response(int(response["statusCode"]), headers, text)


def promised(endpoint: Endpoint, response: Response) -> Response:
    """A response that the document promises; refuses any other."""
    require_promised(endpoint, response.status, response.headers, response.text)
    require_no_more_than_is_needed(response.status, response.headers, response.text)
    return response
