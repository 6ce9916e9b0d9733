"""The outcome of each document of a run."""

from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from invoicing.core.errors import ConcurrentModification, DomainError
from invoicing.core.ids import InvoiceId, SubscriptionId
from invoicing.core.model import Amount, CurrencyCode, Value

_MOST_RULES = 50
"""The most broken rules that the result of a document names."""
Outcome = Literal["finalized", "kept", "skipped", "refused", "failed"]
"""One of `finalized`, `kept` as a draft because the subscription creates drafts, `skipped` (it is no draft any more,
nothing is due any more, or it was left out), `refused` by a rule, or `failed` because of an error of the service."""


class NotWritten(Exception):
    """The transaction of a document fails, although the document breaks no rule."""

    @classmethod
    def because(cls, error: Exception) -> Exception:
        """The decision about the one document whose transaction fails: the rule that refuses it, else this error."""
        if isinstance(error, DomainError) and not isinstance(error, ConcurrentModification):
            return error
        failure = cls()
        failure.__cause__ = error
        return failure


class BrokenRule(Value):
    """A rule that refused a document."""

    code: str
    """Code of the error, or of the rule, such as `BR-CO-25`."""
    pointer: str
    """Field of the draft that breaks the rule (RFC 6901)."""
    message: str
    """Explanation of the rule."""


def broken_rules_of(refusal: DomainError) -> tuple[BrokenRule, ...]:
    """The rules of a refusal, for the result of a document."""
    named = refusal.errors[:_MOST_RULES]
    return tuple(BrokenRule(code=one.code, pointer=one.pointer, message=one.message) for one in named)


class RunResult(Value):
    """The result of one document of a run."""

    object: Literal["billing_run_result"] = "billing_run_result"
    invoice_id: InvoiceId | None = None
    """Identifier of the document; null for a subscription without one."""
    subscription_ids: tuple[SubscriptionId, ...] = ()
    """Identifiers of the subscriptions that the document bills."""
    outcome: Outcome
    """Outcome for the document."""
    code: str | None = None
    """Code of the error if it was not finalized; null if it was, or was left out by request."""
    rules: tuple[BrokenRule, ...] = ()
    """Rules that refused the document."""
    number: str | None = None
    """Number of the document; null if it was not finalized."""
    currency: CurrencyCode | None = None
    """Currency of the document; null if it was not computed."""
    total: Amount | None = None
    """Total of the document including tax; null if it was not computed."""


class Issued(NamedTuple):
    """A document that a run finalizes, with the counter that numbers it."""

    number: str
    series: str
    year: int | None
    issue_date: date
    currency: str
    tax: Decimal
    """Tax; of a credit note negative, as its total."""
    total: Decimal
    sent: bool = False
    """Whether it is mailed."""


class Decision(NamedTuple):
    """The result of a document, and the document if it is finalized."""

    result: RunResult
    issued: Issued | None = None
