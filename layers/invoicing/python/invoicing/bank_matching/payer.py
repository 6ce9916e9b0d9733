"""Whether two names can be of the same payer."""

import re
import unicodedata
from functools import lru_cache

_LEGAL_FORMS = frozenset({
    "ag", "gmbh", "mbh", "kg", "kgaa", "ohg", "gbr", "ug", "ek", "ev", "eg", "se", "co", "cie", "inc", "ltd", "llc",
    "plc", "corp", "bv", "nv", "sarl", "sas", "sa", "spa", "srl", "sl", "oy", "ab", "aps", "as", "haftungsbeschrankt",
    "und", "and", "et", "the", "der", "die", "das", "herr", "frau", "mr", "mrs", "ms", "dr", "prof",
})  # fmt: skip
_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa", "&": " "})
_SHORTEST_WORD = 2
_CUT = 4
"""The least letters of a word that can be cut: banks cut names at 27 to 70 characters."""


def alike(one: str | None, other: str | None) -> bool:
    """Whether each word of the shorter name is in the other one, without legal forms, titles and accents."""
    mine, theirs = _words(one), _words(other)
    few, many = sorted((mine, theirs), key=len)
    if not few or max(map(len, few)) <= _SHORTEST_WORD:
        return False
    return all(any(_same(word, found) for found in many) for word in few)


def _same(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) >= _CUT and long.startswith(short))


@lru_cache(2_000)
def _words(name: str | None) -> frozenset[str]:
    plain = unicodedata.normalize("NFKD", (name or "").casefold().translate(_LETTERS))
    words = re.findall(r"[^\W_]+", "".join(one for one in plain.replace(".", "") if not unicodedata.combining(one)))
    return frozenset(words) - _LEGAL_FORMS
