"""Events about users and API keys."""

from invoicing.core.event import Event
from invoicing.users.model import ApiKey, User


class UserCreated(Event):
    """A user was created."""

    subject = User
    name = "user.created"
    action_key = "CREATE"


class UserUpdated(Event):
    """A user was updated."""

    subject = User
    name = "user.updated"
    action_key = "EDIT"


class UserDeleted(Event):
    """A user was deleted."""

    subject = User
    name = "user.deleted"
    action_key = "EDIT"


class ApiKeyCreated(Event):
    """An API key was created."""

    subject = ApiKey
    name = "api_key.created"
    action_key = "CREATE"


class ApiKeyUpdated(Event):
    """An API key was updated."""

    subject = ApiKey
    name = "api_key.updated"
    action_key = "EDIT"


class ApiKeyRevoked(Event):
    """An API key was revoked."""

    subject = ApiKey
    name = "api_key.revoked"
    action_key = "EDIT"
