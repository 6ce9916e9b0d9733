"""The functions through their real handlers, on moto: one gateway, one tenant, every AWS call recorded."""

import secrets
from collections.abc import Callable, Iterator

import pytest
from moto import mock_aws

from infra.discovery import discover
from invoicing import config
from invoicing.adapters.base_url import base_url
from invoicing.adapters.clients import forget_clients
from invoicing.domain.identity import Role
from invoicing.domain.tenant import Tenant
from tests import builders
from tests.aws import ENVIRONMENT, AwsCalls, create_resources, recorded, seed
from tests.conftest import Clock
from tests.gateway import Client


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
def stranger(sign_in: Callable[..., Client]) -> Client:
    """An admin of another tenant."""
    other = builders.tenant(name="Andere AG")
    seed(other.id, other)
    return sign_in(company=other)


@pytest.fixture(scope="module", autouse=True)
def _declared_equals_used(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a function did in AWS during its tests is just what it declares: not more, and nothing in vain."""
    used = request.module.__dict__.setdefault("_used_actions", set())
    yield
    name = request.module.__name__.rpartition(".")[2].removeprefix("test_")
    function = next((one for one in discover() if one.name == name), None)
    collected = [item for item in request.session.items if item.module is request.module]
    written = [found for found in vars(request.module) if found.startswith("test_")]
    if function is None or request.session.testsfailed or len({item.originalname for item in collected}) < len(written):
        return
    grants = function.declaration.grants
    allowed = {action for grant in grants for action in grant.actions}
    assert used <= allowed, f"{name} does {sorted(used - allowed)} and does not declare it"
    idle = [grant.name for grant in grants if not used & set(grant.actions)]
    assert not idle, f"{name} declares {idle} and never needs it"


@pytest.fixture(autouse=True)
def _note_used_actions(request: pytest.FixtureRequest, aws: AwsCalls) -> None:
    """Tells the module's check which calls were made by the function under test, and by it alone."""
    name = request.module.__name__.rpartition(".")[2].removeprefix("test_")
    aws.watch(name, request.module.__dict__.setdefault("_used_actions", set()))
