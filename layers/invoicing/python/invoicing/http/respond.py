"""The steps that every endpoint shares, so that no handler repeats them.

In this order: authenticate and authorize; parse path, query and body; check idempotency; call the handler; respond;
write one log line.
"""

import math
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel, TypeAdapter, ValidationError

from invoicing.core import clock, errors
from invoicing.core.errors import DomainError, InsufficientPermissions, Invalid, NotFound
from invoicing.core.identity import Caller, Role
from invoicing.core.model import ENTERED
from invoicing.core.page import Page
from invoicing.core.stored_file import FailedRequest, Form, PageForm, WebPage
from invoicing.core.tolerant import read
from invoicing.http import problems
from invoicing.http.body import parse, raw_body, refusal, require_json
from invoicing.http.declaration import Endpoint, operation_of
from invoicing.http.form import parse_form, parse_page_form
from invoicing.http.patch import Patch
from invoicing.http.problems import status_of
from invoicing.http.render import Renderer
from invoicing.http.request import Request, header, now_for, preferred
from invoicing.http.responses import (
    FILES,
    HTML,
    Csv,
    GatewayEvent,
    Pdf,
    Response,
    Xml,
    cors_headers,
    file_response,
    headers_for,
    internal_error_response,
    page_response,
    problem_response,
    sent_or_stored,
)
from invoicing.observability import log_line
from invoicing.store import idempotency as stored_responses
from invoicing.store.idempotency import Idempotency, StoredResponse
from invoicing.store.retry import retry_on_conflict
from invoicing.store.session import IfMatch, Session
from invoicing.store.store import Repeated, Store

_CAUSED_BY_EARLIER_ATTEMPT = {404, 409, 412, 422}
"""Errors that an earlier attempt of the same request may have caused: the stored response takes precedence."""
_ETAG = re.compile(r'(?:W/)?"([0-9]{1,12})"')
_PARTS = {"change_id", "file_id", "line_id"}
"""Parts of a resource: a change of a part is a change of the resource."""
_LONGEST_KEY = 255


def respond(endpoint: Endpoint, event: GatewayEvent, context: object) -> Response:
    """Respond to one request of the gateway, after any error too."""
    started = time.perf_counter()
    request_id = event["requestContext"]["requestId"]
    operation = operation_of(endpoint.handle)
    facts = {
        "correlation_id": request_id,
        "lambda_id": getattr(context, "aws_request_id", None),
        "tenant_id": (event["requestContext"].get("authorizer") or {}).get("tenant_id"),
    }
    try:
        response = _response(endpoint, operation, event)
    except DomainError as error:
        response = problem_response(error, request_id)
        facts |= {"status": response["statusCode"], "code": error.code}
        log_line(operation, started, unexpected=False, facts=facts, canary=endpoint.canary)
    except Exception:  # noqa: BLE001 — the boundary: logged with its trace, counted, and returned without internals
        log_line(operation, started, unexpected=True, facts=facts | {"status": 500}, canary=endpoint.canary)
        response = internal_error_response(request_id)
    else:
        log_line(
            operation,
            started,
            unexpected=False,
            facts=facts | {"status": response["statusCode"]},
            canary=endpoint.canary,
        )
    response = _for_browsers(endpoint, event, response)
    origin = header(event.get("headers"), "Origin")
    response["headers"] = headers_for(request_id) | cors_headers(origin) | response["headers"]
    return {**response, "body": ""} if _is_head(event) else response


def _is_head(event: GatewayEvent) -> bool:
    return event.get("httpMethod") == "HEAD"


def _for_browsers(endpoint: Endpoint, event: GatewayEvent, response: Response) -> Response:
    """The response as it is, or for a browser the page that takes the place of an error."""
    headers = event.get("headers")
    is_problem = response["headers"].get("Content-Type") == problems.CONTENT_TYPE
    if endpoint.error_page is None or not is_problem or HTML not in (header(headers, "Accept") or ""):
        return response
    problem = problems.Problem.model_validate_json(response["body"])
    failed = FailedRequest(
        problem.code,
        problem.instance,
        header(headers, "Accept-Language") or "",
        event.get("pathParameters") or {},
        "../" * (endpoint.path.count("/") - 2) or "./",
    )
    return page_response(endpoint.error_page(failed), problem.status)


