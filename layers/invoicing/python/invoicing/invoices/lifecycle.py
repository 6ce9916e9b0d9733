"""The lifecycle of documents: which action is allowed in which state, and the state after it.

Refusals, the documentation of the API and the diagram of the README follow from it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, Protocol

from invoicing.invoices.errors import InvalidState

DocumentType = Literal["invoice", "credit_note", "cancellation"]
"""One of `invoice`, `credit_note` or `cancellation`."""


StatedType = Literal["204", "326", "380", "384", "386", "387", "389", "393", "575", "751", "875", "876", "877"]
"""Type of an invoice by UNTDID 1001: `204` payment valuation, `326` partial, `380` commercial, `384` corrected, `386`
prepayment, `387` hire, `389` self-billed, `393` factored, `575` insurer's, `751` information for accounting, `875`
partial construction, `876` partial final construction, `877` final construction."""
TypeCode = Literal[StatedType, "261"]
"""The same, with `261` for credit notes and cancellations of self-billed invoices."""


class Status(StrEnum):
    """Status of a document. `overdue` is no status: it follows from the due date."""

    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    CANCELED = "canceled"
    CLOSED = "closed"


class Action(StrEnum):
    """An action, as `allowed_actions` names it."""

    UPDATE = "update"
    DELETE = "delete"
    PREVIEW = "preview"
    DUPLICATE = "duplicate"
    SET_PAYMENT_METHOD = "set_payment_method"
    FINALIZE = "finalize"
    PAY = "pay"
    REFUND = "refund"
    REVERSE = "reverse_payment"
    CREDIT = "credit"
    CANCEL = "cancel"
    CORRECT = "correct"
    REACTIVATE = "reactivate"
    CLOSE = "close"
    SEND = "send"
    SET_DUNNING = "set_dunning"
    LINK = "create_download_link"
    GET_XML = "get_xml"
    RENDER = "render"
    COMMENT = "comment"


class Document(Protocol):
    """The facts of a document that decide about its actions."""

    @property
    def type(self) -> DocumentType:
        """Invoice, credit note or cancellation."""

    @property
    def status(self) -> Status:
        """Its status."""


Moves = Mapping[Status, tuple[Status, ...]]
"""The next state of an action from each state that allows it."""
_DRAFT, _OPEN, _PAID, _CANCELED, _CLOSED = Status


def _stays(*states: Status) -> Moves:
    return {state: (state,) for state in states}


_DRAFTED: Mapping[Action, Moves] = {
    Action.UPDATE: _stays(_DRAFT),
    Action.DELETE: {_DRAFT: ()},
    Action.PREVIEW: _stays(_DRAFT),
    Action.FINALIZE: {_DRAFT: (_OPEN, _PAID)},
}
_ISSUED: Mapping[Action, Moves] = {
    Action.SEND: _stays(_OPEN, _PAID, _CANCELED, _CLOSED),
    Action.LINK: _stays(_OPEN, _PAID, _CANCELED, _CLOSED),
    Action.GET_XML: _stays(_OPEN, _PAID, _CANCELED, _CLOSED),
    Action.RENDER: _stays(_OPEN, _PAID, _CANCELED, _CLOSED),
    Action.COMMENT: _stays(*Status),
}
_CANCELED_WITH: Moves = {_OPEN: (_CANCELED,), _PAID: (_CANCELED,), _CLOSED: (_CANCELED,)}
LIFECYCLE: Mapping[DocumentType, Mapping[Action, Moves]] = {
    "invoice": {
        **_DRAFTED,
        Action.SET_PAYMENT_METHOD: _stays(_DRAFT, _OPEN),
        Action.SET_DUNNING: _stays(*Status),
        Action.DUPLICATE: _stays(*Status),
        Action.PAY: {_OPEN: (_OPEN, _PAID), _PAID: (_PAID,), _CLOSED: (_CLOSED, _PAID)},
        Action.REFUND: _stays(_OPEN, _PAID, _CANCELED, _CLOSED),
        Action.REVERSE: {
            _OPEN: (_OPEN, _PAID),
            _PAID: (_PAID, _OPEN, _CLOSED),
            _CANCELED: (_CANCELED,),
            _CLOSED: (_CLOSED, _PAID),
        },
        Action.CREDIT: {_OPEN: (_OPEN, _PAID, _CLOSED), _PAID: (_PAID,), _CLOSED: (_CLOSED, _PAID)},
        Action.CANCEL: _CANCELED_WITH,
        Action.CORRECT: _CANCELED_WITH,
        Action.REACTIVATE: {_CANCELED: (_OPEN, _PAID), _CLOSED: (_OPEN, _PAID)},
        Action.CLOSE: {_OPEN: (_CLOSED,), _PAID: (_CLOSED,)},
        **_ISSUED,
    },
    # A credit note is open until its amount is refunded or applied. Canceling voids it.
    "credit_note": {
        **_DRAFTED,
        Action.SET_PAYMENT_METHOD: _stays(_DRAFT, _OPEN),
        Action.REFUND: {_OPEN: (_OPEN, _PAID)},
        Action.REVERSE: {_OPEN: (_OPEN,), _PAID: (_OPEN,)},
        Action.CANCEL: {_OPEN: (_CANCELED,), _PAID: (_CANCELED,)},
        **_ISSUED,
    },
    # Its invoice decides about its status.
    "cancellation": _ISSUED,
}


def allowed_actions(document: Document, *, but: Action | None = None) -> tuple[Action, ...]:
    """The actions that a document allows in its present state, without one that another rule refuses."""
    moves = LIFECYCLE[document.type].items()
    return tuple(action for action, states in moves if document.status in states and action is not but)


def require(document: Document, action: Action) -> None:
    """Refuse actions that the state does not allow (`INVALID_STATE`). The error names the allowed ones."""
    allowed = allowed_actions(document)
    if action not in allowed:
        kind = document.type.replace("_", " ")
        raise InvalidState(f"The {kind} is {document.status}; {action} is not allowed.", allowed_actions=allowed)


CloseReason = Literal["write_off", "small_difference", "settled_elsewhere", "other"]
"""One of `write_off`, `small_difference`, `settled_elsewhere` or `other`."""
