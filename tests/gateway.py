"""API Gateway in one process: routes as declared, authorizer first, then the real Lambda handler."""

import base64
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from infra.discovery import DeclaredFunction, discover, endpoints
from invoicing.api.authorizer import Authorizer
from invoicing.api.endpoint import Endpoint
from invoicing.domain.user import User
from tests.aws import called_by


@dataclass(frozen=True)
class Response:
    """What a client gets."""

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
        """The body of an answer that must have this status."""
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
        if verb == method and (match := pattern.fullmatch(path))
    ]
    assert hits, f"no route {method} {path}"
    return min(hits, key=lambda hit: len(hit[1]))


@dataclass
class Client:
    """A client of the API with a key of its own."""

    key: str | None
    user: User | None = None

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
        parts = urlsplit(path)
        function, variables = route(method, parts.path)
        endpoint = function.declaration
        assert isinstance(endpoint, Endpoint)
        payload = raw if raw is not None else (b"" if body is None else json.dumps(body).encode())
        query: dict[str, list[str]] = {}
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            query.setdefault(name, []).append(value)
        sent = {**({"Authorization": f"Bearer {self.key}"} if self.key else {}), **(headers or {})}
        event: dict[str, Any] = {
            "resource": endpoint.path,
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
        if endpoint.scope is not None:
            context = self._authorize(event)
            if context is None:
                return Response(401, {"Content-Type": "application/problem+json"}, '{"code": "INVALID_API_KEY"}')
            event["requestContext"]["authorizer"] = context
        with called_by(function.name):
            answer = endpoint(event, None)
        return Response(answer["statusCode"], answer["headers"], answer["body"])

    def _authorize(self, event: Mapping[str, Any]) -> Mapping[str, str] | None:
        found = next(one.declaration for one in discover() if isinstance(one.declaration, Authorizer))
        arn = f"arn:aws:execute-api:eu-central-1:000000000000:api/v1/{event['httpMethod']}{event['path']}"
        with called_by("authorize"):
            answer = found({**event, "methodArn": arn, "type": "REQUEST"}, None)
        allowed = answer["policyDocument"]["Statement"][0]["Effect"] == "Allow"
        context: Mapping[str, str] = answer["context"]
        return context if allowed else None

    def get(self, path: str, **more: Any) -> Response:
        """GET."""
        return self("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> Response:
        """POST; without a body an empty object."""
        return self("POST", path, {} if body is None and "raw" not in more else body, **more)

    def patch(self, path: str, body: Any, **more: Any) -> Response:
        """PATCH."""
        return self("PATCH", path, body, **more)

    def delete(self, path: str, **more: Any) -> Response:
        """DELETE."""
        return self("DELETE", path, **more)
