"""The part of a period that is charged."""

from typing import NamedTuple


class Share(NamedTuple):
    """The days that are charged, of the days of the full period that contains them."""

    days: int
    of: int

    @property
    def is_whole(self) -> bool:
        """Whether the full period is charged."""
        return self.days == self.of
