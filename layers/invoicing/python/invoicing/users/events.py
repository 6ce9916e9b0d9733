"""Events about users and API keys."""

from invoicing.core.event import Event


class UserCreated(Event):
    """A user was created."""

    name = "user.created"
    action_key = "CREATE"


class UserUpdated(Event):
    """A user was updated."""

    name = "user.updated"
    action_key = "EDIT"


class UserDeleted(Event):
    """A user was deleted."""

    name = "user.deleted"
    action_key = "EDIT"


class ApiKeyCreated(Event):
    """An API key was created."""

    name = "api_key.created"
    action_key = "CREATE"


class ApiKeyUpdated(Event):
    """An API key was updated."""

    name = "api_key.updated"
    action_key = "EDIT"


class ApiKeyRevoked(Event):
    """An API key was revoked."""

    name = "api_key.revoked"
    action_key = "EDIT"
