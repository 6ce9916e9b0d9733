"""Who is asking, and what that allows."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal, Self, get_args

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
    "dunning:read",
    "dunning:write",
    "user:read",
    "user:write",
    "api_key:read",
    "api_key:write",
    "tenant:read",
    "tenant:write",
]
ALL_SCOPES: frozenset[str] = frozenset(get_args(Scope))
_ADMINISTRATION = ("user:", "api_key:", "tenant:")
ERASED = "—"
"""The name of a person whose data was erased (Art. 17 GDPR)."""


class Role(StrEnum):
    """What a user is to the tenant."""

    ADMIN = "admin"
    BOOKKEEPER = "bookkeeper"
    AUDITOR = "auditor"
    MEMBER = "member"
    CUSTOMER = "customer"


SCOPES: dict[Role, frozenset[str]] = {
    Role.ADMIN: ALL_SCOPES,
    Role.BOOKKEEPER: frozenset(scope for scope in ALL_SCOPES if not scope.startswith(_ADMINISTRATION)),
    Role.AUDITOR: frozenset(scope for scope in ALL_SCOPES if scope.endswith(":read")),
    Role.MEMBER: frozenset({"invoice:read", "invoice:write", "customer:read"}),
    Role.CUSTOMER: frozenset({"invoice:read", "dunning:read"}),
}
"""What a role may do at most; an API key may do less, never more."""


class Author(Value):
    """A user as the timeline shows who did something."""

    id: str
    first_name: str
    last_name: str
    full_name: str
    initials: str
    email: Annotated[str | None, Internal]
    avatar_url: str | None = None
    gravatar_url: Annotated[str | None, Internal]
    deactivated: bool = False


class Reference(Value):
    """Who created or changed a thing."""

    id: str
    name: str


class Caller(Value):
    """Whoever a request or an event acts for. `user` is None for what the system does by itself."""

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
        """The service itself, at work for a tenant."""
        return cls(tenant_id=tenant_id, time_zone=time_zone, scopes=ALL_SCOPES)

    @property
    def reference(self) -> Reference | None:
        """The caller as things remember who made them."""
        return Reference(id=self.user.id, name=self.user.full_name) if self.user else None

    def require_live(self, at: datetime) -> None:
        """Refuse credentials that have expired since they were looked at."""
        if self.expires_at is not None and at >= self.expires_at:
            raise InvalidToken if self.by_token else Unauthenticated

    @property
    def user_id(self) -> str:
        """The user that the caller is; the service itself is none and never asks."""
        if self.user is None:
            raise AssertionError("the service itself is no user")
        return self.user.id

    @property
    def limited(self) -> bool:
        """Whether the caller may see only some of the tenant's documents."""
        return self.role in (Role.MEMBER, Role.CUSTOMER)

    def cached_today(self, now: datetime) -> date:
        """The tenant's calendar date, for answers only. A decision takes the date from the tenant's stored settings.

        API Gateway caches the time zone with the credentials for 5 minutes, and `system` has UTC unless it is given
        another one.
        """
        return local_date(now, self.time_zone)

    def may_see(
        self, *, created_by: Reference | None, owner_id: str | None, customer_id: str | None, draft: bool
    ) -> bool:
        """The object rule: members see what they created or whose customer they own, a customer its own issued ones."""
        match self.role:
            case Role.MEMBER:
                return self.user is not None and self.user.id in (owner_id, created_by and created_by.id)
            case Role.CUSTOMER:
                return not draft and customer_id is not None and customer_id == self.customer_id
            case _:
                return True
