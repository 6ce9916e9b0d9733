"""Refusals about users and API keys."""

from invoicing.core.errors import Category, DomainError, NotFound, RuleBroken


class UserNotFound(NotFound):
    """The user does not exist.

    Check the identifier; list the users to find it.
    """

    code = "USER_NOT_FOUND"


class KeyNotFound(NotFound):
    """The API key does not exist.

    Check the identifier; list the API keys to find it.
    """

    code = "KEY_NOT_FOUND"


class DuplicateEmail(DomainError):
    """The e-mail address belongs to another user.

    Use another e-mail address, or update the user who has this one.
    """

    code = "DUPLICATE_EMAIL"
    category = Category.CONFLICT


class OwnRights(RuleBroken):
    """Users cannot remove their own permissions.

    Ask another admin to change or delete the user.
    """

    code = "OWN_RIGHTS"


class CustomerMismatch(RuleBroken):
    """A portal user requires a customer; other roles cannot have one.

    Set `customer_id` for the role `customer`, and omit it for every other role.
    """

    code = "CUSTOMER_MISMATCH"


class ScopeExceedsRole(RuleBroken):
    """The scopes exceed the role of the key's user.

    Remove the scopes that `detail` names, or change the role of the user.
    """

    code = "SCOPE_EXCEEDS_ROLE"
