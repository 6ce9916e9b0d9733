"""What clients say about users and API keys."""

from invoicing.adapters.dynamodb.listing import Filter, same
from invoicing.domain.identity import Role
from invoicing.domain.ids import CustomerId, UserId
from invoicing.domain.model import ShortText
from invoicing.domain.pages import ListQuery
from invoicing.domain.user import ApiKeyData


class UserQuery(ListQuery):
    """Which users to list."""

    role: Role | None = None
    email: ShortText | None = None
    customer_id: CustomerId | None = None

    def conditions(self) -> list[Filter]:
        """What the entries must be."""
        return [*same(role=self.role, email=self.email, customer_id=self.customer_id)]


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

    def conditions(self) -> list[Filter]:
        """What the entries must be."""
        return [*same(user_id=self.user_id)]
