"""What can be done to an invoice in which state: one table."""

from enum import StrEnum

from invoicing.domain.errors import InvalidState


class Status(StrEnum):
    """Where a document stands in its life. `overdue` is no state but a fact about the due date."""

    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    CANCELED = "canceled"
    CLOSED = "closed"


class Action(StrEnum):
    """What can be asked for, as `allowed_actions` names it."""

    UPDATE = "update"
    DELETE = "delete"
    FINALIZE = "finalize"
    PAY = "pay"
    REFUND = "refund"
    LINK = "create_download_link"
    COMMENT = "comment"


_ALLOWED: dict[Status, tuple[Action, ...]] = {
    Status.DRAFT: (Action.UPDATE, Action.DELETE, Action.FINALIZE, Action.COMMENT),
    Status.OPEN: (Action.PAY, Action.REFUND, Action.LINK, Action.COMMENT),
    Status.PAID: (Action.PAY, Action.REFUND, Action.LINK, Action.COMMENT),
    Status.CANCELED: (Action.REFUND, Action.LINK, Action.COMMENT),
    Status.CLOSED: (Action.PAY, Action.REFUND, Action.LINK, Action.COMMENT),
}


def allowed_actions(status: Status) -> tuple[Action, ...]:
    """What a document in this state allows."""
    return _ALLOWED[status]


def require(status: Status, action: Action) -> None:
    """Refuse what the state does not allow (`INVALID_STATE`), naming what it does."""
    if action not in _ALLOWED[status]:
        raise InvalidState(
            f"A document that is {status} does not allow: {action}.", allowed_actions=tuple(_ALLOWED[status])
        )
