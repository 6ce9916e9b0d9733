"""What clients say about users and API keys."""

from invoicing.core.identity import Role
from invoicing.core.ids import CustomerId, UserId
from invoicing.core.model import ShortText
from invoicing.core.page import ListQuery
from invoicing.users.model import ApiKeyData


class UserQuery(ListQuery):
    """Which users to list."""

    role: Role | None = None
    email: ShortText | None = None
    customer_id: CustomerId | None = None


class CreateApiKey(ApiKeyData):
    """A key to be made; for oneself where it names no user. No scopes: all that the user's role has."""

    user_id: UserId | None = None

    @property
    def data(self) -> ApiKeyData:
        """The key itself, without whose it is."""
        return ApiKeyData(**{name: getattr(self, name) for name in ApiKeyData.model_fields})


class ApiKeyQuery(ListQuery):
    """Which API keys to list."""

    user_id: UserId | None = None
