"""Requests about users and API keys."""

from invoicing.core.identity import Role
from invoicing.core.ids import CustomerId, UserId
from invoicing.core.model import ShortText, copied
from invoicing.core.page import ListQuery
from invoicing.users.model import ApiKeyData


class UserQuery(ListQuery):
    """Filters for users; an entry matches all that are given."""

    role: Role | None = None
    """Users with this role."""
    email: ShortText | None = None
    """User with exactly this e-mail address."""
    customer_id: CustomerId | None = None


class CreateApiKey(ApiKeyData):
    """An API key to create."""

    user_id: UserId | None = None
    """Identifier of the user that the key belongs to; the caller by default."""

    @property
    def data(self) -> ApiKeyData:
        """The data of the key without its user."""
        return copied(ApiKeyData, self)


class ApiKeyQuery(ListQuery):
    """Filters for API keys."""

    user_id: UserId | None = None
    """API keys of this user."""
