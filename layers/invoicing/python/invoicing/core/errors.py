"""The errors of the business. The HTTP layer assigns the statuses.

A class is one code of the contract. The first line of its docstring is the title that clients read.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Category(StrEnum):
    """The kind of an error."""

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
    """One mistake in a request: its place (RFC 6901 pointer into the body), code and explanation."""

    pointer: str
    code: str
    message: str


class DomainError(Exception):
    """A request that a rule of the business refuses."""

    code: ClassVar[str]
    category: ClassVar[Category]
    retry_after: ClassVar[int | None] = None
    """After how many seconds the same request may succeed, where waiting alone helps."""

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
        """The title, which is the same for every occurrence of the code (RFC 9457, section 3.1.3)."""
        return (cls.__doc__ or cls.__name__).split("\n", 1)[0]


class NotFound(DomainError):
    """The resource does not exist or is not visible to the caller."""

    category = Category.NOT_FOUND


class Invalid(DomainError):
    """The request is not valid.

    Correct each field that `errors` names.
    """

    code = "VALIDATION_ERROR"
    category = Category.INVALID


class InvalidType(Invalid):
    """A field has the wrong type.

    Correct each field that `errors` names. Amounts are strings, such as `"119.00"`.
    """

    code = "INVALID_TYPE"


class TooLarge(DomainError):
    """The request is too large.

    Send a body of at most 1 MB, or 4 MB with files.
    """

    code = "REQUEST_TOO_LARGE"
    category = Category.TOO_LARGE


class Unauthenticated(DomainError):
    """The API key is unknown, revoked or expired.

    Check the `Authorization` header, or create a new API key.
    """

    code = "INVALID_API_KEY"
    category = Category.UNAUTHENTICATED


class InvalidToken(Unauthenticated):
    """The token is invalid or expired.

    Obtain a new token from the OpenID Connect provider.
    """

    code = "INVALID_TOKEN"


class InsufficientPermissions(DomainError):
    """The credentials lack the scope that this operation requires.

    Use credentials with the scope that `detail` names.
    """

    code = "INSUFFICIENT_PERMISSIONS"
    category = Category.FORBIDDEN


class AccessDenied(DomainError):
    """The caller has no access to this resource.

    Use credentials of a user who may see the resource: an admin, or the user who owns its customer.
    """

    code = "ACCESS_DENIED"
    category = Category.FORBIDDEN


class ConcurrentModification(DomainError):
    """The resource was changed by another request; retry.

    Repeat the request after the time in `Retry-After`, or retrieve the resource and decide again.
    """

    code = "CONCURRENT_MODIFICATION"
    retry_after = 1
    category = Category.CONFLICT


class IdempotencyInProgress(DomainError):
    """A request with this Idempotency-Key is in progress; retry later.

    Repeat the request with the same key after the time in `Retry-After`.
    """

    code = "IDEMPOTENCY_IN_PROGRESS"
    retry_after = 1
    category = Category.CONFLICT


class DuplicateExternalId(DomainError):
    """The external_id is already in use.

    The object exists already. List by `external_id` to find it.
    """

    code = "DUPLICATE_EXTERNAL_ID"
    category = Category.CONFLICT


class VersionMismatch(DomainError):
    """The resource's version does not match If-Match.

    Retrieve the resource, decide again, and send its new `ETag` in `If-Match`.
    """

    code = "VERSION_MISMATCH"
    category = Category.STALE


class OutcomeUnknown(DomainError):
    """The outcome is unknown; retry with the same Idempotency-Key.

    Repeat the request with the same `Idempotency-Key`: it is performed at most once.
    """

    code = "OUTCOME_UNKNOWN"
    retry_after = 1
    category = Category.UNAVAILABLE


class RuleBroken(DomainError):
    """A business rule does not allow this.

    See `detail` for the rule.
    """

    code = "RULE_BROKEN"
    category = Category.RULE_BROKEN


class IdempotencyKeyReused(RuleBroken):
    """The Idempotency-Key was used for a different request.

    Use a new key for a new request. Repeat a request without any change.
    """

    code = "IDEMPOTENCY_KEY_REUSED"


class SenderNotGranted(RuleBroken):
    """The operator has not granted the tenant's e-mail sender; ask the operator, or choose a granted one.

    Set `email_sender` to one of the `email_identities`, or ask the operator to grant the identity.
    """

    code = "SENDER_NOT_GRANTED"


class DocumentTooLarge(RuleBroken):
    """The document is too large.

    Shorten the texts, or distribute the lines over several documents.
    """

    code = "DOCUMENT_TOO_LARGE"


class DateNotAllowed(RuleBroken):
    """The date is not allowed.

    See `detail` for the reason. Issue dates cannot be in the future or in closed books.
    """

    code = "DATE_NOT_ALLOWED"


class AnswerErased(DomainError):
    """The request was carried out; its response was erased with the customer's personal data.

    Do not repeat the request. Retrieve the current state of the resource instead.
    """

    code = "ANSWER_ERASED"
    category = Category.GONE
