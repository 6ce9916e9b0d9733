"""The people and keys of a tenant."""

import hashlib
import secrets
import string
import zlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from pydantic import Field, PlainSerializer

from invoicing.core.email_address import Email
from invoicing.core.errors import DateNotAllowed, InsufficientPermissions, Unauthenticated
from invoicing.core.identity import ERASED, SCOPES, Author, Caller, Moment, Reference, Role, Scope
from invoicing.core.ids import CustomerId, UserId
from invoicing.core.model import Aggregate, Instant, Secret, ShortText, Value, copied
from invoicing.customers.errors import CustomerIsErased
from invoicing.users.errors import CustomerMismatch, OwnRights, ScopeExceedsRole

if TYPE_CHECKING:
    from invoicing.tenants.model import Tenant


_ALPHABET = string.digits + string.ascii_letters
_RANDOM_CHARACTERS = 43
LAST_USE_EVERY = timedelta(hours=1)
"""The precision of the time when a key was last used."""
InOrder: Final = PlainSerializer(
    sorted, return_type=Annotated[list[Scope], Field(json_schema_extra={"uniqueItems": True})], when_used="json"
)
"""Writes a set in the same order in every process."""
HttpsAddress = Annotated[
    str, Field(max_length=500, pattern=r'^https://[^\s\x00-\x1f"<>]+$', examples=["https://example.com/ada.png"])
]
"""URL that starts with `https://`, up to 500 characters."""


class UserData(Value):
    """The fields of a user that can be created and changed."""

    email: Email
    """E-mail address of the user, unique among the users of the tenant."""
    first_name: ShortText
    """First name of the user."""
    last_name: ShortText
    """Last name of the user."""
    role: Role
    """Role of the user, which limits the user's scopes."""
    customer_id: CustomerId | None = None
    """Identifier of the customer that a portal user belongs to. The role `customer` requires it; others do not allow
    it."""
    avatar_url: HttpsAddress | None = None
    """URL of the user's picture."""
    deactivated: bool = False
    """Whether the user can no longer sign in and the user's API keys are refused."""


class User(UserData, Aggregate):
    """A user of the tenant, or a customer in the portal."""

    object: Literal["user"] = "user"
    erased_at: Instant | None = None
    """When the user's personal data was erased; null otherwise."""
    created_by: Reference | None = None
    updated_by: Reference | None = None

    @classmethod
    def new(cls, id_: str, data: UserData, moment: Moment) -> Self:
        """A new user. Refuses a user with more scopes than its creator."""
        _require_grantable(data, moment.by)
        return cls(
            **dict(data),
            id=id_,
            **moment.created,
        )

    def changed(self, data: UserData, moment: Moment) -> Self:
        """The user with other data. The user's keys follow the role, and stop working when the user is deactivated."""
        if self.erased_at is not None:
            raise CustomerIsErased
        if data.role is not self.role or data.deactivated:
            self._require_other(moment.by)
        _require_grantable(data, moment.by)
        return self.model_copy(update={**dict(data), **moment.updated})

    def erased(self, at: datetime) -> Self:
        """A portal user after the erasure of its customer: deactivated and without a name.

        The address is free for others.
        """
        nobody = {"first_name": ERASED, "last_name": ERASED, "avatar_url": None, "deactivated": True}
        address = f"{self.id.lower()}@erased.invalid"
        return self.model_copy(
            update=nobody | {"email": address, "erased_at": at, "updated_at": at, "updated_by": None}
        )

    @property
    def forgets(self) -> bool:
        """Whether the personal data was erased."""
        return self.erased_at is not None

    @property
    def about_customer(self) -> str | None:
        """The customer that a portal user belongs to."""
        return self.customer_id

    def require_removable(self, by: Caller) -> None:
        """Refuse users who remove their own rights, so that one admin always remains."""
        self._require_other(by)

    def _require_other(self, by: Caller) -> None:
        if by.user is not None and by.user.id == self.id:
            raise OwnRights

    @property
    def data(self) -> UserData:
        """The fields that can be changed."""
        return copied(UserData, self)

    @property
    def author(self) -> Author:
        """The user as the timeline shows it."""
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
        self, tenant: "Tenant", scopes: frozenset[str], expires_at: datetime | None, *, by_token: bool = False
    ) -> Caller:
        """The user as a caller, with the scopes and expiry of its credentials. A role of newer code has no scopes."""
        if self.role not in SCOPES:
            raise Unauthenticated
        return Caller(
            tenant_id=tenant.id,
            time_zone=tenant.time_zone,
            role=self.role,
            scopes=scopes,
            user=self.author,
            customer_id=self.customer_id,
            expires_at=expires_at,
            by_token=by_token,
        )


