"""Mails."""

from typing import NamedTuple


class Mail(NamedTuple):
    """A mail, ready to be sent."""

    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
