"""Refusals about e-mail."""

from invoicing.core.errors import NotFound, RuleBroken


class AddressSuppressed(RuleBroken):
    """The e-mail address bounced or complained; change the address."""

    code = "ADDRESS_SUPPRESSED"


class EmailLimitReached(RuleBroken):
    """The tenant's daily e-mail limit is reached."""

    code = "EMAIL_LIMIT_REACHED"


class MailNotFound(NotFound):
    """The e-mail does not exist."""

    code = "MAIL_NOT_FOUND"