def _response(endpoint: Endpoint, operation: str, event: GatewayEvent) -> Response:
    now = clock.now()
    # Credentials expire by the real time, not by the tenant's test clock.
    caller = _caller(endpoint, event, now)
    if endpoint.scope is not None:
        now = now_for(caller.tenant_id)
    arguments: dict[str, Any] = _path(endpoint, event)
    headers = event.get("headers")
    if endpoint.query is not None:
        arguments["query"] = _query(endpoint.query, event)
    elif _query_of(event):
        raise Invalid("This operation has no query parameters.", pointer=f"?{next(iter(_query_of(event)))}")
    raw = raw_body(event)
    text = raw.decode("utf-8", "replace")
    if endpoint.body is not None:
        body = arguments["body"] = _body(
            endpoint.body, raw if endpoint.body_required or raw.strip() else b"{}", header(headers, "Content-Type")
        )
        text = body.as_text if isinstance(body, Form) else text
    elif raw.strip() not in (b"", b"{}"):
        raise Invalid("This operation has no body.", pointer="")
    asked = [event.get("pathParameters"), _query_of(event), header(headers, "If-Match"), text]
    path = event["requestContext"]["path"]
    renderer = Renderer(endpoint, path, now, caller.cached_today, internals=caller.role is not Role.CUSTOMER)
    if_match = _if_match(endpoint, headers, [caller.tenant_id, *_versioned(event)])
    store = Store(
        Session(caller, now, if_match, endpoint.shows),
        _idempotency(endpoint, operation, caller, headers, asked),
        renderer.stored,
    )
    identity = event["requestContext"].get("identity", {})
    request = Request(
        operation,
        store,
        identity.get("sourceIp"),
        media_type=preferred(header(headers, "Accept"), endpoint.media_types),
        user_agent=header(headers, "User-Agent"),
        origin=header(headers, "Origin"),
        accepted_languages=header(headers, "Accept-Language") or "",
        is_head=_is_head(event),
    )
    return _handled(endpoint, request, renderer, arguments)


def _handled(endpoint: Endpoint, request: Request, renderer: Renderer, arguments: dict[str, Any]) -> Response:
    """The response of the handler, or the stored response if this is a repeated request.

    After a lost race the handler runs again on the newest state. If-Match is compared again with the version that it
    reads.
    """

    def attempt(store: Store, **changed: Any) -> Any:
        given = {"request": request._replace(store=store)} if "request" in endpoint.handle.__annotations__ else {}
        return endpoint.handle(**arguments | changed, **given)

    if endpoint.paginates and request.media_type == FILES[Csv]:
        return _exported(endpoint, request, renderer, arguments, attempt)

    try:
        shown = retry_on_conflict(request.store, attempt)
    except Repeated:
        return _again(request.store.stored_response())
    except DomainError as error:
        if status_of(error) in _CAUSED_BY_EARLIER_ATTEMPT and (stored := request.store.stored_response()):
            return _again(stored)
        raise
    if isinstance(shown, Pdf | Xml):
        return file_response(shown)
    if isinstance(shown, WebPage):
        return page_response(shown, endpoint.status)
    response = renderer.shown(shown)
    return {"statusCode": response.status, "headers": response.headers, "body": response.body}


def _exported(
    endpoint: Endpoint,
    request: Request,
    renderer: Renderer,
    arguments: Mapping[str, Any],
    attempt: Callable[..., Any],
) -> Response:
    """All entries of a list as a CSV file. `Link` leads to the rest of one that was too long for a response."""
    # Loaded here, because most requests want a page.
    from invoicing.http.lists.export import exported

    query = arguments.get("query")

    def page_at(asked: Any) -> Page[BaseModel]:
        changed = {} if asked is None else {"query": asked}
        # A store of its own, so that the entries of earlier pages are not kept.
        store = Store(request.store.session.fresh(math.inf))
        return renderer.page(retry_on_conflict(store, lambda fresh: attempt(fresh, **changed)))

    export = exported(endpoint.entry, query, page_at)
    name = f"{request.operation.removeprefix('list_').replace('_', '-')}.csv"
    shown = sent_or_stored(Csv(export.content, name), request.caller.tenant_id, request.new_id("file"))
    if isinstance(shown, Csv):
        response = file_response(shown)
    else:
        response = {"statusCode": 303, "headers": {"Location": shown.location}, "body": ""}
    if export.next_cursor is not None and query is not None:
        rest = query.model_copy(update={"cursor": export.next_cursor})
        given = rest.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        words = {name: str(value).lower() if isinstance(value, bool) else value for name, value in given.items()}
        response["headers"]["Link"] = f'<{renderer.path}?{urlencode(words)}>; rel="next"'
    return response


def _again(stored: StoredResponse | None) -> Response:
    if stored is None:
        raise errors.IdempotencyInProgress
    return {
        "statusCode": stored.status,
        "headers": stored.headers | {"Idempotency-Replayed": "true"},
        "body": stored.body,
    }


