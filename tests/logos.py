"""Logos for letters."""

import base64
import io

import pikepdf
from PIL import Image


def png(width: int = 240, height: int = 80, color: tuple[int, int, int] = (20, 90, 160)) -> bytes:
    """A picture of one colour."""
    made = io.BytesIO()
    Image.new("RGB", (width, height), color).save(made, "PNG")
    return made.getvalue()


def base64_of(image: bytes) -> str:
    return base64.b64encode(image).decode()


def pictures(file: bytes) -> list[tuple[int, int]]:
    """Width and height of each picture in a PDF."""
    with pikepdf.open(io.BytesIO(file)) as pdf:
        streams = (one for one in pdf.objects if isinstance(one, pikepdf.Stream))
        return [(int(one.Width), int(one.Height)) for one in streams if one.get("/Subtype") == "/Image"]
