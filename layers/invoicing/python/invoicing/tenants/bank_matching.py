"""How a tenant's bank transactions are matched with its documents."""

from typing import Literal

from invoicing.core.model import Value


class BankMatching(Value):
    """Settings of the allocation of bank transactions by rule."""

    auto: Literal["certain", "likely", "off"] = "certain"
    """Transactions that are allocated by rule.

    `certain`: those that name documents of one customer and have exactly their amount. `likely`: also part payments of
    documents that they name. `off`: none. All others are suggested.
    """
