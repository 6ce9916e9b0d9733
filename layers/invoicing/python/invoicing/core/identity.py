"""Callers, the scopes and documents that they may access, and the moments of their changes."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, NamedTuple, Self, get_args

from invoicing.core.errors import InvalidToken, Unauthenticated
from invoicing.core.model import Instant, Internal, Value, local_date

Scope = Literal[
    "invoice:read",
    "invoice:write",
    "invoice:finalize",
    "payment:read",
    "payment:write",
    "customer:read",
    "customer:write",
    "order:read",
    "order:write",
    "catalogue:read",
    "catalogue:write",
    "dunning:read",
    "dunning:write",
    "billing_run:read",
    "billing_run:write",
    "subscription:read",
    "subscription:write",
    "report:read",
    "bank:read",
    "bank:write",
    "collection:read",
    "collection:write",
    "user:read",
    "user:write",
    "api_key:read",
    "api_key:write",
    "tenant:read",
    "tenant:write",
    "webhook:read",
    "webhook:write",
]
"""Permission that an API key can have, as `<resource>:<right>`."""
ALL_SCOPES: frozenset[str] = frozenset(get_args(Scope))
_ADMINISTRATION = ("user:", "api_key:", "tenant:", "webhook:")
ERASED = "—"
"""The name of a person whose data was erased (Art. 17 GDPR)."""


class Role(StrEnum):
    """Role of a user, which limits the scopes of the user's credentials."""

    ADMIN = "admin"
    BOOKKEEPER = "bookkeeper"
    AUDITOR = "auditor"
    MEMBER = "member"
    CUSTOMER = "customer"


SCOPES: dict[Role, frozenset[str]] = {
    Role.ADMIN: ALL_SCOPES,
    Role.BOOKKEEPER: frozenset(scope for scope in ALL_SCOPES if not scope.startswith(_ADMINISTRATION)),
    Role.AUDITOR: frozenset(scope for scope in ALL_SCOPES if scope.endswith(":read")),
    Role.MEMBER: frozenset({"invoice:read", "invoice:write", "customer:read", "catalogue:read", "subscription:read"}),
    Role.CUSTOMER: frozenset({"invoice:read", "dunning:read", "subscription:read"}),
}
"""The scopes of each role. An API key may have fewer, never more."""


class Author(Value):
    """A user as shown beside the timeline entries that they wrote."""

    id: str
    """Identifier of the user: `usr_` followed by a ULID."""
    first_name: str
    """First name of the user."""
    last_name: str
    """Last name of the user."""
    full_name: str
    """First and last name of the user."""
    initials: str
    """First letters of the user's first and last name, in capitals."""
    email: Annotated[str | None, Internal]
    """E-mail address of the user; null in responses to portal users."""
    avatar_url: str | None = None
    """URL of the user's picture; null where the user has none."""
    gravatar_url: Annotated[str | None, Internal]
    """URL of the picture that gravatar.com has for the user's e-mail address; null in responses to portal users."""
    deactivated: bool = False
    """Whether the user can no longer sign in."""


class Reference(Value):
    """The user who created or changed an object."""

    id: str
    """Identifier of the user: `usr_` followed by a ULID."""
    name: str
    """First and last name of the user at that time."""


class Caller(Value):
    """The caller of a request or an event. `user` is None if the system itself acts."""

    tenant_id: str
    time_zone: str
    role: Role = Role.ADMIN
    scopes: frozenset[str] = frozenset()
    user: Author | None = None
    customer_id: str | None = None
    expires_at: Instant | None = None
    by_token: bool = False

    @classmethod
    def system(cls, tenant_id: str, time_zone: str = "UTC") -> Self:
        """The service itself as a caller, for a tenant."""
        return cls(tenant_id=tenant_id, time_zone=time_zone, scopes=ALL_SCOPES)

    @property
    def reference(self) -> Reference | None:
        """The caller as the author of an object."""
        return Reference(id=self.user.id, name=self.user.full_name) if self.user else None

    def require_live(self, at: datetime) -> None:
        """Refuse credentials that have expired since they were checked."""
        if self.expires_at is not None and at >= self.expires_at:
            raise InvalidToken if self.by_token else Unauthenticated

    @property
    def user_id(self) -> str:
        """The user of the caller. The service itself has none and must not call this."""
        if self.user is None:
            raise AssertionError("the service itself is no user")
        return self.user.id

    @property
    def limited(self) -> bool:
        """Whether the caller may see only some of the tenant's documents."""
        return self.role in (Role.MEMBER, Role.CUSTOMER)

    def cached_today(self, now: datetime) -> date:
        """The tenant's calendar date, for responses only. A decision takes the date from the tenant's stored settings.

        API Gateway caches the time zone with the credentials for 5 minutes, and `system` has UTC unless it is given
        another one.
        """
        return local_date(now, self.time_zone)

    def may_see(
        self, *, created_by: Reference | None, owner_id: str | None, customer_id: str | None, draft: bool
    ) -> bool:
        """Whether the caller may see a document.

        Members see those they created and those of owned customers, portal users the issued ones of their customer.
        """
        match self.role:
            case Role.MEMBER:
                return self.user is not None and self.user.id in (owner_id, created_by and created_by.id)
            case Role.CUSTOMER:
                return not draft and customer_id is not None and customer_id == self.customer_id
            case _:
                return True


class Moment(NamedTuple):
    """Who makes a change, and when."""

    by: Caller
    at: datetime
    time_zone: str | None = None
    """The time zone in the tenant's settings, if they were read."""

    @property
    def today(self) -> date:
        """The tenant's calendar date. A decision that depends on it reads the tenant first (`tenants.table`)."""
        if self.time_zone is None:
            raise AssertionError("the tenant must be read before its date decides")
        return local_date(self.at, self.time_zone)

    @property
    def created(self) -> dict[str, Any]:
        """The fields of a new resource about its creation and last change."""
        return {"created_at": self.at, "created_by": self.by.reference, **self.updated}

    @property
    def updated(self) -> dict[str, Any]:
        """The fields of a changed resource about its last change."""
        return {"updated_at": self.at, "updated_by": self.by.reference}
