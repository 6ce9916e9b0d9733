"""What all tests share: the environment of a Lambda, and AWS in this process."""

import secrets
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from moto import mock_aws

from invoicing import clock, config
from invoicing.adapters.base_url import base_url
from invoicing.adapters.clients import client, forget_clients
from invoicing.adapters.dynamodb.commit import Session
from invoicing.adapters.dynamodb.store import Store
from invoicing.adapters.files import store_once
from invoicing.domain.events import DocumentRendered
from invoicing.domain.identity import Caller, Role
from invoicing.domain.tenant import Tenant
from tests import builders
from tests.aws import ENVIRONMENT, AwsCalls, create_resources, recorded, seed
from tests.gateway import Client


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches a real account, and none sees what another one's environment was."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "invoicing")
    config.setting.cache_clear()


@dataclass
class Clock:
    """A clock that tests set."""

    now: datetime = builders.NOON


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the service: noon of 10 March 2026 until a test moves it."""
    set_ = Clock()
    monkeypatch.setattr(clock, "now", lambda: set_.now)
    return set_


@pytest.fixture
def secret() -> str:
    """A fresh API key."""
    return "ik_test_" + secrets.token_urlsafe(32)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, at: Clock) -> Iterator[AwsCalls]:
    """An empty account with the data stack's resources."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        forget_clients()
        base_url.cache_clear()
        config.setting.cache_clear()
        create_resources()
        with recorded() as calls:
            yield calls
    forget_clients()
    config.setting.cache_clear()


@pytest.fixture
def tenant(aws: AwsCalls) -> Tenant:
    """The company whose API the tests call."""
    company = builders.tenant()
    seed(company.id, company)
    return company


@pytest.fixture
def sign_in(tenant: Tenant) -> Callable[..., Client]:
    """Makes a client that is a user of the tenant: `sign_in(Role.MEMBER)`."""

    def client_of(role: Role = Role.ADMIN, *, company: Tenant = tenant, **fields: object) -> Client:
        secret = "ik_test_" + secrets.token_urlsafe(32)
        user = builders.user(company.id, role, **fields)
        seed(company.id, user, builders.api_key(user, secret))
        return Client(secret, user)

    return client_of


@pytest.fixture
def api(sign_in: Callable[..., Client]) -> Client:
    """An admin of the tenant."""
    return sign_in()


@pytest.fixture
def issued(api: Client) -> dict[str, Any]:
    """An invoice over 119.00 that was issued today."""
    customer = api.post("/customers", builders.customer_json()).ok(201)
    draft = api.post("/invoices", builders.invoice_json(customer_id=customer["id"])).ok(201)
    found: dict[str, Any] = api.post(f"/invoices/{draft['id']}/finalize").ok()
    return found


@pytest.fixture
def rendered(api: Client, issued: dict[str, Any], tenant: Tenant, at: Clock) -> dict[str, Any]:
    """The same with its PDF in place."""
    session = Session(Caller.system(tenant.id), at.now)
    store = Store(session)
    file = issued["files"]["pdf"]["id"]
    sha256 = store_once(tenant.id, file, b"%PDF-1.7 a stand-in for one", "application/pdf")
    summary = store.invoice_summary(issued["id"]).rendered("pdf", sha256, 27, at.now)
    store.commit(summary, DocumentRendered(file="pdf", sha256=sha256, size=27))
    found: dict[str, Any] = api.get(f"/invoices/{issued['id']}").ok()
    return found


@pytest.fixture
def stored_text(aws: AwsCalls) -> Callable[[], str]:
    """All that stands in the table, decompressed, as one text."""

    def read() -> str:
        items = client("dynamodb").scan(TableName=ENVIRONMENT["TABLE_NAME"])["Items"]
        parts = [zlib.decompress(bytes(item["part"]["B"])).decode() for item in items if "part" in item]
        return f"{items}{parts}"

    return read


@pytest.fixture
def stranger(sign_in: Callable[..., Client]) -> Client:
    """An admin of another tenant."""
    other = builders.tenant(name="Andere AG")
    seed(other.id, other)
    return sign_in(company=other)
