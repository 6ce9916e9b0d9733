"""Refusals about users and API keys."""

from invoicing.core.errors import Category, DomainError, NotFound, RuleBroken


class UserNotFound(NotFound):
    """The user does not exist."""

    code = "USER_NOT_FOUND"


class KeyNotFound(NotFound):
    """The API key does not exist."""

    code = "KEY_NOT_FOUND"


class DuplicateEmail(DomainError):
    """The e-mail address belongs to another user."""

    code = "DUPLICATE_EMAIL"
    category = Category.CONFLICT


class OwnRights(RuleBroken):
    """Users cannot remove their own permissions."""

    code = "OWN_RIGHTS"


class CustomerMismatch(RuleBroken):
    """A portal user requires a customer; other roles cannot have one."""

    code = "CUSTOMER_MISMATCH"


class ScopeExceedsRole(RuleBroken):
    """The scopes exceed the role of the key's user."""

    code = "SCOPE_EXCEEDS_ROLE"
