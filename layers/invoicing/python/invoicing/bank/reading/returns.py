"""Reasons of returns in the three digits of German banks (text key extensions of Annex 3 of the DFÜ agreement)."""

import re
from typing import Final

from invoicing.bank.entry import ReturnReason, returned

GERMAN_RETURNS: Final = frozenset({"108", "109", "159", "181", "182", "183"})
"""The transaction codes (GVC) of returns, such as `109` for direct debits."""
_ISO = re.compile(r"\b(A[BCGM]\d{2}|BE\d{2}|CNOR|DNOR|ED\d{2}|FF\d{2}|FOCR|M[DS]\d{2}|R[CR]\d{2}|SL\d{2}|TM\d{2})\b")
_DIGITS: Final = {
    "901": "AC01", "902": "AC04", "903": "AC06", "904": "AG01", "906": "AM04", "907": "AM05", "908": "BE04",
    "909": "MD01", "910": "MD02", "912": "MD06", "913": "MD07", "914": "MS03", "915": "RC01",
}  # fmt: skip
"""The digits that mean one code of ISO 20022. Others, whose meaning differs by bank, are passed on as they are."""


def german_reason(digits: str | None, text: str | None) -> ReturnReason | None:
    """The reason of a return: the code of the digits, else one in the text."""
    written = _ISO.search(text or "")
    return returned(_DIGITS.get(digits or "") or (written[1] if written else digits), text)
