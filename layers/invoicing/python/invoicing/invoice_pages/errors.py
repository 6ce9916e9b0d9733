"""Refusals about invoice pages."""

from invoicing.core.errors import Category, DomainError, RuleBroken


class FormNotFromPage(DomainError):
    """The form was not sent from its page.

    Open the page again and send the form that it contains.
    """

    code = "FORM_NOT_FROM_PAGE"
    category = Category.FORBIDDEN


class CommentLimitReached(RuleBroken):
    """The link's daily limit of comments is reached.

    Comment on the next day, or contact the sender of the document.
    """

    code = "COMMENT_LIMIT_REACHED"


class RenewalLimitReached(RuleBroken):
    """The link's daily limit of mails with a new link is reached.

    Wait until the next day.
    """

    code = "RENEWAL_LIMIT_REACHED"
