"""The one table of states and actions: B20, E31, E40."""

from typing import NamedTuple

import pytest

from invoicing.invoices.errors import InvalidState
from invoicing.invoices.lifecycle import LIFECYCLE, Action, DocumentType, Status, allowed_actions, require


class Document(NamedTuple):
    """A document in the given state."""

    type: DocumentType
    status: Status


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("type_", LIFECYCLE)
def test_a_refusal_names_the_allowed_actions(type_: DocumentType, status: Status) -> None:
    document = Document(type_, status)
    allowed = allowed_actions(document)
    for action in allowed:
        require(document, action)
    for action in set(Action) - set(allowed):
        with pytest.raises(InvalidState) as refused:
            require(document, action)
        assert refused.value.allowed_actions == allowed


def test_only_drafts_can_be_changed_or_deleted() -> None:
    for moves in LIFECYCLE.values():
        for action in (Action.UPDATE, Action.DELETE, Action.FINALIZE):
            assert set(moves.get(action, {})) <= {Status.DRAFT}
        for action, steps in moves.items():
            back = {state for state, targets in steps.items() if Status.DRAFT in targets}
            assert back <= {Status.DRAFT}, f"{action} makes a draft of what was issued"


def test_issued_documents_can_be_commented_and_downloaded() -> None:
    for type_ in LIFECYCLE:
        for status in set(Status) - {Status.DRAFT}:
            assert {Action.LINK, Action.COMMENT} <= set(allowed_actions(Document(type_, status)))


def test_credit_notes_and_cancellations_cannot_be_credited() -> None:
    for type_ in ("credit_note", "cancellation"):
        assert not {Action.CREDIT, Action.CORRECT, Action.PAY, Action.CLOSE} & set(LIFECYCLE[type_])
