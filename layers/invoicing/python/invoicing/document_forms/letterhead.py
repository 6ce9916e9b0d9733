"""The pages of a letterhead, which documents are printed on."""

import json
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from invoicing import config
from invoicing.documents.pictures import drawing
from invoicing.notes.errors import UnsupportedFileType

_A4: Final = (595.28, 841.89)
_TOLERANCE: Final = 6
"""Points: two millimetres."""
_SIZE: Final = re.compile(r'<svg viewBox="0 0 ([0-9.]+) ([0-9.]+)"')


def pages_of(pdf: bytes) -> list[bytes]:
    """The pages of a PDF as SVG: outlines and pictures, without fonts, scripts, links and form fields.

    PDF/A allows no other PDF within it, whose fonts, colors and transparency would have to conform too. Refuses files
    that cannot be drawn, and those that would make documents too large.
    """
    pages = _drawn(pdf)
    if not 0 < len(pages) <= drawing.MOST_PAGES:
        raise _unsuitable(f"A letterhead has one or {drawing.MOST_PAGES} pages.")
    for page in pages:
        found = _SIZE.match(page)
        size = tuple(map(float, found.groups())) if found else (0.0, 0.0)
        if any(abs(one - other) > _TOLERANCE for one, other in zip(size, _A4, strict=True)):
            raise _unsuitable("The pages of a letterhead must have the size A4, upright.")
    return [page.encode() for page in pages]


def _drawn(pdf: bytes) -> list[str]:
    if not pdf.startswith(b"%PDF-"):
        raise _unsuitable("A letterhead must be a PDF file.")
    environment = config.library_paths() | {"PYTHONPATH": ":".join(sys.path)}
    with TemporaryDirectory() as folder:
        (Path(folder) / drawing.FILE).write_bytes(pdf)
        program = [sys.executable, drawing.__file__, folder, str(drawing.MEMORY)]
        done = subprocess.run(program, capture_output=True, check=False, env=environment)  # noqa: S603 — our own
    if done.returncode != 0:
        reason = "it is encrypted." if b"encrypted" in done.stderr else "it is damaged, or too complex to be printed."
        raise _unsuitable(f"The PDF cannot be used: {reason}")
    pages: list[str] = json.loads(done.stdout)
    return pages


def _unsuitable(detail: str) -> UnsupportedFileType:
    return UnsupportedFileType(detail, pointer="/file")
