"""API Gateway: the deployed API of a stage, as a client reaches it."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from infra.conformance.assumption import Violated, assumption, eventually, require, require_equal
from infra.conformance.resources import Answer
from infra.conformance.tenant import Deployed
from infra.error_codes import MISSING_CREDENTIALS, NO_ROUTE, TOO_MANY_REQUESTS
from invoicing.core.errors import TooLarge, Unauthenticated
from invoicing.http.problems import CONTENT_TYPE

_AT_ONCE = 32
_OVER_THE_LIMIT = 10 * 1024 * 1024 + 1
_DRAFT = {
    "currency": "EUR",
    "customer": {"name": "Süß & Söhne", "address": {"country": "DE", "city": "Köln", "line1": "Am Dom 1"}},
    "lines": [{"name": "Prüfung", "quantity": "1", "unit_price": "100.00", "tax": {"category": "S", "rate": "19"}}],
}


def _code(answer: Answer) -> Any:
    return json.loads(answer.content)["code"]


def _require_problem(answer: Answer, status: int, code: str) -> None:
    require(answer.status == status, f"status {answer.status}: {answer.content[:200]!r}")
    require_equal(_code(answer), code)
    require_equal(answer.headers.get("content-type"), CONTENT_TYPE)
    require_equal(answer.headers.get("cache-control"), "no-store")
    require(answer.headers.get("x-request-id"), "no X-Request-Id")


@assumption("API Gateway")
def an_unknown_route_is_a_problem(api: Deployed) -> None:
    """A path without an operation is 404 as a problem, not the gateway's own 403."""
    _require_problem(api("GET", "/no-such-route"), NO_ROUTE.status, NO_ROUTE.code)


@assumption("API Gateway")
def missing_credentials_are_a_problem(api: Deployed) -> None:
    """A request without credentials never reaches the authorizer: 401 as a problem with `WWW-Authenticate`."""
    answer = api("GET", "/tenant", key=None)
    _require_problem(answer, MISSING_CREDENTIALS.status, MISSING_CREDENTIALS.code)
    require_equal(answer.headers.get("www-authenticate"), "Bearer")


@assumption("API Gateway")
def wrong_credentials_are_a_problem(api: Deployed) -> None:
    """A denial of the authorizer is 401 as a problem with the code that the authorizer named."""
    _require_problem(api("GET", "/tenant", key=f"{api.key}x"), 401, Unauthenticated.code)


@assumption("API Gateway")
def the_caller_reaches_the_function(api: Deployed) -> None:
    """The context of the authorizer reaches the function, also from the gateway's cache and for other operations."""
    for _ in range(2):
        answer = api("GET", "/tenant")
        require_equal((answer.status, json.loads(answer.content).get("id")), (200, api.tenant_id))
    require_equal(api("GET", "/users").status, 200)
    _require_problem(api("POST", "/customers", body=b"{"), 400, "VALIDATION_ERROR")


@assumption("API Gateway")
def headers_are_found_in_any_case(api: Deployed) -> None:
    """Header names arrive in any case, and `Api-Key` is accepted as a scheme."""
    for name in ("authorization", "AUTHORIZATION"):
        require_equal(api("GET", "/tenant", key=None, headers={name: f"Api-Key {api.key}"}).status, 200)


@assumption("API Gateway")
def json_comes_back_as_sent(api: Deployed) -> None:
    """JSON in UTF-8 reaches the function and the client unchanged, and a path variable reaches the function."""
    sent = api("POST", "/invoices", body=json.dumps(_DRAFT, ensure_ascii=False).encode())
    require(sent.status == 201, sent)
    invoice = json.loads(sent.content)
    api.invoice(invoice["id"])
    found = json.loads(api("GET", f"/invoices/{invoice['id']}").content)
    require_equal((found["customer"]["name"], found["lines"][0]["name"]), ("Süß & Söhne", "Prüfung"))
    require_equal(sent.headers.get("location"), f"/v1/invoices/{invoice['id']}")


@assumption("API Gateway")
def a_form_reaches_the_function(api: Deployed) -> None:
    """A multipart form reaches the function byte for byte."""
    id_ = _draft(api)
    form = '--smoke\r\nContent-Disposition: form-data; name="note"\r\n\r\nGröße €\r\n--smoke--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=smoke"}
    answer = api("POST", f"/invoices/{id_}/notes", body=form.encode(), headers=headers)
    require_equal((answer.status, json.loads(answer.content).get("text")), (201, "Größe €"))


@assumption("API Gateway")
def a_file_comes_back_as_bytes(api: Deployed) -> None:
    """A binary response arrives as bytes for every `Accept` header."""
    id_ = _draft(api)
    for accept in ("*/*", "application/pdf", "application/json, */*"):
        answer = api("GET", f"/invoices/{id_}/preview", headers={"Accept": accept})
        require_equal((answer.status, answer.content[:5]), (200, b"%PDF-"))
        require_equal(answer.headers.get("content-type"), "application/pdf")


@assumption("API Gateway")
def a_body_over_the_limit_is_a_problem(api: Deployed) -> None:
    """A body over the gateway's 10 MB is 413 as a problem."""
    _require_problem(api("POST", "/invoices", body=b"x" * _OVER_THE_LIMIT), 413, TooLarge.code)


@assumption("API Gateway")
def a_change_becomes_an_event(api: Deployed) -> None:
    """A change reaches the bus through the table's stream: its entry leaves the outbox within a minute."""
    id_ = _draft(api)
    entries = api.entries(id_)
    require(entries, "the draft has no entry in its timeline")
    eventually(lambda: all("GSI7PK" not in entry for entry in api.entries(id_)), "the publication of the event")


@assumption("API Gateway")
def a_busy_tenant_is_refused(api: Deployed) -> None:
    """A tenant that sends more requests than the stage allows it gets 429 as a problem with `Retry-After`."""
    wanted = 3 * api.tenant_limit + 100
    begun = time.monotonic()
    with ThreadPoolExecutor(_AT_ONCE) as clients:
        answers = clients.map(lambda _: api("GET", "/tenant"), range(wanted))
        refused = next((one for one in answers if one.status == TOO_MANY_REQUESTS.status), None)
        clients.shutdown(cancel_futures=True)
    rate = wanted / (time.monotonic() - begun)
    if refused is None:
        raise Violated(
            f"{wanted} requests at {rate:.0f} a second were accepted; {api.tenant_limit} a second are allowed"
        )
    _require_problem(refused, TOO_MANY_REQUESTS.status, TOO_MANY_REQUESTS.code)
    require(refused.headers.get("retry-after"), "no Retry-After")


def _draft(api: Deployed) -> str:
    answer = api("POST", "/invoices", body=json.dumps(_DRAFT).encode())
    require(answer.status == 201, answer)
    id_: str = json.loads(answer.content)["id"]
    api.invoice(id_)
    return id_
