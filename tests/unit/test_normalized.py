"""Normalized text has the normal form of Unicode, and long runs of combining marks are sorted in linear time."""

import unicodedata
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.core import model
from invoicing.core.model import normalized

MARKS = "\u0301\u0316\u0345\u05b0\u0f71\u0f72\u0f74\u0344\u0340\u0f73\u0f75\u0f81"
LETTERS = "ae\u00e4\u1e69\u0915\uac00\u1100\u1161\u0f40 "


@given(st.text(st.sampled_from(MARKS + LETTERS) | st.characters(), max_size=60))
def test_text_is_in_the_normal_form_of_unicode(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, "_FEW_MARKS", 0)
        assert normalized(text) == unicodedata.normalize("NFC", text)


def test_every_character_made_of_marks_is_known() -> None:
    made_of_marks = [
        code
        for code in range(0x110000)
        if not unicodedata.combining(chr(code)) and unicodedata.combining(unicodedata.normalize("NFD", chr(code))[0])
    ]
    assert made_of_marks == sorted(model._MARKS_IN_ONE)


@pytest.mark.parametrize("marks", ["\u0301\u0316", "\u0316\u0f73", "\u0f81\u0f75"], ids=ascii)
def test_a_hundred_thousand_marks_are_sorted_before_python(marks: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own sorting needs a step for each pair in the wrong order: none is left for it."""
    given: list[str] = []

    class Recorded:
        combining = staticmethod(unicodedata.combining)

        @staticmethod
        def is_normalized(*_: Any) -> bool:
            return False

        @staticmethod
        def normalize(_: str, text: str) -> str:
            given.append(text)
            return text

    monkeypatch.setattr(model, "unicodedata", Recorded)
    normalized(f"a{marks * 50_000}b")
    [text] = given
    classes = [unicodedata.combining(character) for character in text[1:-1]]
    assert all(one <= other for one, other in pairwise(classes))
    assert len(classes) >= 100_000
