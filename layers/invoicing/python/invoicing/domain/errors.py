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
    """The resource does not exist or is not visible to the caller."""

    category = Category.NOT_FOUND


class InvoiceNotFound(NotFound):
    """The invoice does not exist."""

    code = "INVOICE_NOT_FOUND"


class CustomerNotFound(NotFound):
    """The customer does not exist."""

    code = "CUSTOMER_NOT_FOUND"


class OrderNotFound(NotFound):
    """The order does not exist."""

    code = "ORDER_NOT_FOUND"


class BankAccountNotFound(NotFound):
    """The bank account does not exist."""

    code = "BANK_ACCOUNT_NOT_FOUND"


class LineNotFound(NotFound):
    """The line does not exist on this document."""

    code = "LINE_NOT_FOUND"


class SeriesNotFound(NotFound):
    """The number series does not exist."""

    code = "SERIES_NOT_FOUND"


class UserNotFound(NotFound):
    """The user does not exist."""

    code = "USER_NOT_FOUND"


class ActivityNotFound(NotFound):
    """The timeline entry does not exist."""

    code = "ACTIVITY_NOT_FOUND"


class PaymentNotFound(NotFound):
    """The payment does not exist."""

    code = "PAYMENT_NOT_FOUND"


class KeyNotFound(NotFound):
    """The API key does not exist."""

    code = "KEY_NOT_FOUND"


class LinkNotFound(NotFound):
    """The download link does not exist."""

    code = "LINK_NOT_FOUND"


class TenantNotFound(NotFound):
    """The tenant does not exist."""

    code = "TENANT_NOT_FOUND"


class Invalid(DomainError):
    """The request is not valid."""

    code = "VALIDATION_ERROR"
    category = Category.INVALID


class InvalidType(Invalid):
    """A field has the wrong type."""

    code = "INVALID_TYPE"


class TooLarge(DomainError):
    """The request is too large."""

    code = "REQUEST_TOO_LARGE"
    category = Category.TOO_LARGE


class Unauthenticated(DomainError):
    """The API key is unknown, revoked or expired."""

    code = "INVALID_API_KEY"
    category = Category.UNAUTHENTICATED


class InvalidToken(Unauthenticated):
    """The token is invalid or expired."""

    code = "INVALID_TOKEN"


class InsufficientPermissions(DomainError):
    """The credentials lack the scope that this operation requires."""

    code = "INSUFFICIENT_PERMISSIONS"
    category = Category.FORBIDDEN


class AccessDenied(DomainError):
    """The caller has no access to this resource."""

    code = "ACCESS_DENIED"
    category = Category.FORBIDDEN


class SourceNotAllowed(DomainError):
    """The tenant does not accept events from this source."""

    code = "SOURCE_NOT_ALLOWED"
    category = Category.FORBIDDEN


class ActivityImmutable(DomainError):
    """Timeline entries of the system cannot be changed."""

    code = "ACTIVITY_IMMUTABLE"
    category = Category.FORBIDDEN


class InvalidState(DomainError):
    """The document's status does not allow this action."""

    code = "INVALID_STATE"
    category = Category.CONFLICT


class ConcurrentModification(DomainError):
    """The resource was changed by another request; retry."""

    code = "CONCURRENT_MODIFICATION"
    category = Category.CONFLICT


class IdempotencyInProgress(DomainError):
    """A request with this Idempotency-Key is in progress; retry later."""

    code = "IDEMPOTENCY_IN_PROGRESS"
    category = Category.CONFLICT


class DuplicateExternalId(DomainError):
    """The external_id is already in use."""

    code = "DUPLICATE_EXTERNAL_ID"
    category = Category.CONFLICT


class FileNotReady(DomainError):
    """The file is not ready yet."""

    code = "FILE_NOT_READY"
    category = Category.CONFLICT


class DuplicateEmail(DomainError):
    """The e-mail address belongs to another user."""

    code = "DUPLICATE_EMAIL"
    category = Category.CONFLICT


