"""Events about dunning."""

from typing import ClassVar, Self

from invoicing.core.activity import ActionKey
from invoicing.core.event import Event
from invoicing.core.model import Amount, Day
from invoicing.dunning.document import DunningDocument
from invoicing.dunning.rule import DunningRule
from invoicing.dunning.run import DunningRun
from invoicing.dunning.step import Obstacle
from invoicing.invoices.dunning import Charges
from invoicing.invoices.event import InvoiceEvent
from invoicing.invoices.events import DocumentRendered


class DunningSet(InvoiceEvent):
    """Dunning of an invoice was stopped, paused or resumed."""

    name = "dunning.set"
    action_key = "REMINDER_STATUS"

    disabled: bool
    """Whether dunning of the invoice is stopped."""
    paused_until: Day | None = None
    """Last day of the pause; null if dunning is not paused."""


class DunningRuleCreated(Event):
    """A dunning rule was created."""

    subject = DunningRule
    name = "dunning_rule.created"
    action_key = "CREATE"


class DunningRuleUpdated(Event):
    """A dunning rule was updated."""

    subject = DunningRule
    name = "dunning_rule.updated"
    action_key = "EDIT"


class DunningRuleDeleted(Event):
    """A dunning rule was deleted."""

    subject = DunningRule
    name = "dunning_rule.deleted"
    action_key = "EDIT"


class DunningRunRequested(Event):
    """A user requested a dunning run."""

    subject = DunningRun
    name = "dunning.run_requested"
    action_key = "REMINDER_STATUS"


class DunningDocumentCreated(InvoiceEvent):
    """An invoice reached a dunning level and a reminder or dunning letter was issued."""

    name = "dunning.document_created"
    action_key: ClassVar[ActionKey] = "REMINDER_CREATE"

    document_id: str
    """Identifier of the reminder or dunning letter, `ddo_` followed by a ULID."""
    number: str
    """Number of the reminder or dunning letter."""
    level: int
    """Dunning level, from 1 to 5."""
    due_date: Day
    """Date until which the customer is asked to pay."""
    open: Amount
    """Amount due on the invoice."""
    fee: Amount
    """Reminder fee of the level."""
    flat_fee: Amount
    """Flat fee for late payment that was charged so far."""
    charges: Charges
    """Fees that were charged so far, one by one."""
    interest: Amount
    """Interest that accrued so far."""
    total: Amount
    """Amount that the customer is asked to pay."""

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


class DunningDocumentCanceled(InvoiceEvent):
    """A reminder or dunning letter was canceled; its fee is waived.

    Dunning stops, unless the reason is `undeliverable`: then it was not received, and the level is issued again.
    """

    name = "dunning.document_canceled"
    action_key = "REMINDER_CANCEL"

    document_id: str
    """Identifier of the reminder or dunning letter, `ddo_` followed by a ULID."""
    number: str
    """Number of the reminder or dunning letter."""
    reason: str | None = None
    """Reason for the cancellation or obstacle."""


class DunningSkipped(InvoiceEvent):
    """An invoice does not reach its next level of dunning or gets no reminder, or a letter was not delivered.

    Published once for each invoice, level and reason; `detail` is the cause if the reason has several.
    """

    name = "dunning.skipped"
    action_key = "REMINDER_ERROR_MAIL"

    level: int
    """Dunning level, from 1 to 5; 0 for the reminder before the due date."""
    reason: Obstacle
    """Reason for the cancellation or obstacle."""
    detail: str | None = None
    """Cause of the obstacle, where the reason has several causes."""
    document_id: str | None = None
    """Identifier of the reminder or dunning letter, `ddo_` followed by a ULID."""