def _caller(endpoint: Endpoint, event: GatewayEvent, now: datetime) -> Caller:
    """The caller that the authorizer identified.

    Checks the scope, because the policy of the authorizer covers all routes.
    """
    if endpoint.scope is None:
        return Caller.system("-")
    caller = _caller_of(event["requestContext"]["authorizer"]["caller"])
    # The gateway caches the policy of the authorizer longer than some credentials are valid.
    caller.require_live(now)
    if endpoint.scope not in caller.scopes:
        raise InsufficientPermissions(f"The credentials lack the scope {endpoint.scope}.")
    if caller.role is Role.CUSTOMER and not endpoint.portal:
        raise InsufficientPermissions("Portal users cannot use this operation.")
    return caller


@lru_cache(maxsize=64)
def _caller_of(caller: str) -> Caller:
    """The caller. Cached, because the gateway passes on the same context for about five minutes."""
    return read(Caller, caller)


def _path(endpoint: Endpoint, event: GatewayEvent) -> dict[str, Any]:
    """The variables of the path. Malformed ids get the same error as unknown ids."""
    given: Mapping[str, str] = event.get("pathParameters") or {}
    for name, type_ in endpoint.path_parameters.items():
        try:
            _adapter(type_).validate_python(given[name])
        except ValidationError:
            raise _missing(endpoint, name) from None
    return {name: given[name] for name in endpoint.path_parameters}


@cache
def _adapter(type_: Any) -> TypeAdapter[Any]:
    return TypeAdapter(type_)


def _missing(endpoint: Endpoint, name: str) -> DomainError:
    """The declared error for an unknown id of that resource."""
    code = f"{name.removesuffix('_id').upper()}_NOT_FOUND"
    declared = [error for error in endpoint.raises if issubclass(error, NotFound)]
    return next((error for error in declared if error.code == code), declared[-1])()


def _query_of(event: GatewayEvent) -> Mapping[str, list[str]]:
    return event.get("multiValueQueryStringParameters") or {}


def _query(model: type[BaseModel], event: GatewayEvent) -> BaseModel:
    given = _query_of(event)
    for name, values in given.items():
        if len(values) > 1:
            raise Invalid("A query parameter can occur only once.", pointer=f"?{name}")
    try:
        return model.model_validate_strings({name: values[0] for name, values in given.items()}, context=ENTERED)
    except ValidationError as error:
        wrong = (
            replace(one, pointer=f"?{one.pointer.lstrip('/')}", code=Invalid.code) for one in refusal(error).errors
        )
        raise Invalid(errors=tuple(wrong)) from None


def _body(model: type[BaseModel], raw: bytes, content_type: str | None) -> BaseModel:
    if issubclass(model, Form):
        return parse_form(model, raw, content_type)
    if issubclass(model, PageForm):
        return parse_page_form(model, raw, content_type)
    if not issubclass(model, Patch):
        return parse(model, raw)
    changes = require_json(raw)
    if not isinstance(changes, dict):
        raise Invalid("A merge patch must be a JSON object.", pointer="")
    return model.model_construct(changes)


def _idempotency(
    endpoint: Endpoint, operation: str, caller: Caller, headers: Mapping[str, str] | None, asked: list[Any]
) -> Idempotency | None:
    key = header(headers, "Idempotency-Key")
    if endpoint.method == "GET" or key is None:
        return None
    if not 1 <= len(key) <= _LONGEST_KEY:
        raise Invalid(f"An Idempotency-Key must have 1 to {_LONGEST_KEY} characters.", pointer="Idempotency-Key")
    who = (caller.tenant_id, caller.user.id if caller.user else "")
    return stored_responses.identity(key, caller=who, operation=operation, asked=asked)


def _versioned(event: GatewayEvent) -> list[str]:
    """The ids in the path of resources with their own versions."""
    return [id_ for name, id_ in (event.get("pathParameters") or {}).items() if name not in _PARTS]


def _if_match(endpoint: Endpoint, headers: Mapping[str, str] | None, named: Sequence[str]) -> IfMatch | None:
    """The version in If-Match: of the last resource in the path, else of the tenant itself."""
    given = header(headers, "If-Match")
    if given is None or given.strip() == "*":
        return None
    found = _ETAG.fullmatch(given.strip())
    if found is None:
        raise Invalid("If-Match requires a single ETag of this API.", pointer="If-Match")
    return IfMatch(named[-1], int(found.group(1))) if endpoint.has_version else None
