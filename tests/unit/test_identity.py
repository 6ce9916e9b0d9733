"""Roles and scopes: C13, C15."""

from datetime import timedelta

import pytest

from invoicing.core.errors import Unauthenticated
from invoicing.core.identity import ALL_SCOPES, SCOPES, Author, Caller, Reference, Role
from tests import builders


def caller(role: Role, **fields: object) -> Caller:
    given = {"tenant_id": "ten_1", "time_zone": "UTC", "role": role, "user": builders.user(role).author}
    return Caller.model_validate({**given, **fields}, strict=False)


def sees(one: Caller, *, creator: Author | None = None, owner: str | None = None, customer: str | None = None) -> bool:
    made = Reference(id=creator.id, name="x") if creator else None
    return one.may_see(created_by=made, owner_id=owner, customer_id=customer, draft=False)


@pytest.mark.parametrize(("by_token", "code"), [(False, "INVALID_API_KEY"), (True, "INVALID_TOKEN")])
def test_expired_credentials_are_refused_despite_caches(by_token: bool, code: str) -> None:
    one = caller(Role.ADMIN, expires_at=builders.NOON, by_token=by_token)
    one.require_live(builders.NOON - timedelta(milliseconds=1))
    with pytest.raises(Unauthenticated) as refused:
        one.require_live(builders.NOON)
    assert refused.value.code == code


def test_roles_have_the_scopes_of_the_contract() -> None:
    assert SCOPES[Role.ADMIN] == ALL_SCOPES
    assert not [scope for scope in SCOPES[Role.BOOKKEEPER] if scope.startswith(("user:", "api_key:", "tenant:"))]
    assert all(scope.endswith(":read") for scope in SCOPES[Role.AUDITOR])
    assert SCOPES[Role.MEMBER] == {
        "invoice:read",
        "invoice:write",
        "customer:read",
        "catalogue:read",
        "subscription:read",
    }


def test_a_member_sees_own_and_owned_documents() -> None:
    member = caller(Role.MEMBER)
    assert member.user
    assert sees(member, creator=member.user)
    assert sees(member, owner=member.user.id)
    assert not sees(member)
    assert not sees(member, creator=builders.user().author, owner="usr_other")


def test_a_customer_sees_its_own_issued_documents() -> None:
    portal = caller(Role.CUSTOMER, customer_id="cus_1")
    assert sees(portal, customer="cus_1")
    assert not sees(portal, customer="cus_2")
    assert not sees(portal)
    assert not portal.may_see(created_by=None, owner_id=None, customer_id="cus_1", draft=True)


def test_the_others_see_all() -> None:
    assert all(sees(caller(role)) for role in (Role.ADMIN, Role.BOOKKEEPER, Role.AUDITOR))
