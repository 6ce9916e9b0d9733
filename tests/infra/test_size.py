"""Every template is far from CloudFormation's limits, today and with three hundred more functions."""

from collections import Counter
from collections.abc import Iterable
from itertools import accumulate
from pathlib import Path

import pytest

from infra.app import build
from infra.discovery import ROOT, deployed, endpoints
from infra.pages import PAGES
from infra.placement import STACKS
from invoicing.consumers.consumer import Consumer
from tests.infra.templates import NO_BUNDLING, STAGES, Templates, templates_of

# CloudFormation allows 500 resources and 1 MB; API Gateway's default quota is 300 path resources per API.
_RESOURCES = 400
_BYTES = 700_000
_PATH_RESOURCES = 250

_ENDPOINTS = 252
_CONSUMERS = 48
_A_FOLDER = 42
_ROUTES = ("GET", "POST", "GET /{thing_id}", "PATCH /{thing_id}", "POST /{thing_id}/send", "GET /{thing_id}/log")
_ENDPOINT = '''"""{method} {path}"""

from invoicing.http.endpoint import endpoint
from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId
from invoicing.invoices.model import Invoice


@endpoint("{method}", "{path}", scope="invoice:read", grants=[{grants}], canary={canary})
def handler({variables}) -> Invoice:
    """Answer."""
    raise NotImplementedError
'''
_CONSUMER = '''"""thing.happened{n} → nothing"""

from invoicing.aws.grants import Grant
from invoicing.consumers.bus_events import BusEvent, bus_event
from invoicing.http.request import Request


@bus_event("thing.happened{n}", grants=[Grant.READ, Grant.COMMIT])
def handler(event: BusEvent, request: Request) -> None:
    """Consume."""
'''


def _write(root: Path, folder: str, name: str, text: str) -> None:
    file = root / "functions" / folder / f"{name}.py"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def _generate(root: Path) -> dict[str, str]:
    """Three hundred functions beside the real authorizer, stream consumer and schedules; their stacks by folder."""
    for file in ("authorize", "events/publish_outbox", "schedules/sweep_outbox", "schedules/publish_hourly_tick"):
        _write(root, ".", file, (ROOT / "functions" / f"{file}.py").read_text())
    grants = ", ".join(f"Grant.{name}" for name in ("READ", "COMMIT", "READ_FILES", "WRITE_FILES", "READ_BASE_URL"))
    for n in range(_ENDPOINTS):
        method, _, rest = _ROUTES[n % len(_ROUTES)].partition(" ")
        path = f"/things{n // len(_ROUTES)}{rest}"
        variables = "thing_id: InvoiceId" if rest else ""
        text = _ENDPOINT.format(method=method, path=path, grants=grants, canary=n < 5, variables=variables)
        _write(root, f"area_{n // _A_FOLDER}", f"answer_a_request_of_rather_long_name_{n}", text)
    for n in range(_CONSUMERS):
        _write(root, f"events/area_{2 * n // _CONSUMERS}", f"consume_{n}", _CONSUMER.format(n=n))
    folders = {path.parent.relative_to(root / "functions").as_posix() for path in root.rglob("*.py")}
    return {folder: STACKS.get(folder, folder.replace("/", "-").replace("_", "-")) for folder in folders}


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """A service of three hundred functions with versions, aliases and deployment groups, and every other option."""
    root = tmp_path_factory.mktemp("crowded")
    stacks = _generate(root)
    # The assets are not tested.
    context = {**NO_BUNDLING, "aws:cdk:disable-asset-staging": True, "stage": "everything"}
    out = str(tmp_path_factory.mktemp("crowded-out"))
    return templates_of(build(context, out, root, stages=STAGES, stacks=stacks))


@pytest.mark.parametrize(
    "of", ["templates", "embedded", "everything", pytest.param("crowded", marks=pytest.mark.system)]
)
def test_every_template_is_far_from_the_limits(of: str, request: pytest.FixtureRequest) -> None:
    found: Templates = request.getfixturevalue(of)
    sizes = {stack.name: (len(stack.template["Resources"]), stack.file.stat().st_size) for stack in found.stacks}
    assert {name: size for name, size in sizes.items() if size[0] > _RESOURCES or size[1] > _BYTES} == {}


@pytest.mark.system
def test_the_crowded_service_has_three_hundred_functions_more(crowded: Templates) -> None:
    functions = crowded.service.functions()
    assert len(functions) == 300 + 4
    for type_ in ("AWS::Lambda::Version", "AWS::Lambda::Alias", "AWS::CodeDeploy::DeploymentGroup"):
        assert len(crowded.service.all(type_)) == len(functions)
    assert len(crowded.service.all("AWS::SQS::Queue")) == 2 * _CONSUMERS + 1
    [api] = crowded.service.all("AWS::ApiGateway::RestApi").values()
    assert sum(len(set(operations) - {"options"}) for operations in api["Body"]["paths"].values()) == (
        _ENDPOINTS + len(PAGES) + 1  # the redirect of error codes
    )


def _path_resources(paths: Iterable[str]) -> int:
    """API Gateway counts each part of each path once, and the root."""
    parts = {prefix for path in paths for prefix in accumulate(path.strip("/").split("/"), "{}/{}".format)}
    return len(parts) + 1


def test_path_resources_are_counted_as_api_gateway_counts_them() -> None:
    assert _path_resources(["/a", "/a/{id}/b", "/a/{id}/c", "/d/e"]) == 1 + len(["a", "{id}", "b", "c", "d", "e"])


def test_the_api_is_far_from_the_quota_of_path_resources() -> None:
    assert _path_resources(declared.path for _, declared in endpoints()) <= _PATH_RESOURCES


@pytest.mark.system
def test_three_hundred_functions_need_no_higher_quota(crowded: Templates) -> None:
    assert _path_resources(crowded.api.one("AWS::ApiGateway::RestApi")["Body"]["paths"]) <= _PATH_RESOURCES


def test_each_function_has_code_of_its_own(templates: Templates) -> None:
    code = Counter(function["Code"]["S3Key"] for function in templates.service.functions().values())
    assert set(code.values()) == {1}


def test_an_endpoint_costs_three_resources(templates: Templates) -> None:
    [stack] = (stack for stack in templates.of_functions if stack.name.endswith("-billing"))
    layers = len(stack.all("AWS::Lambda::LayerVersion"))
    assert len(stack.template["Resources"]) == 3 * len(stack.functions()) + layers


def test_a_consumer_costs_nine_resources(templates: Templates) -> None:
    """Beside the function: two queues with their policies, rule, and the mapping of the queue to the function.

    The consumer of a queue to which functions send has no rule.
    """
    consumers = sum(isinstance(found.declaration, Consumer) for found in deployed())
    own = ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "AWS::Events::Rule", "AWS::Lambda::EventSourceMapping")
    stream = 1 + 1 + 1  # the stream consumer's queue, its policy and its mapping
    assert sum(len(templates.service.all(type_)) for type_ in own) == (9 - 3) * consumers + stream - 1
