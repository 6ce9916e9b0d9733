"""A subscription whose billing waits for a user."""

from datetime import datetime, timedelta
from typing import Final

from invoicing.core.errors import DomainError
from invoicing.core.event import Recorded
from invoicing.core.identity import Moment
from invoicing.subscriptions.events import SubscriptionAttention
from invoicing.subscriptions.ledger import Attention
from invoicing.subscriptions.model import SubscriptionSummary

SERVICE_FAILED: Final = "INTERNAL_ERROR"
"""The code of a subscription that an error of this service prevents from being billed."""
_FIRST_WAIT: Final = timedelta(hours=2)
_MOST_ATTEMPTS: Final = 8


def waits_for_retry(attention: Attention) -> bool:
    """Whether the clock bills it again at growing intervals, and no review decides that its reason is gone.

    The review only decides. An error of this service can occur when the decision is written.
    """
    return attention.code == SERVICE_FAILED and attention.invoice_id is None


def is_retried(attention: Attention, now: datetime) -> bool:
    """Whether the clock bills it again now: after 2, 4, 8 hours and so on since the first failure, up to 5 days."""
    due = attention.since + _FIRST_WAIT * 2 ** (attention.attempts - 1)
    return waits_for_retry(attention) and attention.attempts < _MOST_ATTEMPTS and due <= now


def explanation(error: Exception) -> str:
    """The broken rules of a refusal, else its own text. The text of another error may hold secrets."""
    if not isinstance(error, DomainError):
        return "An error of the service, whose log has the details."
    return "; ".join(f"{one.code}: {one.message}" for one in error.errors) or error.detail


def attention_code(error: Exception) -> str:
    """The code of a refusal, else that of an error of this service."""
    return error.code if isinstance(error, DomainError) else SERVICE_FAILED


def waiting[S: SubscriptionSummary](
    subscription: S, error: Exception, moment: Moment, *, invoice_id: str | None = None
) -> Recorded[S]:
    """The subscription with the error for which it waits, and the draft that could not be issued.

    If it waits for another draft already, it waits for both.
    """
    code, detail, known = attention_code(error), explanation(error), subscription.attention
    attention = Attention(code=code, detail=detail, since=moment.at, invoice_id=invoice_id)
    if known is not None and known.invoice_id is not None and invoice_id is not None:
        attention = known.with_later([invoice_id])
    after = subscription.model_copy(update={"attention": attention, **moment.updated})
    return Recorded(after, SubscriptionAttention(code=code, invoice_id=invoice_id))
