"""Every endpoint × every kind of credential × every kind of id: A03, C13, C14, C15.

New endpoints are tested automatically; `tests/world.py` creates the resources in their paths.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from infra.discovery import endpoints
from invoicing.core.identity import ALL_SCOPES, SCOPES, Role
from invoicing.core.ids import PERIOD, new_id
from invoicing.http.declaration import Endpoint
from tests import builders
from tests.builders import NOON
from tests.contract.conftest import Companies
from tests.gateway import Client, Response
from tests.world import asked, fitting, send, signed_in, with_key

ENDPOINTS = [pytest.param(declared, id=found.name) for found, declared in endpoints()]
SCOPED = [pytest.param(declared, id=found.name) for found, declared in endpoints() if declared.scope]
WITH_IDS = [pytest.param(one, id=found.name) for found, one in endpoints() if one.path_parameters]


def may(role: Role, endpoint: Endpoint) -> bool:
    """Whether a role may use an endpoint. The endpoint declares whether portal users may."""
    return endpoint.scope in SCOPES[role] and (endpoint.portal or role is not Role.CUSTOMER)


def of_documents(role: Role) -> list[Any]:
    """The endpoints about one document that a role may use."""
    return [
        pytest.param(one, id=found.name)
        for found, one in endpoints()
        if "invoice_id" in one.path_parameters and one.scope and may(role, one)
    ]


def nowhere(endpoint: Endpoint) -> dict[str, str]:
    """Unknown ids, for callers who are refused anyway."""
    return dict.fromkeys(endpoint.path_parameters, "x")


def same_but_for_the_request(one: Response, other: Response) -> bool:
    """Whether two responses cannot be distinguished."""
    return _without_id(one) == _without_id(other)


def _without_id(answer: Response) -> tuple[int, Mapping[str, str], str]:
    id_ = answer.headers["X-Request-Id"]
    headers = {name: value for name, value in answer.headers.items() if name != "X-Request-Id"}
    return answer.status, headers, answer.text.replace(id_, "-")


def missing(own: str) -> str:
    """An unknown id of the same form."""
    prefix, found, rest = own.partition("_")
    if found and len(rest) == 26:
        return new_id(prefix, NOON)
    if re.fullmatch(PERIOD, own):
        return f"{own[:-10]}1999-01-01"
    return secrets.token_urlsafe(32) if len(own) == 43 else "never-was"


def malformed(own: str) -> Iterator[str]:
    """A malformed id."""
    yield from ("x", own[:-1], f"{own}0", own.swapcase(), f"%00{own}", "x" * 300, "ten_01JD8X2V6PZ3QK7M5T9WRC4HBN")


@pytest.mark.parametrize("endpoint", SCOPED)
def test_every_request_is_authenticated_first(endpoint: Endpoint, companies: Companies) -> None:
    own = companies.ours.client.key or ""
    user = builders.user()
    nobody = {
        "no key": Client(None),
        "malformed": Client("x"),
        "nearly one": Client(own[:-1] + ("A" if own[-1] != "A" else "B")),
        "revoked": with_key(companies.tenant, user, revoked_at=NOON - timedelta(seconds=1)),
        "expired": with_key(companies.tenant, user, expires_at=NOON),
        "of a user who left": with_key(companies.tenant, builders.user(deactivated=True)),
    }
    answers = {who: send(endpoint, client, nowhere(endpoint), None) for who, client in nobody.items()}
    expected = dict.fromkeys(nobody, (401, "INVALID_API_KEY")) | {"no key": (401, "MISSING_CREDENTIALS")}
    assert {who: (answer.status, answer.code) for who, answer in answers.items()} == expected


@pytest.mark.parametrize("endpoint", SCOPED)
def test_a_role_has_its_scopes_and_a_key_only_its_own(endpoint: Endpoint, companies: Companies) -> None:
    clients = {role: signed_in(companies.tenant, role) for role in Role}
    answers = {role: send(endpoint, client, nowhere(endpoint), None) for role, client in clients.items()}
    refused = {role for role, answer in answers.items() if answer.status == 403}
    assert refused == {role for role in Role if not may(role, endpoint)}
    narrow = with_key(companies.tenant, builders.user(), scopes=ALL_SCOPES - {endpoint.scope})
    answers_of_403 = [*(answers[role] for role in refused), send(endpoint, narrow, nowhere(endpoint), None)]
    assert {answer.code for answer in answers_of_403} == {"INSUFFICIENT_PERMISSIONS"}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_callers_find_their_own_resources(endpoint: Endpoint, companies: Companies) -> None:
    world = fitting(companies.ours, endpoint).renewed()
    answer = asked(endpoint, world.client, world)
    assert answer.status < 400 or answer.status in (409, 422), answer.text


@pytest.mark.parametrize("endpoint", WITH_IDS)
def test_an_id_of_another_tenant_is_not_found(endpoint: Endpoint, companies: Companies) -> None:
    world, other = fitting(companies.ours, endpoint), fitting(companies.theirs, endpoint)
    for name in endpoint.path_parameters:
        if endpoint.upserts and name == list(endpoint.path_parameters)[-1]:
            continue  # It creates the missing resource, for the caller's own tenant.
        never = asked(endpoint, world.client, world, **{name: missing(world[name])})
        assert (never.status, never.code.endswith("_NOT_FOUND")) == (404, True), name
        if endpoint.scope and other[name] != world[name]:
            foreign = asked(endpoint, world.client, world, **{name: other[name]})
            assert same_but_for_the_request(foreign, never), name
        for wrong in malformed(world[name]):
            refused = asked(endpoint, world.client, world, **{name: wrong})
            # Below an unknown document, the resource itself is not found. A malformed id is refused before.
            last = name == list(endpoint.path_parameters)[-1]
            assert same_but_for_the_request(refused, never) if last else refused.status == 404, wrong
    if endpoint.scope and other.ids(endpoint) != world.ids(endpoint):
        nothing = {name: missing(world[name]) for name in endpoint.path_parameters}
        answers = [send(endpoint, world.client, ids, world.body(endpoint)) for ids in (other.ids(endpoint), nothing)]
        assert same_but_for_the_request(*answers)


@pytest.mark.parametrize("endpoint", of_documents(Role.MEMBER))
def test_members_reach_only_documents_they_created_or_own(endpoint: Endpoint, companies: Companies) -> None:
    world, member = fitting(companies.ours, endpoint), signed_in(companies.tenant, Role.MEMBER)
    denied = asked(endpoint, member, world)
    assert (denied.status, denied.code) == (403, "ACCESS_DENIED")
    foreign, never = (
        asked(endpoint, member, world, invoice_id=id_)
        for id_ in (companies.theirs["invoice_id"], missing(world["invoice_id"]))
    )
    assert same_but_for_the_request(foreign, never)


@pytest.mark.parametrize("endpoint", of_documents(Role.CUSTOMER))
def test_portal_users_reach_issued_documents_of_their_customer(endpoint: Endpoint, companies: Companies) -> None:
    issued, draft = companies.ours.renewed(drafts=False), companies.ours.renewed(drafts=True)
    another = companies.ours
    ids = issued.ids(endpoint)
    drafts = {**ids, "invoice_id": draft["invoice_id"]}
    for world, named, reached in ((issued, ids, True), (draft, drafts, False), (another, ids, False)):
        portal = signed_in(companies.tenant, Role.CUSTOMER, customer_id=world["customer_id"])
        answer = send(endpoint, portal, named, issued.body(endpoint))
        assert (answer.status == 403 and answer.code == "ACCESS_DENIED") != reached
