"""What clients say about the end of an invoice."""

from typing import Literal

from invoicing.domain.closing import CloseReason
from invoicing.domain.model import ShortText, Value


class CancelInvoice(Value):
    """Why it is canceled; for the timeline, not for the customer."""

    reason: ShortText | None = None


class CloseInvoice(Value):
    """Why nothing more is due."""

    reason: CloseReason


class SetStatus(Value):
    """What became of it."""

    status: Literal["paid", "void", "uncollectible"]
