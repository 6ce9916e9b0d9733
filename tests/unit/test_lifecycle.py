"""What can be done in which state: B20."""

import pytest

from invoicing.domain.errors import InvalidState
from invoicing.domain.lifecycle import Action, Status, allowed_actions, require


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("action", Action)
def test_what_is_not_allowed_is_refused_and_the_rest_is_named(status: Status, action: Action) -> None:
    allowed = allowed_actions(status)
    if action in allowed:
        require(status, action)
        return
    with pytest.raises(InvalidState) as refused:
        require(status, action)
    assert refused.value.allowed_actions == tuple(allowed)


def test_only_drafts_change_or_go() -> None:
    for action in (Action.UPDATE, Action.DELETE, Action.FINALIZE):
        assert [status for status in Status if action in allowed_actions(status)] == [Status.DRAFT]
