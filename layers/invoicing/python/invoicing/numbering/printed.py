"""Numbers of documents in free text, found by the pattern of their series.

Payers and banks break texts at any place and omit separators, so spaces, dashes and slashes do not matter. A number is
only found as a whole: `10` is neither in `2010` nor in `20-10` or `10,50`.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from invoicing.numbering.model import LONGEST_COUNT, parts_of

_IGNORED = r"[\s/\u2013-]{0,3}"
_SEPARATORS = r"[\s/_.|\u2013-]{0,3}"
"""The separators of patterns, and those that payers write in place of them."""
_ALIKE = r"[^\W_]"
"""A letter or digit of any script."""
_JOINT = r"[/.,:'+_]"
"""A character that joins two digits to an amount, a date or another number."""
_CURRENCY = r"(?!\s?(?:[€$£%]|(?:EUR|USD|GBP|CHF)\b))"
_DIGITS_OF_DATES = {"yyyy": 4, "yy": 2, "mm": 2, "dd": 2}


class PrintedNumber(NamedTuple):
    """A number as its series prints it, and its place in the text."""

    number: str
    start: int
    end: int


class _Form(NamedTuple):
    expression: re.Pattern[str]
    template: tuple[str | None, ...]
    """The number: its fixed texts, and None for each part that the text gives."""


def readings(pattern: str, text: str) -> Iterator[PrintedNumber]:
    """Every number of a pattern that a text can contain. Most of them are numbers of no document."""
    for form in _forms(pattern):
        for match in form.expression.finditer(text):
            found = iter(match.groups())
            parts = [re.sub(r"\D", "", next(found)) if one is None else one for one in form.template]
            yield PrintedNumber("".join(parts), match.start(), match.end())


@lru_cache(maxsize=256)
def _forms(pattern: str) -> tuple[_Form, ...]:
    """The expressions of a pattern, one for each length of its counter."""
    least = next(int(width or 1) for _, name, width in parts_of(pattern) if name == "n")
    return tuple(_form(pattern, digits, least) for digits in range(least, LONGEST_COUNT + 1))


def _form(pattern: str, digits: int, least: int) -> _Form:
    whole = ""
    template: list[str | None] = []
    kinds: list[bool] = []
    between = ""
    for character, name, _ in parts_of(pattern):
        template.append(None if name else character)
        if not (name or character.isalnum()):
            between = _SEPARATORS if whole else ""
            continue
        piece = re.escape(character)
        if name:
            count = digits if name == "n" else _DIGITS_OF_DATES[name]
            # A counter that is longer than its pattern does not begin with a zero.
            first = "[1-9]" if name == "n" and digits > least else "[0-9]"
            piece = f"({_IGNORED.join([first, *['[0-9]'] * (count - 1)])})"
        whole += between + piece
        between = _IGNORED
        kinds.append(bool(name) or character.isdigit())
    return _Form(re.compile(_before(kinds) + whole + _after(kinds), re.IGNORECASE), tuple(template))


def _before(kinds: list[bool]) -> str:
    """The characters that may not be in front of a number. `kinds`: which of its characters are digits."""
    found = rf"(?<!{_ALIKE})(?<!{_ALIKE}[\u2013-])"
    if kinds[0]:
        found += f"(?<![0-9]{_JOINT})"
    return found + (rf"(?<![0-9]\s)(?<!{_ALIKE}/)" if all(kinds) else "")


def _after(kinds: list[bool]) -> str:
    """The characters that may not follow a number."""
    found = rf"(?!{_ALIKE})(?![\u2013-]{_ALIKE})"
    if kinds[-1]:
        found += f"(?!{_JOINT}[0-9])"
    return found + (rf"(?!\s[0-9])(?!/{_ALIKE}){_CURRENCY}" if all(kinds) else "")
