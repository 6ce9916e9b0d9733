"""What can be refused, in the business's words; the HTTP status is the API's affair.

A class is one code of the contract. The first line of its docstring is the title that clients read.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Category(StrEnum):
    """What kind of refusal it is."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    GONE = "gone"
    STALE = "stale"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    RULE_BROKEN = "rule_broken"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class Violation:
    """One thing that is wrong with a request: where (RFC 6901 pointer into the body), which code, in words."""

    pointer: str
    code: str
    message: str


class DomainError(Exception):
    """Something the business refuses."""

    code: ClassVar[str]
    category: ClassVar[Category]

    def __init__(
        self,
        detail: str | None = None,
        *,
        pointer: str | None = None,
        errors: tuple[Violation, ...] = (),
        allowed_actions: tuple[str, ...] | None = None,
    ) -> None:
        self.detail = detail or self.title()
        if pointer is not None:
            errors = (*errors, Violation(pointer, self.code, self.detail))
        self.errors = errors
        self.allowed_actions = allowed_actions
        super().__init__(self.detail)

    @classmethod
    def title(cls) -> str:
        """The same words for every occurrence of the code (RFC 9457, section 3.1.3)."""
        return (cls.__doc__ or cls.__name__).split("\n", 1)[0]


class NotFound(DomainError):
    """There is no such thing, or not for this caller."""

    category = Category.NOT_FOUND


class InvoiceNotFound(NotFound):
    """There is no such invoice."""

    code = "INVOICE_NOT_FOUND"


class CustomerNotFound(NotFound):
    """There is no such customer."""

    code = "CUSTOMER_NOT_FOUND"


class OrderNotFound(NotFound):
    """There is no such order."""

    code = "ORDER_NOT_FOUND"


class BankAccountNotFound(NotFound):
    """The tenant has no such bank account."""

    code = "BANK_ACCOUNT_NOT_FOUND"


class LineNotFound(NotFound):
    """The document has no such line."""

    code = "LINE_NOT_FOUND"


class SeriesNotFound(NotFound):
    """The tenant has no number series of this name."""

    code = "SERIES_NOT_FOUND"


class UserNotFound(NotFound):
    """There is no such user."""

    code = "USER_NOT_FOUND"


class ActivityNotFound(NotFound):
    """There is no such entry in the timeline."""

    code = "ACTIVITY_NOT_FOUND"


class PaymentNotFound(NotFound):
    """There is no such payment."""

    code = "PAYMENT_NOT_FOUND"


class KeyNotFound(NotFound):
    """There is no such API key."""

    code = "KEY_NOT_FOUND"


class LinkNotFound(NotFound):
    """There is no such download link."""

    code = "LINK_NOT_FOUND"


class TenantNotFound(NotFound):
    """There is no such tenant."""

    code = "TENANT_NOT_FOUND"


class Invalid(DomainError):
    """The request does not have the form that the contract asks for."""

    code = "VALIDATION_ERROR"
    category = Category.INVALID


class InvalidType(Invalid):
    """A value has another type than the contract says."""

    code = "INVALID_TYPE"


class TooLarge(DomainError):
    """The request is larger than the contract allows."""

    code = "REQUEST_TOO_LARGE"
    category = Category.TOO_LARGE


class Unauthenticated(DomainError):
    """The credentials are unknown, revoked or expired."""

    code = "INVALID_API_KEY"
    category = Category.UNAUTHENTICATED


class InvalidToken(Unauthenticated):
    """The token is not valid or has expired."""

    code = "INVALID_TOKEN"


class InsufficientPermissions(DomainError):
    """The credentials do not include the scope this operation needs."""

    code = "INSUFFICIENT_PERMISSIONS"
    category = Category.FORBIDDEN


class AccessDenied(DomainError):
    """The caller may do this, but not to this object."""

    code = "ACCESS_DENIED"
    category = Category.FORBIDDEN


class SourceNotAllowed(DomainError):
    """The tenant does not take events of this source."""

    code = "SOURCE_NOT_ALLOWED"
    category = Category.FORBIDDEN


class ActivityImmutable(DomainError):
    """What the system wrote into the timeline stays as it is."""

    code = "ACTIVITY_IMMUTABLE"
    category = Category.FORBIDDEN


class InvalidState(DomainError):
    """The document's state does not allow this action."""

    code = "INVALID_STATE"
    category = Category.CONFLICT


class ConcurrentModification(DomainError):
    """Somebody else changed it at the same moment; read it again."""

    code = "CONCURRENT_MODIFICATION"
    category = Category.CONFLICT


