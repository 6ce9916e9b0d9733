"""Which obstacles of dunning were published as events, so that each run does not publish them again."""

from datetime import datetime
from typing import Literal, Self

from invoicing.core.model import Aggregate
from invoicing.dunning.step import Obstacle

NEEDS_ACTION: frozenset[Obstacle] = frozenset(
    {"base_rate_missing", "address_missing", "address_suppressed", "sender_missing", "email_limit_reached"}
)
"""Obstacles of dunning that no user chose, so that a user has to correct them."""


class DunningSkip(Aggregate):
    """The record that an invoice does not reach a level for a reason. It exists once for each of the three."""

    object: Literal["dunning_skip"] = "dunning_skip"
    invoice_id: str
    level: int
    reason: Obstacle

    @classmethod
    def of(cls, invoice_id: str, level: int, reason: Obstacle, at: datetime) -> Self:
        """The record of an obstacle."""
        id_ = skip_id(level, reason)
        return cls(id=id_, invoice_id=invoice_id, level=level, reason=reason, created_at=at, updated_at=at)


def skip_id(level: int, reason: Obstacle) -> str:
    """The id that is the same each time that an invoice does not reach a level for a reason."""
    return f"{level}#{reason}"
