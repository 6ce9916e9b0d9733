"""`invoicing listen`: events of a service, passed on to a program on this machine."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from infra.local.failure import LocalError
from infra.local.listen import ListenedEndpoint, pass_on, polled
from infra.local.service import service_of

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ENDPOINT = ListenedEndpoint("/webhook-endpoints/whe_1", SECRET)
TARGET = "http://localhost:3000/hooks"


def delivery(number: int) -> dict[str, Any]:
    return {
        "id": f"dlv_{number}",
        "event": {"id": f"evt_{number}", "type": "invoice.paid"},
        "body": f'{{"n":{number}}}',
    }


def service(asked: list[tuple[str, str, Any]], waiting: list[dict[str, Any]]) -> httpx.Client:
    """A service with these pending deliveries, which records the requests."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.method, request.url.path, json.loads(request.content) if request.content else None))
        if request.method == "DELETE":
            return httpx.Response(204)
        if request.method == "POST" and request.url.path == "/webhook-endpoints":
            return httpx.Response(201, json={"id": "whe_1", "secret": SECRET})
        return httpx.Response(200, json={"data": waiting})

    return httpx.Client(base_url="http://service", transport=httpx.MockTransport(answer))


def test_events_are_passed_on_in_order_until_one_fails() -> None:
    asked: list[tuple[str, str, Any]] = []
    received: list[Any] = []

    def program(request: httpx.Request) -> httpx.Response:
        received.append(Webhook(SECRET).verify(request.content, dict(request.headers)))
        return httpx.Response(500 if len(received) == 3 else 204)

    lines: list[str] = []
    with service(asked, [delivery(number) for number in range(4)]) as api:
        to = httpx.Client(transport=httpx.MockTransport(program))
        assert pass_on(api, to, ENDPOINT, TARGET, lines.append) is False
    assert [one["n"] for one in received] == [0, 1, 2]
    assert [line.split()[-1] for line in lines] == ["204", "204", "500"]
    assert asked[-1] == ("POST", "/webhook-endpoints/whe_1/acknowledge", {"delivery_ids": ["dlv_0", "dlv_1"]})


def test_the_endpoint_exists_while_the_command_runs() -> None:
    asked: list[tuple[str, str, Any]] = []
    with service(asked, []) as api, suppress(KeyboardInterrupt), polled(api, ["invoice.*"]) as endpoint:
        assert endpoint == ENDPOINT
        raise KeyboardInterrupt
    made, deleted = asked
    assert made[2] == {"kind": "pull", "events": ["invoice.*"], "description": "invoicing listen"}
    assert deleted[:2] == ("DELETE", "/webhook-endpoints/whe_1")


def test_the_service_is_the_given_one_or_the_running_stack(tmp_path: Path) -> None:
    assert service_of(tmp_path, "https://api", "ik_1") == ("https://api", "ik_1")
    with pytest.raises(LocalError, match="No stack runs"):
        service_of(tmp_path, None, None)
    described = {"api_url": "http://127.0.0.1:4566/v1", "api_keys": {"admin": "ik_2"}}
    (tmp_path / "stack.json").write_text(json.dumps(described))
    assert service_of(tmp_path, None, None) == ("http://127.0.0.1:4566/v1", "ik_2")


def test_a_refusal_of_the_service_is_one_line() -> None:
    refused = httpx.MockTransport(lambda _: httpx.Response(403, json={"title": "The credentials lack the scope."}))
    with (
        httpx.Client(base_url="http://service", transport=refused) as api,
        pytest.raises(LocalError, match="403 The credentials lack the scope"),
        polled(api, ["*"]),
    ):
        pass
