"""The synthesized templates: made once for all tests of a worker."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.app import build
from tests.infra.templates import NO_BUNDLING, Templates, templates_of


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """What `cdk deploy` deploys without any context."""
    return templates_of(build(NO_BUNDLING, str(tmp_path_factory.mktemp("default"))))


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """What the embedded AWS gets."""
    context = {"stage": "local", "embedded": "true", "architecture": "x86_64", "base_url": "http://127.0.0.1:4566/v1"}
    return templates_of(build(NO_BUNDLING | context, str(tmp_path_factory.mktemp("embedded"))))


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """All that context can add."""
    context = {
        "stage": "prod",
        "domain": "api.example.com",
        "certificate_arn": "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-0000-0000-000000000000",
        "hosted_zone_id": "Z0000000000000000000",
        "hosted_zone_name": "example.com",
        "alarm_email": "alarms@example.com",
        "cors_origins": "https://app.example.com,https://admin.example.com",
        "waf": "true",
        "log_retention": "ONE_YEAR",
    }
    return templates_of(build(NO_BUNDLING | context, str(tmp_path_factory.mktemp("everything"))))


_ENDPOINT = '''"""GET /things{n}/{{thing_id}}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.domain.ids import InvoiceId
from invoicing.domain.invoice import Invoice


@endpoint("GET", "/things{n}/{{thing_id}}", scope="invoice:read", grants=[{grants}], canary={canary})
def handler(thing_id: InvoiceId) -> Invoice:
    """Answer."""
    raise NotImplementedError
'''
_SUBSCRIBER = '''"""thing.happened{n} → nothing"""

from invoicing.api.consume import BusEvent
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.subscriber import subscriber


@subscriber("thing.happened{n}", grants=[Grant.READ, Grant.COMMIT])
def handler(event: BusEvent, request: Request) -> None:
    """Consume."""
'''


@pytest.fixture(scope="session")
def ninety(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Ninety endpoints and ten consumers beside the real authorizer, stream consumer and schedule."""
    from infra.discovery import ROOT

    root: Path = tmp_path_factory.mktemp("ninety")
    for folder in ("things", "events", "schedules"):
        (root / "functions" / folder).mkdir(parents=True)
    for file in ("authorize.py", "events/publish_outbox.py", "schedules/sweep_outbox.py"):
        (root / "functions" / file).write_text((ROOT / "functions" / file).read_text())
    grants = ", ".join(f"Grant.{name}" for name in ("READ", "COMMIT", "READ_FILES", "WRITE_FILES", "LINK"))
    for n in range(90):
        text = _ENDPOINT.format(n=n, grants=grants, canary=n < 5)
        (root / "functions" / "things" / f"get_a_thing_of_rather_long_name_{n}.py").write_text(text)
    for n in range(10):
        (root / "functions" / "events" / f"consume_{n}.py").write_text(_SUBSCRIBER.format(n=n))
    yield templates_of(build(NO_BUNDLING, str(tmp_path_factory.mktemp("ninety-out")), root))
