"""Signatures by Standard Webhooks, against its published vector and its own library."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from invoicing.webhooks.delivery import LONGEST_BODY, body_of
from invoicing.webhooks.signing import headers_of, signature

SECRET = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY = base64.b64decode(SECRET)
BODY = '{"test": 2432232314}'
EVENT = {
    "id": "evt_1", "type": "invoice.paid", "occurred_at": "2026-03-10T12:00:00.000Z", "actor": None,
    "resource": {"object": "invoice", "id": "inv_1", "version": 3}, "data": {"object": {"id": "inv_1", "note": "ü"}},
}  # fmt: skip


def test_the_signature_is_that_of_the_published_vector() -> None:
    signed = signature(KEY, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", BODY)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_library_accepts_each_secret_and_refuses_changes() -> None:
    now = datetime.now(UTC)
    good = headers_of("evt_1", BODY, now, [b"another secret", KEY])
    assert Webhook(f"whsec_{SECRET}").verify(BODY, good) == json.loads(BODY)
    signatures = good["webhook-signature"]
    wrong = [
        {name: one for name, one in good.items() if name != "webhook-id"},
        {name: one for name, one in good.items() if name != "webhook-timestamp"},
        good | {"webhook-timestamp": "hello"},
        headers_of("evt_1", BODY, now - timedelta(minutes=6), [KEY]),
        headers_of("evt_1", BODY, now + timedelta(minutes=6), [KEY]),
        good | {"webhook-id": "evt_2"},
        good | {"webhook-signature": signatures.replace("v1,", "v2,")},
        good | {"webhook-signature": signatures.split()[0]},
    ]
    for headers in wrong:
        with pytest.raises(WebhookVerificationError):
            Webhook(f"whsec_{SECRET}").verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(f"whsec_{SECRET}").verify(BODY + " ", good)


def test_a_body_has_the_event_and_is_thin_where_it_is_long() -> None:
    full = json.loads(body_of(EVENT, thin=False))
    assert list(full)[:3] == ["type", "timestamp", "data"]
    assert (full["data"], full["payload"], full["resource"]["version"]) == (EVENT["data"], "full", 3)
    thin = json.loads(body_of(EVENT, thin=True))
    assert (thin["data"], thin["payload"]) == ({"object": {"object": "invoice", "id": "inv_1"}}, "thin")
    long = body_of(EVENT | {"data": {"object": {"note": "ü" * LONGEST_BODY}}}, thin=False)
    assert json.loads(long) == thin
