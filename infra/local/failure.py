"""Failures of this machine, each with a message of one line."""

import re


class LocalError(Exception):
    """A failure that the user can correct. Its text is the whole message."""


def last_line(text: str) -> str:
    """The last line of a program's output, which has the reason of its failure."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    # Of our own exceptions only the message is meant for people.
    return re.sub(r"^(\w+\.)+\w+: ", "", lines[-1]) if lines else "it said nothing."
