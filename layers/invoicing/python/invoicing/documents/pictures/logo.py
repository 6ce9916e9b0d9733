"""The picture at the head of letters."""

import base64
from typing import Final

from invoicing.notes.errors import UnsupportedFileType

MOST_PIXELS: Final = 2_000
"""Pixels per side: in the printed size, 600 per centimetre and more. A small file can contain far more."""
_WIDEST, _HIGHEST = 80, 15
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


def size_of(png: bytes) -> tuple[int, int]:
    """Width and height in pixels. Refuses files other than PNG and unsuitable sizes."""
    width, height = int.from_bytes(png[16:20]), int.from_bytes(png[20:24])
    if not png.startswith(_SIGNATURE) or not (0 < width <= MOST_PIXELS and 0 < height <= MOST_PIXELS):
        raise UnsupportedFileType(
            f"A logo must be a PNG of at most {MOST_PIXELS} × {MOST_PIXELS} pixels.", pointer="/image"
        )
    return width, height


def on_letter(png: bytes) -> dict[str, str]:
    """The logo for the template: the picture as SVG, because the template needs text, and its width in millimetres."""
    width, height = size_of(png)
    image = f'<image width="{width}" height="{height}" href="data:image/png;base64,{base64.b64encode(png).decode()}"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">{image}</svg>'
    return {"logo": svg, "logo_width": f"{min(_WIDEST, _HIGHEST * width / height):.2f}"}
