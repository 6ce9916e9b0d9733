"""What happened to reminders and dunning letters, as the timeline of their invoice keeps it and the bus tells it."""

from typing import ClassVar, Self

from invoicing.domain.activity import ActionKey
from invoicing.domain.dunning_document import DunningDocument
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
    interest: Amount

    @classmethod
    def of(cls, document: DunningDocument) -> Self:
        """The event of a document; its fee includes the flat one."""
        return cls(
            document_id=document.id,
            number=document.number,
            level=document.level,
            due_date=document.due_date,
            open=document.open,
            fee=document.fee + document.flat_fee,
            interest=document.interest,
        )


class LetterRendered(DocumentRendered):
    """The PDF of a dunning document was rendered."""

    action_key = "REMINDER_STATUS"


class DunningDocumentCanceled(Event):
    """A reminder or dunning letter was canceled; its fee is waived."""

    name = "dunning.document_canceled"
    action_key = "REMINDER_CANCEL"

    document_id: str
    number: str
    reason: str | None = None
