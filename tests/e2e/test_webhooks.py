"""Webhooks of the running service, verified by the library of Standard Webhooks in Python and in Node."""

import json
import subprocess
from pathlib import Path

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from tests.e2e.waiting import until
from tests.npm import require
from tests.webhooks import Receiver, receiver

pytestmark = pytest.mark.system
LIBRARY = "standardwebhooks@1.1.1"
VERIFY = """
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";
const { secrets, headers, body } = JSON.parse(readFileSync(0, "utf8"));
for (const secret of secrets) console.log(new Webhook(secret).verify(body, headers).id);
try {
  new Webhook(secrets[0]).verify(body + " ", headers);
} catch (error) {
  console.log(error.constructor.name);
}
"""


def _first(api: httpx.Client, target: Receiver) -> tuple[str, dict[str, str], bytes]:
    """Cause events until one arrives: the endpoints of a tenant are read once a minute."""
    for _ in range(12):
        api.post("/customers", json={"type": "company", "name": "Hook AG"}).raise_for_status()
        if until(lambda: target.requests, 10):
            break
    return target.requests[0]


def test_a_receiver_verifies_a_delivery_in_python_and_node(api: httpx.Client, tmp_path: Path) -> None:
    with receiver() as target:
        made = api.post("/webhook-endpoints", json={"url": target.url, "events": ["customer.created"]}).json()
        path = f"/webhook-endpoints/{made['id']}"
        ping = api.post(f"{path}/test").json()
        assert (ping["status_code"], ping["error"]) == (200, None)
        rotated = api.post(f"{path}/rotate-secret", json={}).json()
        target.requests.clear()
        _, headers, body = _first(api, target)
        secrets = [made["secret"], rotated["secret"]]
        event = Webhook(secrets[0]).verify(body, headers)
        assert Webhook(secrets[1]).verify(body, headers) == event
        done = {"status": "succeeded", "order": "asc"}
        [delivery, *_] = until(lambda: api.get(f"{path}/deliveries", params=done).json()["data"])
        assert delivery["event"]["id"] == event["id"]
        api.delete(path).raise_for_status()
    require((LIBRARY,))
    subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--prefer-offline", LIBRARY],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    (tmp_path / "verify.mjs").write_text(VERIFY)
    asked = json.dumps({"secrets": secrets, "headers": headers, "body": body.decode()})
    verified = subprocess.run(
        ["node", "verify.mjs"],
        cwd=tmp_path,
        input=asked,
        check=True,
        capture_output=True,
        text=True,
    )
    assert verified.stdout.split() == [event["id"], event["id"], "WebhookVerificationError"]
