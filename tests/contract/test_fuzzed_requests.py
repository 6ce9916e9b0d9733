"""Requests that schemathesis generates from our own OpenAPI document, valid and invalid.

They go through the authorizer and the handlers of all endpoints, in process, which is much faster than the embedded
stack. Every answer must be one that the document promises, and none a 5xx. Two thirds of the requests name existing
resources, since nearly all would be answered 404 otherwise.

    uv run pytest -n 0 -m slow tests/contract/test_fuzzed_requests.py    # 20,000 requests
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from jsonschema_rs import ValidationError

from infra import openapi
from infra.discovery import endpoints
from invoicing.core import clock
from invoicing.http.declaration import Endpoint
from tests import builders
from tests.aws import account, seed
from tests.builders import NOON
from tests.gateway import Client, routes
from tests.world import World, signed_in

if TYPE_CHECKING:
    from schemathesis import Case

REQUESTS = 2_000
"""Requests for each seed."""
SETTINGS = settings(phases=[Phase.generate], database=None, deadline=None, suppress_health_check=list(HealthCheck))
SET_BY_THE_CLIENT = {"authorization", "content-length"}
"""Headers that the client of the tests sets itself."""
OF_DRAFTS = {"invoice_id", "line_id", "note_id", "file_id", "activity_id"}
"""The variables of paths for which a draft has a resource."""
DEPLOYED = [one for _, one in endpoints() if not one.embedded]


class Sent(NamedTuple):
    """A request as it is on the wire."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@pytest.fixture(scope="module")
def operations() -> dict[str, Any]:
    """The operations of the document, by method and path."""
    # Each run of the suite collects this file, and few of them need the library.
    import schemathesis
    from schemathesis.config import SchemathesisConfig
    from schemathesis.core.result import Ok

    config = SchemathesisConfig.from_dict({"generation": {"with-security-parameters": False}})
    schema = schemathesis.openapi.from_dict(openapi.document(), config=config)
    found = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    return {one.label: one for one in found}


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[None]:
    """One account for all requests."""
    with pytest.MonkeyPatch.context() as at, account():
        at.setattr(clock, "now", lambda: NOON)
        yield


@pytest.mark.slow
@pytest.mark.parametrize("number", range(10))
@pytest.mark.usefixtures("fuzzed")
def test_any_request_gets_an_answer_of_the_document(operations: Mapping[str, Any], number: int) -> None:
    # Operations without input have fewer requests that differ.
    each = REQUESTS // len(DEPLOYED) + 2
    met: Counter[int] = Counter()
    wrong: dict[str, str] = {}
    for endpoint in DEPLOYED:
        send_generated(operations[f"{endpoint.method} {endpoint.path}"], endpoint, each, number, met, wrong)
    assert not wrong, f"{met}\n\n" + "\n\n".join(wrong.values())
    assert met.total() >= REQUESTS
    assert {200, 201, 204, 400, 404, 409, 422} <= met.keys(), met


def send_generated(
    operation: Any, endpoint: Endpoint, times: int, number: int, met: Counter[int], wrong: dict[str, str]
) -> None:
    """Send generated requests to one operation of a new tenant. Adds each kind of wrong answer with a request."""
    from schemathesis import GenerationMode

    tenant = builders.tenant()
    seed(tenant.id, tenant)
    issued, draft = (World(signed_in(tenant), NOON, drafts) for drafts in (False, True))
    of_drafts = "invoice_id" in endpoint.path and endpoint.path_parameters.keys() <= OF_DRAFTS
    existing = [world.ids(endpoint) for world in ((issued, draft) if of_drafts else (issued,))]

    @seeded(number)
    @settings(SETTINGS, max_examples=times)
    @given(st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode)), st.integers(0, 2))
    def request(case: Any, choice: int) -> None:
        if choice:
            case.path_parameters = {**case.path_parameters, **existing[choice % len(existing)]}
        sent = on_the_wire(case)
        # API Gateway itself answers 404 where no route fits.
        met[answered(issued.client, endpoint, sent, wrong) if has_route(endpoint.method, sent.path) else 404] += 1

    request()


def has_route(method: str, path: str) -> bool:
    """Whether the gateway has a route for a path."""
    return any(verb == method and pattern.fullmatch(path.partition("?")[0]) for verb, pattern, _ in routes())


def on_the_wire(case: "Case[Any]") -> Sent:
    """The request of a case, as an HTTP client sends it."""
    parts = case.as_transport_kwargs(base_url="https://api.test")
    prepared = requests.Session().prepare_request(requests.Request(**parts))
    body = prepared.body or b""
    assert isinstance(body, str | bytes)
    headers = {name: _text(value) for name, value in prepared.headers.items() if name.lower() not in SET_BY_THE_CLIENT}
    return Sent(prepared.path_url, headers, body.encode() if isinstance(body, str) else body)


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def answered(client: Client, endpoint: Endpoint, sent: Sent, wrong: dict[str, str]) -> int:
    """The status of the answer. The client refuses answers that the document does not promise."""
    try:
        answer = client(endpoint.method, sent.path, raw=sent.body, headers=sent.headers)
        assert answer.status < 500, answer.text
    except (AssertionError, ValidationError) as failure:
        kind = f"{endpoint.method} {endpoint.path}: {str(failure)[:200]}"
        wrong.setdefault(kind, f"{endpoint.method} {sent.path} {sent.headers} {sent.body!r}\n{failure}")
        return 0
    return answer.status