class DuplicateLevel(DomainError):
    """A rule for this level and customer type already exists."""

    code = "DUPLICATE_LEVEL"
    category = Category.CONFLICT


class CustomerInUse(DomainError):
    """The customer cannot be deleted while documents refer to it."""

    code = "CUSTOMER_IN_USE"
    category = Category.CONFLICT


class CustomerErased(DomainError):
    """The customer was erased and can no longer be updated or invoiced."""

    code = "CUSTOMER_ERASED"
    category = Category.CONFLICT


class OrderAlreadyInvoiced(DomainError):
    """The order is already invoiced; delete the draft or cancel the invoice first."""

    code = "ORDER_ALREADY_INVOICED"
    category = Category.CONFLICT


class VersionMismatch(DomainError):
    """The resource's version does not match If-Match."""

    code = "VERSION_MISMATCH"
    category = Category.STALE


class LinkExpired(DomainError):
    """The download link expired or was revoked."""

    code = "LINK_EXPIRED"
    category = Category.GONE


class SeriesBusy(DomainError):
    """Too many documents are being numbered; nothing was changed, retry."""

    code = "SERIES_BUSY"
    category = Category.UNAVAILABLE


class OutcomeUnknown(DomainError):
    """The outcome is unknown; retry with the same Idempotency-Key."""

    code = "OUTCOME_UNKNOWN"
    category = Category.UNAVAILABLE


class RuleBroken(DomainError):
    """A business rule does not allow this."""

    code = "RULE_BROKEN"
    category = Category.RULE_BROKEN


class IdempotencyKeyReused(RuleBroken):
    """The Idempotency-Key was used for a different request."""

    code = "IDEMPOTENCY_KEY_REUSED"


class DocumentTooLarge(RuleBroken):
    """The document is too large."""

    code = "DOCUMENT_TOO_LARGE"


class TooManyEdits(RuleBroken):
    """The comment reached its limit of edits; add a new comment."""

    code = "TOO_MANY_EDITS"


class OwnRights(RuleBroken):
    """Users cannot remove their own permissions."""

    code = "OWN_RIGHTS"


class CustomerMismatch(RuleBroken):
    """A portal user requires a customer; other roles cannot have one."""

    code = "CUSTOMER_MISMATCH"


class ScopeExceedsRole(RuleBroken):
    """The scopes exceed the role of the key's user."""

    code = "SCOPE_EXCEEDS_ROLE"


class NoRecipient(RuleBroken):
    """The document has no recipient with an e-mail address."""

    code = "NO_RECIPIENT"


class SenderMissing(RuleBroken):
    """The tenant has no e-mail sender."""

    code = "SENDER_MISSING"


class SenderNotGranted(RuleBroken):
    """The operator has not granted the tenant's e-mail sender; ask the operator, or choose a granted one."""

    code = "SENDER_NOT_GRANTED"


class NumberTaken(RuleBroken):
    """The next number of the series is already in use; change the pattern."""

    code = "NUMBER_TAKEN"


class NegativeTotal(RuleBroken):
    """The total of an invoice cannot be negative; issue a credit note."""

    code = "NEGATIVE_TOTAL"


class DiscountExceedsAmount(RuleBroken):
    """The discount exceeds the amount it applies to."""

    code = "DISCOUNT_EXCEEDS_AMOUNT"


class PaymentExceedsDue(RuleBroken):
    """The payment exceeds the amount due."""

    code = "PAYMENT_EXCEEDS_DUE"


class RefundExceedsCredit(RuleBroken):
    """The refund exceeds the amount to be refunded."""

    code = "REFUND_EXCEEDS_CREDIT"


class CashDiscountNotAllowed(RuleBroken):
    """The payment terms do not allow this cash discount."""

    code = "CASH_DISCOUNT_NOT_ALLOWED"


class DateNotAllowed(RuleBroken):
    """The date is not allowed."""

    code = "DATE_NOT_ALLOWED"
