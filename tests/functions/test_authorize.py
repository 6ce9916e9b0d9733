"""Identification of the caller: A04, C02, C14, C15, D02."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from infra.discovery import discover
from invoicing.aws.errors import ClientError
from invoicing.core.identity import Role
from invoicing.http.authorizer import Authorizer
from invoicing.http.usage import usage_key_of
from invoicing.tenants.model import Tenant
from tests import builders
from tests.aws import AwsCalls, called_by, seed, seed_key
from tests.aws_events import LOST, Listener, client_error, listening
from tests.conftest import Clock
from tests.gateway import Client
from tests.tripwire import found_out


@pytest.mark.parametrize("scheme", ["Bearer", "Api-Key", "bearer", "API-KEY"])
def test_a_key_is_accepted_in_both_schemes(api: Client, scheme: str) -> None:
    assert Client(None).get("/invoices", headers={"Authorization": f"{scheme} {api.key}"}).status == 200


@pytest.mark.parametrize("value", ["Bearer", "Bearer ", "Basic {key}", "{key}", "Bearer {key}x", "Bearer x{key}"])
def test_any_other_credential_is_refused(api: Client, value: str) -> None:
    answer = Client(None).get("/invoices", headers={"Authorization": value.format(key=api.key)})
    assert (answer.status, answer.code) == (401, "INVALID_API_KEY")


@pytest.mark.parametrize("headers", [{}, {"Authorization": ""}])
def test_a_request_without_credentials_is_refused(tenant: Tenant, headers: dict[str, str]) -> None:
    answer = Client(None).get("/invoices", headers=headers)
    assert (answer.status, answer.code, answer.headers["WWW-Authenticate"]) == (401, "MISSING_CREDENTIALS", "Bearer")


def test_an_expired_revoked_or_orphaned_key_is_refused(tenant: Tenant, secret: str, at: Clock) -> None:
    user = builders.user()
    key = seed_key(tenant.id, user, secret, expires_at=at.now + timedelta(minutes=1))
    assert Client(secret).get("/invoices").status == 200
    at.now += timedelta(minutes=1)
    assert Client(secret).get("/invoices").status == 401
    seed(tenant.id, builders.api_key(user, id=key.id, revoked_at=at.now))
    assert Client(secret).get("/invoices").status == 401
    seed(tenant.id, builders.user(id=user.id, deactivated=True), key)
    at.now -= timedelta(minutes=1)
    assert Client(secret).get("/invoices").status == 401


def test_a_key_has_at_most_the_scopes_of_its_user(tenant: Tenant, secret: str, at: Clock) -> None:
    user = builders.user(Role.AUDITOR)
    seed_key(tenant.id, user, secret, scopes=frozenset({"payment:read", "invoice:write"}))
    assert Client(secret).get("/payments").status == 200
    for answer in (Client(secret).get("/invoices"), Client(secret).post("/invoices", {})):
        assert (answer.status, answer.code) == (403, "INSUFFICIENT_PERMISSIONS")


def test_permissions_are_checked_before_the_body(sign_in: Callable[..., Client]) -> None:
    assert sign_in(Role.AUDITOR)("POST", "/invoices", raw=b"{").code == "INSUFFICIENT_PERMISSIONS"


def test_a_key_costs_two_reads(api: Client, aws: AwsCalls) -> None:
    with aws.only("authorize") as calls:
        api.get("/invoices").ok()
    assert calls.names == {"dynamodb:GetItem": 1, "dynamodb:BatchGetItem": 1}


def test_the_last_use_of_a_key_is_written_once_an_hour(
    api: Client, tenant: Tenant, secret: str, at: Clock, aws: AwsCalls
) -> None:
    key = seed_key(tenant.id, builders.user(email="b@nordlicht.example"), secret, last_used_at=None)
    for minutes, writes in ((0, 1), (30, 0), (29, 0), (1, 1)):
        at.now += timedelta(minutes=minutes)
        with aws.only("authorize") as calls:
            Client(secret).get("/invoices").ok()
        assert calls.names["dynamodb:UpdateItem"] == writes
    shown = api.get(f"/api-keys/{key.id}").ok()
    assert (shown["last_used_at"], shown["version"]) == ("2026-03-10T13:00:00.000Z", 1)


def test_a_key_is_accepted_although_a_read_is_throttled(api: Client) -> None:
    with listening(Throttling()) as throttling:
        assert api.get("/invoices").status == 200
    assert throttling.left


class Throttling(Listener):
    """Returns an item of the first batch as unprocessed."""

    def __init__(self) -> None:
        self.left: list[Mapping[str, Any]] = []

    def after(self, name: str, params: Mapping[str, Any], answer: Any) -> None:
        if name == "dynamodb:BatchGetItem" and not self.left:
            (table, items) = next(iter(answer["Responses"].items()))
            self.left.append(items.pop())
            address = {name: self.left[0][name] for name in ("PK", "SK")}
            answer["UnprocessedKeys"] = {table: {"Keys": [address], "ConsistentRead": True}}


class Failing(Listener):
    """Makes a call fail before it is carried out."""

    def __init__(self, call: str, fault: Exception) -> None:
        self.call, self.fault = call, fault

    def before(self, name: str, params: Mapping[str, Any]) -> None:
        if name == self.call:
            raise self.fault


@pytest.mark.parametrize(
    "fault",
    [
        client_error("UpdateItem", 400, "TransactionConflictException"),
        client_error("UpdateItem", 400, "ThrottlingException"),
        client_error("UpdateItem", 503, "ServiceUnavailable"),
        LOST,
    ],
)
def test_a_failed_write_of_the_last_use_refuses_no_caller(tenant: Tenant, secret: str, fault: Exception) -> None:
    key = seed_key(tenant.id, builders.user(), secret, last_used_at=None)
    with listening(Failing("dynamodb:UpdateItem", fault)):
        assert Client(secret).get("/invoices").status == 200
    answer = Client(secret).get(f"/api-keys/{key.id}").ok()
    assert answer["last_used_at"] is not None


def test_a_bug_in_writing_the_last_use_is_not_hidden(tenant: Tenant, secret: str) -> None:
    seed_key(tenant.id, builders.user(), secret, last_used_at=None)
    denied = client_error("UpdateItem", 400, "AccessDeniedException")
    with listening(Failing("dynamodb:UpdateItem", denied)), pytest.raises(ClientError):
        Client(secret).get("/invoices")


def test_a_request_counts_towards_the_usage_key_of_its_tenant(api: Client, secret: str) -> None:
    found = next(one.declaration for one in discover() if isinstance(one.declaration, Authorizer))

    def key(credential: str) -> str:
        event = {
            "type": "REQUEST",
            "methodArn": "arn:aws:execute-api:eu-central-1:000000000000:api/v1/GET/invoices",
            "headers": {"Authorization": f"Bearer {credential}"},
            "requestContext": {"requestId": "1"},
        }
        with called_by("authorize", found_out()):
            return str(found(event, None)["usageIdentifierKey"])

    assert key(api.key or "") == usage_key_of("test", api.tenant_id)
    assert key(secret) == usage_key_of("test", None)
