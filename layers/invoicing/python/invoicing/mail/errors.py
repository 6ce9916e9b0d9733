"""Refusals about e-mail."""

from invoicing.core.errors import NotFound, RuleBroken


class AddressSuppressed(RuleBroken):
    """The e-mail address bounced or complained; change the address.

    Correct the customer's address, or send to another one. A changed address is no longer suppressed.
    """

    code = "ADDRESS_SUPPRESSED"


class EmailLimitReached(RuleBroken):
    """The tenant's daily e-mail limit is reached.

    Send the e-mail on the next day (UTC), or ask the operator for a higher limit.
    """

    code = "EMAIL_LIMIT_REACHED"


class MailTooLarge(RuleBroken):
    """The document's files are too large for an e-mail.

    Leave out `attach_xml` or `attach_pdf`, or both: then the e-mail has a link to the document.
    """

    code = "MAIL_TOO_LARGE"


class MailNotFound(NotFound):
    """The e-mail does not exist.

    Check the identifier.
    """

    code = "MAIL_NOT_FOUND"
