"""Writes the file with the characters that the fonts of documents contain.

    uv run python -m infra.glyphs

The typesetter itself reports them for each family, so that the file agrees with printed documents.
"""

import json
import unicodedata
from collections.abc import Iterable
from typing import Final

import typst

from invoicing.documents.pdf import compile_alone, missing_in
from invoicing.issuing.glyphs import FAMILIES, FILE, PLANES, packed

_AT_ONCE: Final = 4_000
_NEVER_PRINTED: Final = {"Cn", "Cs", "Co", "Cc"}


def assigned() -> list[str]:
    """All characters of Unicode that a font may have."""
    return [chr(code) for code in range(PLANES) if unicodedata.category(chr(code)) not in _NEVER_PRINTED]


def printed(family: str, characters: Iterable[str]) -> set[str]:
    """Those of the characters that a family has."""
    every = list(characters)
    found: set[str] = set()
    for start in range(0, len(every), _AT_ONCE):
        part = every[start : start + _AT_ONCE]
        try:
            compile_alone(part, family)
        except typst.TypstError as error:
            found |= set(part) - missing_in(error, set(part))
        else:
            found |= set(part)
    return found


def main() -> None:
    """Query every character of every family."""
    every = assigned()
    coverage = [printed(family, every) for family in FAMILIES]
    FILE.write_bytes(packed(coverage))
    print(json.dumps(dict(zip(FAMILIES, map(len, coverage), strict=True))))  # noqa: T201 — a tool


if __name__ == "__main__":
    main()
