"""Which characters the fonts of documents can print. `infra.glyphs` writes the file from the fonts themselves."""

import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

FAMILIES: Final = (
    "IBM Plex Sans",
    "IBM Plex Sans Arabic",
    "Heebo",
    "Noto Sans CJK JP",
    "Libertinus Serif",
    "New Computer Modern",
    "DejaVu Sans Mono",
)
"""The families of `documents/templates/fonts.typ`, in its order."""
FILE: Final = Path(__file__).parent / "glyphs.bin"
PLANES: Final = 0x30000
"""Code points of the planes with living scripts, emoji and ideographs. Others are not printed."""
NOT_PRINTED: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Overrides and isolates can display 100 as 001. Right-to-left scripts need none of them."""
_JOINED: Final = "\u200d"
_INNER_ASCII: Final = re.compile(r"(?<=[\x00-\x7f])[\x00-\x7f]+(?=[\x00-\x7f])")
"""Characters that each family has, without a neighbour that could join them."""


def packed(coverage: Iterable[set[str]]) -> bytes:
    """The content of the file: one bit for each character of each family."""
    bitmaps = bytearray()
    for characters in coverage:
        bitmap = bytearray(PLANES // 8)
        for character in characters:
            bitmap[ord(character) // 8] |= 1 << ord(character) % 8
        bitmaps += bitmap
    return zlib.compress(bytes(bitmaps), 9)


def unprintable(text: str) -> str | None:
    """The first character, with its marks, that no family has; None if the whole text can be printed."""
    if text.isascii():
        return None
    shortened = _INNER_ASCII.sub("", NOT_PRINTED.sub("", text))
    return next((cluster for cluster in _clusters(shortened) if not _is_printed(cluster)), None)


def _clusters(text: str) -> Iterator[str]:
    """Each character with the marks and joiners that follow it, which one font has to draw together."""
    cluster = ""
    for character in text:
        joined = character == _JOINED or cluster.endswith(_JOINED) or unicodedata.category(character)[0] == "M"
        if cluster and not joined:
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


@cache
def _is_printed(cluster: str) -> bool:
    return cluster.isspace() or any(all(_has(bitmap, one) for one in cluster) for bitmap in _bitmaps())


def _has(bitmap: bytes, character: str) -> bool:
    code = ord(character)
    return code < PLANES and bool(bitmap[code // 8] >> code % 8 & 1)


@cache
def _bitmaps() -> tuple[bytes, ...]:
    every = zlib.decompress(FILE.read_bytes())
    size = PLANES // 8
    return tuple(every[start : start + size] for start in range(0, len(every), size))
