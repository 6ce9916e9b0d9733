"""POST /api-keys: C14, C15, C16."""

import re
import string
import zlib
from collections.abc import Callable

from invoicing.core.ids import new_id
from invoicing.tenants.model import Tenant
from invoicing.users.model import digest
from tests import builders
from tests.aws import seed_key
from tests.builders import NOON
from tests.gateway import Client


def test_a_secret_is_shown_once_and_stored_as_a_hash(api: Client, stored_text: Callable[[], str]) -> None:
    made = api.post("/api-keys", {"name": "shop"}, headers={"Idempotency-Key": "1"}).ok(201)
    secret = made["secret"]
    assert re.fullmatch(r"ik_test_[0-9A-Za-z]{49}", secret)
    assert (made["prefix"], len(made["prefix"])) == (secret[:12], 12)
    Client(secret).get("/invoices").ok()
    again = api.post("/api-keys", {"name": "shop"}, headers={"Idempotency-Key": "1"})
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.ok(201) == made | {"secret": None}
    assert "secret" not in api.get(f"/api-keys/{made['id']}").ok()
    assert secret not in stored_text()
    assert digest(secret) in stored_text()


def test_a_secret_ends_with_a_checksum(api: Client) -> None:
    """Scanners recognize a leaked key without a request to the service."""
    secret = api.post("/api-keys", {"name": "shop"}).ok(201)["secret"]
    value = 0
    for character in secret[-6:]:
        value = value * 62 + (string.digits + string.ascii_letters).index(character)
    assert value == zlib.crc32(secret[:-6].encode())


def test_two_keys_can_be_active_during_a_rotation(api: Client) -> None:
    old, new = (api.post("/api-keys", {"name": name}).ok(201) for name in ("old", "new"))
    api.delete(f"/api-keys/{old['id']}").ok(204)
    assert Client(old["secret"]).get("/invoices").status == 401
    Client(new["secret"]).get("/invoices").ok()


def test_a_key_has_no_more_scopes_than_its_role_and_creator(api: Client, tenant: Tenant, secret: str) -> None:
    auditor = {"email": "au@nordlicht.example", "first_name": "Au", "last_name": "Dit", "role": "auditor"}
    user = api.post("/users", auditor).ok(201)["id"]
    wide = {"name": "x", "user_id": user, "scopes": ["invoice:write"]}
    answer = api.post("/api-keys", wide)
    assert (answer.status, answer.code) == (422, "SCOPE_EXCEEDS_ROLE")
    assert answer.json["errors"][0]["pointer"] == "/scopes"
    assert api.post("/api-keys", wide | {"scopes": ["everything"]}).status == 400
    narrow = Client(secret)
    seed_key(tenant.id, builders.user(email="n@nordlicht.example"), secret, scopes=frozenset({"api_key:write"}))
    assert narrow.post("/api-keys", {"name": "more"}).code == "INSUFFICIENT_PERMISSIONS"
    narrow.post("/api-keys", {"name": "same", "scopes": ["api_key:write"]}).ok(201)


def test_a_key_for_an_unknown_user_or_past_date_is_refused(api: Client) -> None:
    assert api.post("/api-keys", {"name": "x", "user_id": new_id("usr", NOON)}).code == "USER_NOT_FOUND"
    late = api.post("/api-keys", {"name": "x", "expires_at": "2026-03-10T12:00:00Z"})
    assert (late.code, late.json["errors"][0]["pointer"]) == ("DATE_NOT_ALLOWED", "/expires_at")


def test_scopes_are_shown_in_alphabetical_order(api: Client) -> None:
    scopes = ["payment:write", "order:read", "invoice:write", "customer:read", "invoice:read", "payment:read"]
    made = api.post("/api-keys", {"name": "shop", "scopes": scopes}).ok(201)
    assert made["scopes"] == api.get(f"/api-keys/{made['id']}").ok()["scopes"] == sorted(scopes)
