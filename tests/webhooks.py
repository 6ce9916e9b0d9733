"""A receiver of webhooks on this machine, and the work of the queue between it and the service."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from invoicing import config
from invoicing.aws.clients import client
from invoicing.webhooks.fan_out import DeliveryMessage
from tests.aws import ENVIRONMENT
from tests.aws_events import boto
from tests.conftest import Clock
from tests.events import deliver, deliver_raw, details, function
from tests.gateway import Client
from tests.mails import as_asked, deliver_ses_event, over_quota


@dataclass
class Receiver:
    """A server that records requests. `answer` gives status and headers for the number of the request."""

    url: str
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answer: Callable[[int], tuple[int, Mapping[str, str]]] = lambda _: (200, {})

    @property
    def ids(self) -> list[str]:
        """The ids of the events that arrived."""
        return [headers["webhook-id"] for _, headers, _ in self.requests]


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Run a receiver on a free port of loopback while the context lasts."""
    found = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.requests.append((self.path, {name.lower(): one for name, one in self.headers.items()}, body))
            status, headers = found.answer(len(found.requests))
            self.send_response(status)
            for name, value in {"Content-Length": "2", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """A client that left is no error of the receiver."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    found.url = f"http://localhost:{server.server_port}/hooks?from=invoicing"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def allow_loopback(patch: pytest.MonkeyPatch) -> None:
    """Let webhooks reach this machine, as the embedded stack does."""
    patch.setenv("WEBHOOK_TARGETS", "443 loopback")
    config.setting.cache_clear()


def listen(api: Client, url: str | None, **fields: Any) -> dict[str, Any]:
    """An endpoint of the tenant for all events about customers; without a URL one that polls."""
    body = {"events": ["customer.*"], **({"url": url} if url else {"kind": "pull"}), **fields}
    made: dict[str, Any] = api.post("/webhook-endpoints", body).ok(201)
    return made


def customers(api: Client, number: int) -> list[str]:
    """Create customers, and pass their events to the endpoints. Returns the ids of the events, in their order."""
    known = {one["id"] for one in details("customer.created")}
    for place in range(number):
        api.post("/customers", {"type": "company", "name": f"No. {place}"}).ok(201)
    events = [one for one in details("customer.created") if one["id"] not in known]
    assert deliver("fan_out_webhooks", *events) == []
    return sorted(one["id"] for one in events)


def pump(most: int = 100) -> int:
    """Pass the messages of the queue to the worker, one by one. Returns their number."""
    url, done = ENVIRONMENT["WEBHOOK_QUEUE_URL"], 0
    while done < most:
        found = boto("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=1).get("Messages", [])
        if not found:
            break
        [message] = found
        assert deliver_raw("deliver_webhook", message["Body"]) == []
        boto("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        done += 1
    return done


def deliveries(api: Client, endpoint: Mapping[str, Any], **filters: str) -> list[dict[str, Any]]:
    """The deliveries of an endpoint, oldest first."""
    asked = "&".join(f"{name}={value}" for name, value in {"order": "asc", "limit": "100", **filters}.items())
    found: list[dict[str, Any]] = api.get(f"/webhook-endpoints/{endpoint['id']}/deliveries?{asked}").ok()["data"]
    return found


def unreachable(api: Client) -> str:
    """An endpoint that cannot be reached, with two deliveries. Returns its path."""
    made = listen(api, "https://example.com/webhooks")
    customers(api, 2)
    return f"/webhook-endpoints/{made['id']}"


def to_fan_out(api: Client) -> None:
    """An event for two endpoints."""
    for url in ("https://example.com/webhooks", None):
        listen(api, url)
    api.post("/customers", {"type": "company", "name": "Hook AG"}).ok(201)


def to_deliver(api: Client) -> str:
    """The message of the queue about a delivery to such an endpoint."""
    made = unreachable(api).rpartition("/")[2]
    delivery = details("customer.created")[-1]["id"].replace("evt_", "dlv_")
    return DeliveryMessage(tenant_id=api.tenant_id, endpoint_id=made, delivery_id=delivery).model_dump_json()


def let_wait(api: Client) -> None:
    """Activate such an endpoint while two deliveries wait for it."""
    path = unreachable(api)
    api.patch(path, {"status": "disabled"}).ok()
    assert pump() == 2
    api.patch(path, {"status": "active"}).ok()


def break_and_mend(api: Client, at: Clock) -> None:
    """Cause every event of an endpoint: it fails, recovers, is gone, and is activated and deleted."""
    began = at.now
    with pytest.MonkeyPatch.context() as patch, receiver() as target:
        allow_loopback(patch)
        path = f"/webhook-endpoints/{listen(api, target.url, events=['customer.created'])['id']}"
        api.patch(path, {"description": "Shop"}).ok()
        api.post(f"{path}/rotate-secret", {}).ok()
        target.answer = lambda _: (500, {})
        customers(api, 5)
        pump()
        target.answer = lambda _: (200, {})
        at.now += timedelta(minutes=2)
        function("retry_webhooks").declaration({}, None)
        pump()
        target.answer = lambda _: (410, {})
        customers(api, 1)
        pump()
        _mail_admins()
        api.patch(path, {"status": "active"}).ok()
        customers(api, 1)
        pump()
        api.delete(path).ok(204)
        assert deliver("send_email", *details("webhook.email_requested")[1:]) == []
    config.setting.cache_clear()
    at.now = began


def _mail_admins() -> None:
    """A mail that SES defers, sends and loses."""
    [requested] = details("webhook.email_requested")
    with pytest.MonkeyPatch.context() as full:
        full.setattr(client("sesv2"), "send_email", over_quota)
        assert deliver("send_email", requested) == []
    deliver_ses_event("Send", as_asked(requested), "webhook-0")
    deliver_ses_event("Bounce", as_asked(requested), "webhook-0", bounced=["admin@nordlicht.example"])