class ApiKeyData(Value):
    """The fields of an API key that can be changed."""

    name: ShortText
    """Name of the key, such as the program that uses it."""
    scopes: Annotated[frozenset[Scope], InOrder] = frozenset()
    """Scopes of the key; empty for all scopes of the user's role. A key never has more scopes than its user."""
    expires_at: Instant | None = None
    """When the key expires; null for keys that do not expire."""


class ApiKey(ApiKeyData, Aggregate):
    """An API key of a user. Only its SHA-256 hash is stored."""

    object: Literal["api_key"] = "api_key"
    user_id: UserId
    """Identifier of the user that the key belongs to."""
    prefix: str
    """First characters of the secret, which identify the key without revealing it."""
    last_used_at: Instant | None = None
    """When the key was last used, to within one hour; null if it never was."""
    revoked_at: Instant | None = None
    """When the key was revoked; null if it was not."""
    created_by: Reference | None = None
    updated_by: Reference | None = None

    def live(self, at: datetime) -> bool:
        """Whether the key is valid."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)

    def use_needs_recording(self, at: datetime) -> bool:
        """Whether the use of the key now has to be written."""
        return self.last_used_at is None or at - self.last_used_at >= LAST_USE_EVERY

    def scopes_of(self, user: User) -> frozenset[str]:
        """The scopes of the key within its role; without own scopes all of the role."""
        allowed = SCOPES.get(user.role, frozenset())
        return allowed & self.scopes if self.scopes else allowed

    def changed(self, data: ApiKeyData, owner: User, moment: Moment) -> Self:
        """The key with another name, other scopes or another expiry."""
        _require_within(data, owner, moment)
        return self.model_copy(update={**dict(data), **moment.updated})

    def revoked(self, moment: Moment) -> Self:
        """The revoked key."""
        return self.model_copy(update={"revoked_at": moment.at, **moment.updated})

    def erased(self, at: datetime) -> Self:
        """The key of a portal user whose personal data was erased."""
        return self.model_copy(
            update={"name": ERASED, "revoked_at": self.revoked_at or at, "updated_at": at, "updated_by": None}
        )

    @property
    def data(self) -> ApiKeyData:
        """The fields that can be changed."""
        return copied(ApiKeyData, self)


class NewApiKey(ApiKey):
    """A new API key, with its secret."""

    secret: Annotated[str, Secret]
    """Secret to send as the credential. It is returned once; null when the same response is replayed."""

    @classmethod
    def new(cls, id_: str, data: ApiKeyData, secret: str, *, owner: User, moment: Moment) -> Self:
        """A key for a user, within the scopes of that user and of its creator."""
        _require_within(data, owner, moment)
        return cls(
            **dict(data),
            id=id_,
            user_id=owner.id,
            secret=secret,
            prefix=secret[: -_RANDOM_CHARACTERS - 2],
            **moment.created,
        )


def new_secret(stage: str) -> str:
    """A secret for a key, `ik_<stage>_…`: 256 random bits, then a CRC-32 by which scanners recognize it."""
    body = f"ik_{stage}_" + "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_CHARACTERS))
    check, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        check, digit = divmod(check, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return body + digits


def digest(secret: str) -> str:
    """The stored form of a secret: SHA-256, hex. That suffices for 256 random bits, which cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _require_grantable(data: UserData, by: Caller) -> None:
    if not SCOPES[data.role] <= by.scopes:
        raise InsufficientPermissions(f"These credentials cannot create a user of the role {data.role}.")
    if (data.role is Role.CUSTOMER) != (data.customer_id is not None):
        raise CustomerMismatch(pointer="/customer_id")


def _require_within(data: ApiKeyData, owner: User, moment: Moment) -> None:
    if data.expires_at is not None and data.expires_at <= moment.at:
        raise DateNotAllowed("expires_at is in the past.", pointer="/expires_at")
    surplus = data.scopes - SCOPES[owner.role]
    if surplus:
        raise ScopeExceedsRole(
            f"The role {owner.role} does not include {', '.join(sorted(surplus))}.", pointer="/scopes"
        )
    if not (data.scopes or SCOPES[owner.role]) <= moment.by.scopes:
        raise InsufficientPermissions("These credentials cannot create a key with more scopes than their own.")
