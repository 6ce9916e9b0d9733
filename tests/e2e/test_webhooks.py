"""Webhooks of the running service, verified by the library of Standard Webhooks in Python and in Node."""

import json
import subprocess
from pathlib import Path

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from tests.e2e.waiting import until
from tests.npm import require
from tests.webhooks import receiver

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


def test_a_receiver_verifies_a_delivery_in_python_and_node(api: httpx.Client, tmp_path: Path) -> None:
    with receiver() as target:
        made = api.post("/webhook-endpoints", json={"url": target.url, "events": ["customer.created"]}).json()
        path = f"/webhook-endpoints/{made['id']}"
        ping = api.post(f"{path}/test").json()
        assert (ping["status_code"], ping["error"]) == (200, None)
        rotated = api.post(f"{path}/rotate-secret", json={}).json()
        target.requests.clear()
        api.post("/customers", json={"type": "company", "name": "Hook AG"}).raise_for_status()
        _, headers, body = until(lambda: target.requests)[0]
        secrets = [made["secret"], rotated["secret"]]
        event = Webhook(secrets[0]).verify(body, headers)
        assert Webhook(secrets[1]).verify(body, headers) == event
        done = {"status": "succeeded"}
        assert until(
            lambda: any(
                one["event"]["id"] == event["id"] for one in api.get(f"{path}/deliveries", params=done).json()["data"]
            )
        )
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
