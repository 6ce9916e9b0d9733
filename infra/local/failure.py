"""What can go wrong on this machine, told in one line."""

import re


class LocalError(Exception):
    """Something that the person at the keyboard can put right; its text is the whole message."""


def last_line(text: str) -> str:
    """What a program said at its end, which is where it says why it failed."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    # Of our own exceptions only the message is meant for people.
    return re.sub(r"^(\w+\.)+\w+: ", "", lines[-1]) if lines else "it said nothing."