class IdempotencyInProgress(DomainError):
    """A request with this Idempotency-Key is being worked on; ask again."""

    code = "IDEMPOTENCY_IN_PROGRESS"
    category = Category.CONFLICT


class DuplicateExternalId(DomainError):
    """This external_id is already taken."""

    code = "DUPLICATE_EXTERNAL_ID"
    category = Category.CONFLICT


class FileNotReady(DomainError):
    """The file is still to come, or is not to be had."""

    code = "FILE_NOT_READY"
    category = Category.CONFLICT


class DuplicateEmail(DomainError):
    """Another user has this e-mail address."""

    code = "DUPLICATE_EMAIL"
    category = Category.CONFLICT


class DuplicateLevel(DomainError):
    """Another rule is about this level for this type of customer."""

    code = "DUPLICATE_LEVEL"
    category = Category.CONFLICT


class CustomerInUse(DomainError):
    """Documents refer to the customer, so it stays."""

    code = "CUSTOMER_IN_USE"
    category = Category.CONFLICT


class CustomerErased(DomainError):
    """The customer's personal data was erased; it is neither changed nor invoiced any more."""

    code = "CUSTOMER_ERASED"
    category = Category.CONFLICT


class OrderAlreadyInvoiced(DomainError):
    """The order is invoiced; cancel that invoice, or delete its draft, to invoice it again."""

    code = "ORDER_ALREADY_INVOICED"
    category = Category.CONFLICT


class VersionMismatch(DomainError):
    """The resource is no longer at the version that If-Match names."""

    code = "VERSION_MISMATCH"
    category = Category.STALE


class LinkExpired(DomainError):
    """The download link has expired or was revoked."""

    code = "LINK_EXPIRED"
    category = Category.GONE


class SeriesBusy(DomainError):
    """Too many documents are being numbered at once; nothing was numbered, ask again."""

    code = "SERIES_BUSY"
    category = Category.UNAVAILABLE


class OutcomeUnknown(DomainError):
    """The database did not answer; repeat with the same Idempotency-Key to learn what happened."""

    code = "OUTCOME_UNKNOWN"
    category = Category.UNAVAILABLE


class RuleBroken(DomainError):
    """A rule of the business forbids it."""

    code = "RULE_BROKEN"
    category = Category.RULE_BROKEN


class IdempotencyKeyReused(RuleBroken):
    """This Idempotency-Key was used for another request."""

    code = "IDEMPOTENCY_KEY_REUSED"


class DocumentTooLarge(RuleBroken):
    """The document is larger than can be kept."""

    code = "DOCUMENT_TOO_LARGE"


class TooManyEdits(RuleBroken):
    """The comment was rewritten as often as its history can hold; write another one."""

    code = "TOO_MANY_EDITS"


class OwnRights(RuleBroken):
    """Nobody takes away their own rights: somebody must be left who can give them back."""

    code = "OWN_RIGHTS"


class CustomerMismatch(RuleBroken):
    """A user of the portal belongs to one customer, and nobody else does."""

    code = "CUSTOMER_MISMATCH"


class ScopeExceedsRole(RuleBroken):
    """A key never may more than its user's role."""

    code = "SCOPE_EXCEEDS_ROLE"


class NoRecipient(RuleBroken):
    """There is no e-mail address to send to."""

    code = "NO_RECIPIENT"


class SenderMissing(RuleBroken):
    """The tenant has no e-mail sender, so nothing can be mailed."""

    code = "SENDER_MISSING"


class NumberTaken(RuleBroken):
    """The next number of the series belongs to another document; change the pattern."""

    code = "NUMBER_TAKEN"


class NegativeTotal(RuleBroken):
    """The total of an invoice cannot be negative; issue a credit note instead."""

    code = "NEGATIVE_TOTAL"


class DiscountExceedsAmount(RuleBroken):
    """A discount cannot be more than what it is taken from."""

    code = "DISCOUNT_EXCEEDS_AMOUNT"


class PaymentExceedsDue(RuleBroken):
    """The payment is more than what is due."""

    code = "PAYMENT_EXCEEDS_DUE"


class RefundExceedsCredit(RuleBroken):
    """The refund is more than what the customer has to get back."""

    code = "REFUND_EXCEEDS_CREDIT"


class CashDiscountNotAllowed(RuleBroken):
    """The payment terms do not allow this cash discount on this day."""

    code = "CASH_DISCOUNT_NOT_ALLOWED"


class DateNotAllowed(RuleBroken):
    """The date lies where the books, the calendar or another date do not allow it."""

    code = "DATE_NOT_ALLOWED"
