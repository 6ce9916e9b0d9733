"""The people and keys of a tenant."""

import hashlib
from datetime import datetime
from typing import Literal

from invoicing.domain.identity import SCOPES, Author, Caller, Role
from invoicing.domain.model import Aggregate, Instant, ShortText


class User(Aggregate):
    """Somebody who works with the tenant's invoices, or a customer in the portal."""

    object: Literal["user"] = "user"

    tenant_id: str
    email: ShortText
    first_name: ShortText
    last_name: ShortText
    role: Role
    customer_id: str | None = None
    avatar_url: str | None = None
    deactivated: bool = False

    @property
    def author(self) -> Author:
        """The user as the timeline shows who did something."""
        address = hashlib.sha256(self.email.strip().lower().encode()).hexdigest()
        return Author(
            id=self.id,
            first_name=self.first_name,
            last_name=self.last_name,
            full_name=f"{self.first_name} {self.last_name}",
            initials=f"{self.first_name[0]}{self.last_name[0]}".upper(),
            email=self.email,
            avatar_url=self.avatar_url,
            gravatar_url=f"https://gravatar.com/avatar/{address}",
            deactivated=self.deactivated,
        )

    def caller(
        self, time_zone: str, scopes: frozenset[str], expires_at: datetime | None, *, by_token: bool = False
    ) -> Caller:
        """The user at work, with credentials that allow this much and end then."""
        return Caller(
            tenant_id=self.tenant_id,
            time_zone=time_zone,
            role=self.role,
            scopes=scopes,
            user=self.author,
            customer_id=self.customer_id,
            expires_at=expires_at,
            by_token=by_token,
        )


class ApiKey(Aggregate):
    """A credential of a user for programs. Only its SHA-256 is kept; it never may more than its user."""

    object: Literal["api_key"] = "api_key"

    tenant_id: str
    user_id: str
    name: ShortText
    prefix: str
    sha256: str
    scopes: frozenset[str] = frozenset()
    expires_at: Instant | None = None
    revoked_at: Instant | None = None

    def live(self, at: datetime) -> bool:
        """Whether the key still opens anything."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)

    def scopes_of(self, user: User) -> frozenset[str]:
        """What the key may do: its own scopes (none named: all of the role), within the role."""
        allowed = SCOPES[user.role]
        return allowed & self.scopes if self.scopes else allowed


def digest(secret: str) -> str:
    """How a secret is kept: SHA-256, hex. Enough for 256 random bits, which cannot be guessed or listed."""
    return hashlib.sha256(secret.encode()).hexdigest()
