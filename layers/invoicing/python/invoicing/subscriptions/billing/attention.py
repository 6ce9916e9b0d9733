"""A subscription whose billing waits for a user."""

from invoicing.core.errors import DomainError
from invoicing.core.event import Recorded
from invoicing.core.identity import Moment
from invoicing.subscriptions.events import SubscriptionAttention
from invoicing.subscriptions.model import Attention, SubscriptionSummary


def explanation(error: DomainError) -> str:
    """The broken rules of a refusal, else its own text."""
    return "; ".join(f"{one.code}: {one.message}" for one in error.errors) or error.detail


def waiting[S: SubscriptionSummary](
    subscription: S, error: DomainError, moment: Moment, *, invoice_id: str | None = None
) -> Recorded[S]:
    """The subscription with the refusal for which it waits, and the draft that could not be issued."""
    attention = Attention(code=error.code, detail=explanation(error), since=moment.at, invoice_id=invoice_id)
    after = subscription.model_copy(update={"attention": attention, **moment.updated})
    return Recorded(after, SubscriptionAttention(code=error.code, invoice_id=invoice_id))
