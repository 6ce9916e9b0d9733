"""What happened to reminders and dunning letters, as the timeline of their invoice keeps it and the bus tells it."""

from typing import ClassVar, Self

from invoicing.domain.activity import ActionKey
from invoicing.domain.dunning_charges import Charges
from invoicing.domain.dunning_document import DunningDocument
from invoicing.domain.dunning_step import Obstacle
from invoicing.domain.event import Event
from invoicing.domain.events import DocumentRendered
from invoicing.domain.model import Amount, Day


class DunningDocumentCreated(Event):
    """An invoice reached a dunning level and a reminder or dunning letter was issued."""

    name = "dunning.document_created"
    action_key: ClassVar[ActionKey] = "REMINDER_CREATE"

    document_id: str
    number: str
    level: int
    due_date: Day
    open: Amount
    fee: Amount
    flat_fee: Amount
    charges: Charges
    interest: Amount
    total: Amount

    @classmethod
    def of(cls, document: DunningDocument) -> Self:
        """The event of a document. `charges` are all fees so far; `fee` is that of this level."""
        return cls(
            document_id=document.id,
            number=document.number,
            level=document.level,
            due_date=document.due_date,
            open=document.open,
            fee=document.fee,
            flat_fee=document.flat_fee,
            charges=document.charges,
            interest=document.interest,
            total=document.total,
        )


class LetterRendered(DocumentRendered):
    """The PDF of a dunning document was rendered."""

    action_key = "REMINDER_STATUS"


class DunningDocumentCanceled(Event):
    """A reminder or dunning letter was canceled; its fee is waived.

    Dunning stops, unless the reason is `undeliverable`: then nobody received it, and the level is issued again.
    """

    name = "dunning.document_canceled"
    action_key = "REMINDER_CANCEL"

    document_id: str
    number: str
    reason: str | None = None


class DunningSkipped(Event):
    """An overdue invoice does not reach its next level of dunning, or its document was not delivered.

    Published once for each invoice, level and reason; `detail` is the cause where the reason has several.
    """

    name = "dunning.skipped"
    action_key = "REMINDER_ERROR_MAIL"

    level: int
    reason: Obstacle
    detail: str | None = None
    document_id: str | None = None
