"""Users with a token of the company's own sign-on: their identity from the claims."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from pydantic import ConfigDict, ValidationError

from invoicing.core.email_address import Email
from invoicing.core.errors import InvalidToken
from invoicing.core.identity import Role
from invoicing.core.ids import CROCKFORD, CustomerId, TenantId, UserId
from invoicing.core.model import ENTERED, Model, ShortText
from invoicing.users.model import User

SKEW = timedelta(seconds=60)
"""The most that the issuer's clock may differ from ours."""


class Bearer(Model):
    """The claims that this service reads, of a token with a valid signature. Other claims are ignored."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    tenant_id: TenantId
    role: Role
    user_id: UserId
    customer_id: CustomerId | None = None
    email: Email
    given_name: ShortText
    family_name: ShortText
    expires_at: datetime

    @classmethod
    def of(cls, claims: Mapping[str, Any], prefix: str) -> Self:
        """Tenant, role and customer are the company's own claims and have its prefix (`custom:` for Cognito)."""
        own = {name: claims.get(f"{prefix}{name}") for name in ("tenant_id", "role", "customer_id")}
        standard = {name: claims.get(name) for name in ("email", "given_name", "family_name")}
        known_as = claims.get(f"{prefix}user_id") or user_id_of(str(claims["iss"]), str(claims["sub"]))
        try:
            expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC) + SKEW
        except (ValueError, OverflowError, OSError):
            raise InvalidToken("The token's expiry is no moment of the calendar.") from None
        try:
            found = cls.model_validate(
                {**own, **standard, "user_id": known_as, "expires_at": expires_at}, context=ENTERED
            )
        except ValidationError as error:
            missing = ", ".join(".".join(map(str, one["loc"])) for one in error.errors(include_input=False))
            raise InvalidToken(f"These claims are missing or malformed: {missing}.") from None
        if found.role is Role.CUSTOMER and found.customer_id is None:
            raise InvalidToken("A token of the role customer requires the claim customer_id.")
        return found

    def user(self, stored: User | None, at: datetime) -> User:
        """The user of the token. If the user is stored here too, that data is used, except the role."""
        if stored is not None and stored.deactivated:
            raise InvalidToken("The user is deactivated.")
        if stored is not None:
            return stored.model_copy(update={"role": self.role, "customer_id": self.customer_id})
        return User(
            id=self.user_id,
            email=self.email,
            first_name=self.given_name,
            last_name=self.family_name,
            role=self.role,
            customer_id=self.customer_id,
            created_at=at,
            updated_at=at,
        )


def user_id_of(issuer: str, subject: str) -> str:
    """The id of a user that only the issuer stores: always the same for the same person."""
    number = int.from_bytes(hashlib.sha256(f"{issuer}\n{subject}".encode()).digest()[:16])
    return "usr_" + "".join(CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
