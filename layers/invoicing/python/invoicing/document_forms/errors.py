"""Refusals about document forms."""

from invoicing.core.errors import Category, DomainError, NotFound


class FormNotFound(NotFound):
    """The document form does not exist.

    Check the identifier; list the document forms to find it.
    """

    code = "FORM_NOT_FOUND"


class FormInUse(DomainError):
    """The document form is the tenant's default and cannot be deleted.

    Set the tenant's `form_id` to another form, or to null.
    """

    code = "FORM_IN_USE"
    category = Category.CONFLICT


class FormNameTaken(DomainError):
    """A document form with this name already exists.

    Update the existing form, or use another name.
    """

    code = "FORM_NAME_TAKEN"
    category = Category.CONFLICT
