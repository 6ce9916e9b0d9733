"""Small inputs that become large when they are read."""

import io
import struct
import zipfile
import zlib

from tests.logos import png

INFLATED = 100_000_000
"""Bytes in each compressed bomb of 100 kB."""
_MILLION = 1_000_000
_HEADER = 33
"""Length of a PNG's signature and its first chunk, which has the size of the picture."""

STRINGS = {
    "digits": "9" * 20_000,
    "zeros after the point": f"0.{'0' * 20_000}1",
    "exponent": "1e999999",
    "letters": "a" * 20_000,
    "spaces": f"{' ' * 20_000}x",
    "line breaks": f"x{'\n' * 20_000}x",
    "combining marks": f"a{'\u0301\u0316' * 50_000}",
    "joined emoji": "👩\u200d" * 10_000,
    "directions": "\u202e\u2066" * 10_000,
    "brackets": "(" * 20_000,
    "tags": "<b>" * 7_000,
    "entities": "&amp;" * 4_000,
    "address": f"{'a.' * 10_000}@{'b.' * 10_000}de",
    "link": f"https://{'a.' * 10_000}de",
    "identifier": f"DE{'0' * 20_000}",
}
"""Long texts that could exhaust a parser, a regular expression, a check digit or a font."""
NUMBERS = {
    "huge exponent": b"1e999999",
    "tiny": b"1e-999999",
    "five thousand digits": b"9" * 5_000,
    "a hundred thousand decimals": b"0." + b"1" * 100_000,
    "infinity": b"Infinity",
    "no number": b"NaN",
    "negative zero": b"-0",
}
"""JSON numbers beyond any type."""


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pictures() -> dict[str, bytes]:
    """Small PNG files, each with one chunk that inflates to 100 MB."""
    plain = png()
    head, rest = plain[:_HEADER], plain[_HEADER:]
    bomb = zlib.compress(bytes(INFLATED), 9)
    return {
        "profile": head + _chunk(b"iCCP", b"x\0\0" + bomb) + rest,
        "text": head + _chunk(b"zTXt", b"x\0\0" + bomb) + rest,
        "international text": head + _chunk(b"iTXt", b"x\0\1\0\0\0" + bomb) + rest,
        "more pixels than declared": head + _chunk(b"IDAT", bomb) + _chunk(b"IEND", b""),
    }


def document() -> bytes:
    """A small .docx file, each part of which inflates to 100 MB."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", "word/document.xml"):
            archive.writestr(name, bytes(INFLATED))
    return made.getvalue()


def deflated(megabytes: int) -> bytes:
    """A stream of zeros, compressed twice."""
    once, twice = zlib.compressobj(9), zlib.compressobj(9)
    parts = [once.compress(bytes(_MILLION)) for _ in range(megabytes)]
    return twice.compress(b"".join([*parts, once.flush()])) + twice.flush()
