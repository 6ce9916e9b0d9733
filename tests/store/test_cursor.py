"""Cursors: opaque, tamper-proof, bound to their list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.core.errors import Invalid
from invoicing.store.cursor import sign, verify


@given(st.text(), st.lists(st.text()), st.text(min_size=1))
def test_a_cursor_decodes_to_its_position(position: str, bound_to: list[str], secret: str) -> None:
    cursor = sign(position, bound_to=bound_to, secret=secret)
    assert verify(cursor, bound_to=bound_to, secret=secret) == position


def test_no_other_text_is_a_cursor() -> None:
    cursor = sign('["a", "b"]', bound_to=["ten_1"], secret="s")
    others = {cursor[:place] + "A" + cursor[place + 1 :] for place in range(len(cursor) - 1)} - {cursor}
    for other in (*others, "", "!", cursor[:-2], cursor + cursor, "é"):
        with pytest.raises(Invalid):
            verify(other, bound_to=["ten_1"], secret="s")


@pytest.mark.parametrize(("bound_to", "secret"), [(["ten_2"], "s"), (["ten_1"], "t"), ("ten_1", "s")])
def test_a_cursor_of_another_list_is_refused(bound_to: object, secret: str) -> None:
    with pytest.raises(Invalid):
        verify(sign("x", bound_to=["ten_1"], secret="s"), bound_to=bound_to, secret=secret)


@pytest.mark.parametrize("foreign", ["!!!!", "    ", "\n\n\n\n", "%%%%", "++++"])
def test_foreign_characters_in_a_cursor_are_refused(foreign: str) -> None:
    cursor = sign('["a", "b"]', bound_to=["ten_1"], secret="s")
    with pytest.raises(Invalid):
        verify(cursor[:9] + foreign + cursor[9:], bound_to=["ten_1"], secret="s")


def test_the_order_of_filters_does_not_matter() -> None:
    cursor = sign("x", bound_to=[{"status": "open", "limit": 25}], secret="s")
    assert verify(cursor, bound_to=[{"limit": 25, "status": "open"}], secret="s") == "x"
