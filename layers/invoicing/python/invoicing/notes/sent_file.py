"""Files on their way in. Apart from what looks into them, which only those load that are sent some."""

from typing import NamedTuple


class SentFile(NamedTuple):
    """A file as a client sent it."""

    name: str
    content_type: str
    content: bytes
