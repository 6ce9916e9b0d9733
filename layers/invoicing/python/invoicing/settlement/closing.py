"""Closing, canceling and reactivating documents that are not paid."""

from invoicing.core.currency import from_minor
from invoicing.core.identity import Moment
from invoicing.invoices.errors import InvalidState
from invoicing.invoices.lifecycle import Action, CloseReason, Status, allowed_actions, require
from invoicing.invoices.model import InvoiceSummary
from invoicing.pricing.payable import owed_total
from invoicing.settlement.balance import CREDITED, balanced
from invoicing.settlement.credit import Credited
from invoicing.settlement.errors import AlreadyCorrected, CancellationSent, CreditNoteSent


def closed[I: InvoiceSummary](invoice: I, reason: CloseReason, *, moment: Moment) -> I:
    """Close an invoice: the rest is written off. It keeps its number, and may still be paid."""
    require(invoice, Action.CLOSE)
    return invoice.model_copy(
        update={
            "status": Status.CLOSED,
            "written_off": invoice.due,
            "due": from_minor(0, invoice.currency),
            "closed_at": moment.at,
            "close_reason": reason,
            **moment.updated,
        }
    )


def reopened[I: InvoiceSummary](invoice: I, *, moment: Moment) -> I:
    """A closed invoice after its reactivation: it is due again (E40, E41)."""
    require(invoice, Action.REACTIVATE)
    if invoice.close_reason == CREDITED:
        allowed = allowed_actions(invoice, but=Action.REACTIVATE)
        raise InvalidState("The invoice is credited in full; cancel its credit note instead.", allowed_actions=allowed)
    facts = {
        "status": Status.OPEN,
        "reactivated_at": moment.at,
        **moment.updated,
    }
    return balanced(invoice, **facts)


def reactivated[I: InvoiceSummary, C: InvoiceSummary](
    invoice: I, cancellation: C, credited: Credited, *, corrected: bool, moment: Moment
) -> tuple[I, C, Credited]:
    """A canceled invoice after its reactivation, with the same number (E40, E41). Its cancellation is canceled."""
    require(invoice, Action.REACTIVATE)
    if corrected:
        raise AlreadyCorrected
    if cancellation.sent_at is not None:
        raise CancellationSent
    after = _without(invoice, cancellation, credited, moment)
    facts = {
        "status": Status.OPEN,
        "reactivated_at": moment.at,
        "cancellation_id": None,
        "correction_id": None,
        "canceled_amount": from_minor(0, invoice.currency),
        "deposits_released": None,
    }
    return balanced(after, **facts), _canceled(cancellation, moment), credited.voided(moment.at)


def voided[I: InvoiceSummary, C: InvoiceSummary](
    invoice: I, note: C, credited: Credited, *, moment: Moment
) -> tuple[C, I, Credited]:
    """A voided credit note, which never reached the customer. Its number stays used."""
    require_voidable(note)
    require(invoice, Action.CREDIT)
    return _canceled(note, moment), balanced(_without(invoice, note, credited, moment)), credited.voided(moment.at)


def voided_alone[C: InvoiceSummary](note: C, *, moment: Moment) -> C:
    """A voided credit note without an invoice, which was neither refunded nor applied."""
    require_voidable(note)
    if note.refund_due != owed_total(note):
        raise InvalidState(
            "The credit is already refunded or applied; reverse that first.", allowed_actions=allowed_actions(note)
        )
    return balanced(_canceled(note, moment), paid=from_minor(0, note.currency))


def require_voidable(note: InvoiceSummary) -> None:
    """Refuse to void a document that the customer has (`CREDIT_NOTE_SENT`)."""
    require(note, Action.CANCEL)
    if note.sent_at is not None:
        raise CreditNoteSent


def _canceled[C: InvoiceSummary](document: C, moment: Moment) -> C:
    facts = {
        "status": Status.CANCELED,
        "canceled_at": moment.at,
        **moment.updated,
    }
    return document.model_copy(update=facts)


def _without[I: InvoiceSummary](invoice: I, document: InvoiceSummary, credited: Credited, moment: Moment) -> I:
    """The invoice without the credits of that document."""
    taken = min(invoice.cash_discount_taken + credited.cash_discount, invoice.cash_discount_granted)
    facts = {
        "credited": invoice.credited - owed_total(document),
        "cash_discount_taken": taken,
        **moment.updated,
    }
    return invoice.model_copy(update=facts)
