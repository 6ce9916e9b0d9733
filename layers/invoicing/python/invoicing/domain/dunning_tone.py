"""How firm a reminder or dunning letter is."""

from typing import Literal

Tone = Literal["reminder", "reminder_again", "dunning_first", "dunning", "dunning_urgent"]
_URGENT = 3


def tone_of(kind: Literal["reminder", "dunning"], level: int) -> Tone:
    """The tone of a level: only a letter that follows another one mentions it, and only from the third on it warns."""
    if kind == "reminder":
        return "reminder" if level == 1 else "reminder_again"
    if level == 1:
        return "dunning_first"
    return "dunning" if level < _URGENT else "dunning_urgent"
