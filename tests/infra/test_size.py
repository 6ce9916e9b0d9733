"""A service of ninety endpoints still fits into one stack."""

from collections import Counter
from math import ceil
from pathlib import Path

import pytest

from infra.app import build
from infra.discovery import ROOT, deployed
from invoicing.api.subscriber import Subscriber
from tests.infra.templates import NO_BUNDLING, Templates, templates_of

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


@pytest.fixture(scope="module")
def ninety(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """Ninety endpoints and ten consumers beside the real authorizer, stream consumer and schedules."""
    root: Path = tmp_path_factory.mktemp("ninety")
    for folder in ("things", "events", "schedules"):
        (root / "functions" / folder).mkdir(parents=True)
    for file in ("authorize.py", "events/publish_outbox.py", "schedules/sweep_outbox.py", "schedules/begin_hour.py"):
        (root / "functions" / file).write_text((ROOT / "functions" / file).read_text())
    grants = ", ".join(f"Grant.{name}" for name in ("READ", "COMMIT", "READ_FILES", "WRITE_FILES", "LINK"))
    for n in range(90):
        text = _ENDPOINT.format(n=n, grants=grants, canary=n < 5)
        (root / "functions" / "things" / f"get_a_thing_of_rather_long_name_{n}.py").write_text(text)
    for n in range(10):
        (root / "functions" / "events" / f"consume_{n}.py").write_text(_SUBSCRIBER.format(n=n))
    return templates_of(build(NO_BUNDLING, str(tmp_path_factory.mktemp("ninety-out")), root))


def test_ninety_endpoints_leave_room_in_the_stack(ninety: Templates) -> None:
    functions = ninety.service.functions()
    assert len(functions) == 90 + 10 + 4
    assert len(ninety.service.template["Resources"]) <= 450


def test_ninety_endpoints_make_a_template_that_cloudformation_takes(ninety: Templates) -> None:
    assert len(ninety.service.text.encode()) < 1_000_000


def test_each_function_has_code_of_its_own(ninety: Templates) -> None:
    code = Counter(function["Code"]["S3Key"] for function in ninety.service.functions().values())
    assert set(code.values()) == {1}


def test_an_endpoint_costs_three_resources(ninety: Templates, templates: Templates) -> None:
    def beside_functions(stack: Templates) -> int:
        return len(stack.service.template["Resources"]) - 3 * len(stack.service.functions())

    ours = sum(isinstance(one.declaration, Subscriber) for one in deployed())
    consumers, canaries, per_consumer = 10 - ours, 5 - 2, 6
    # An alarm can add up ten queues, the stream consumer's among them.
    alarms = ceil((10 + 1) / 10) - ceil((ours + 1) / 10)
    layers = len(ninety.service.all("AWS::Lambda::LayerVersion")) - len(
        templates.service.all("AWS::Lambda::LayerVersion")
    )
    more = consumers * per_consumer + canaries + alarms + layers
    assert beside_functions(ninety) - beside_functions(templates) == more
