"""How a tenant's bank transactions are matched with its documents, and how it collects amounts by direct debit."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from invoicing.core.model import Amount, Value

Alphabet = Literal["basic", "german"]
"""Characters in files: `basic` is the Latin alphabet of the European Payments Council; `german` also has the umlauts, ß
and `&*$%`, which banks in Germany and Austria accept."""

SEPA_COUNTRIES = frozenset(
    [
        *("AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GI", "GR", "HR"),
        *("HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK", "MT", "NL", "NO", "PL", "PT", "RO"),
        *("RS", "SE", "SI", "SK", "SM", "VA"),
    ]
)
"""The countries whose accounts take part in direct debits and transfers of SEPA."""


class BankMatching(Value):
    """Settings of the allocation of bank transactions by rule."""

    auto: Literal["certain", "likely", "off"] = "certain"
    """Transactions that are allocated by rule.

    `certain`: those that name documents of one customer and have exactly their amount. `likely`: also part payments of
    documents that they name. `off`: none. All others are suggested.
    """
    small_difference: Annotated[Amount, Field(ge=0, le=10)] = Decimal("0.00")
    """Most that a transaction can be less than the amount due on the documents that it names, 0 to 10 in their
    currency. Then it is a `certain` match, and the rest is closed with the reason `small_difference`."""


class CollectionSettings(Value):
    """Settings of direct debits and of the files for the bank."""

    prenotification_days: Annotated[int, Field(ge=1, le=14)] = 14
    """Days between the announcement of a direct debit and its day, 1 to 14. Fewer than 14 require the agreement of the
    customers."""
    cutoff: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["12:00"])] | None = None
    """Time of day in the tenant's time zone from which the bank executes a file one day later, such as `12:00`. Null if
    the bank accepts files all day."""
    first_as_frst: bool = False
    """Whether the first direct debit of a recurrent mandate has the sequence type `FRST`. Banks do
    not require it any more."""
    one_batch_per_file: bool = False
    """Whether each batch of payments is a file of its own, because the bank accepts one batch in a file."""
    alphabet: Alphabet = "basic"
    """Characters that the bank accepts in files. All others are transliterated."""
    settles_after_days: Annotated[int, Field(ge=1, le=30)] = 5
    """TARGET days after its day on which a direct debit or credit transfer counts as paid, if no statement of the bank
    shows it before, 1 to 30."""
    pass_on_return_charges: bool = False
    """Whether the charges of the bank for a returned direct debit become a fee for the customer."""
    retry_returned: bool = False
    """Whether a direct debit that was returned for lack of funds or without a reason (`AM04`, `MS02`, `MS03`) is
    collected once more, at the earliest 5 TARGET days later."""
