"""The characters that banks accept in SEPA files. A letter that a file cannot have is transliterated, never dropped."""

# ruff: noqa: RUF001 — the letters of other alphabets are meant.

import re
import unicodedata
from typing import Final

from invoicing.tenants.banking import Alphabet

LONGEST_NAME: Final = 70
LONGEST_REMITTANCE: Final = 140
LONGEST_REFERENCE: Final = 35
NOT_PROVIDED: Final = "NOTPROVIDED"
"""The text in place of one without a single character that a file can have."""

_BASIC = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-?:().,'+ ")
_ALPHABETS: dict[Alphabet, frozenset[str]] = {"basic": _BASIC, "german": _BASIC | frozenset("ÄÖÜäöüß&*$%")}
_ASCII = frozenset(one for one in _BASIC if one.isalnum())
_LETTER = re.compile(r"(?:LETTER|SYLLABLE|CHARACTER|LIGATURE) (?:FINAL |DOTLESS )?([A-Z]+)")

_GREEK = "Α A Β V Γ G Δ D Ε E Ζ Z Η I Θ TH Ι I Κ K Λ L Μ M Ν N Ξ X Ο O Π P Ρ R Σ S Τ T Υ Y Φ F Χ CH Ψ PS Ω O"
_CYRILLIC = (
    "А A Б B В V Г G Д D Е E Ж ZH З Z И I К K Л L М M Н N О O П P Р R С S Т T У U Ф F Х H Ц TS Ч CH Ш SH Щ SHT Ъ A "
    "Ы Y Ь Y Э E Ю YU Я YA Є YE І I Ђ DJ Ј J Љ LJ Њ NJ Ћ C Џ DZ Ґ G"
)
_LATIN = "Ä AE Ö OE Ü UE ẞ SS Þ TH Ð D Ŋ NG Ə E Æ AE Œ OE Ø O"


def _pairs(text: str) -> dict[str, str]:
    """Capitals with their transliterations, and the same for small letters."""
    words = text.split()
    pairs = dict(zip(words[::2], words[1::2], strict=True))
    small = {letter.lower(): written.lower() for letter, written in pairs.items()}
    return {letter: written.capitalize() for letter, written in pairs.items()} | small


_WRITTEN = {
    **_pairs(f"{_GREEK} {_CYRILLIC} {_LATIN}"),
    "ς": "s", "€": "E", "@": "(at)", "ẞ": "SS",
}  # fmt: skip


def written(text: str, longest: int, alphabet: Alphabet = "basic") -> str:
    """A text in the characters of files, in one line and cut to a number of characters."""
    accepted = _ALPHABETS[alphabet]
    parts = (one if one in accepted else _transliterated(one, alphabet) for one in unicodedata.normalize("NFC", text))
    line = " ".join("".join(parts).split())
    return line[:longest].rstrip() or NOT_PROVIDED


def _transliterated(character: str, alphabet: Alphabet) -> str:
    if character in _WRITTEN:
        return _WRITTEN[character]
    if character == "_" and alphabet == "german":
        return "-"
    category = unicodedata.category(character)
    if category[0] == "L":
        return _letter(character)
    if category[0] == "N":
        return "".join(filter(_BASIC.__contains__, unicodedata.normalize("NFKD", character))) or _digit(character)
    if category in ("Pd", "Pi", "Pf"):
        return "-" if category == "Pd" else "'"
    # Marks belong to the letter before, and formats such as the byte order mark are invisible.
    return "" if category[0] == "M" or category == "Cf" else " "


def _letter(character: str) -> str:
    """A letter by its parts, such as the one below an accent, or else by its name in Unicode."""
    name = unicodedata.name(character, "")
    if "HANGUL SYLLABLE" not in name:
        base = "".join(one for one in unicodedata.normalize("NFKD", character) if one in _ASCII or one in _WRITTEN)
        if base:
            return "".join(_WRITTEN.get(one, one) for one in base)
    found = _LETTER.search(name)
    # Ideographs have no name that can be read.
    spoken = found[1] if found else "."
    return spoken if "CAPITAL" in name else spoken.lower()


def _digit(character: str) -> str:
    value = unicodedata.numeric(character, -1.0)
    return f"{value:.0f}" if value >= 0 and value == int(value) else "."
