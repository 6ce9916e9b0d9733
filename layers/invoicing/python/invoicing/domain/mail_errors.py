"""What can be refused about mails. Only the functions that deal with them load it."""

from invoicing.domain.errors import NotFound, RuleBroken


class AddressSuppressed(RuleBroken):
    """Mail to this address came back, or its owner complained; change the address."""

    code = "ADDRESS_SUPPRESSED"


class EmailLimitReached(RuleBroken):
    """The tenant has sent as many mails as it does in a day; ask again tomorrow or raise its limit."""

    code = "EMAIL_LIMIT_REACHED"


class MailNotFound(NotFound):
    """There is no such mail."""

    code = "MAIL_NOT_FOUND"
