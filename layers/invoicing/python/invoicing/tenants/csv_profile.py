"""How a bank writes its CSV files."""

from typing import Annotated, Literal

from pydantic import Field

from invoicing.core.model import CurrencyCode, Value

_Column = Annotated[int, Field(ge=1, le=200)]
_Marks = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=20)], ...], Field(max_length=10)]


class CsvColumns(Value):
    """Numbers of the columns, the first one being 1."""

    booked_on: _Column
    """Column of the booking date."""
    amount: _Column
    """Column of the amount; with `two_columns`, of the amounts that came in."""
    debit: _Column | None = None
    """With `two_columns`: column of the amounts that went out."""
    sign: _Column | None = None
    """With `column`: column that distinguishes credits and debits."""
    value_date: _Column | None = None
    """Column of the value date."""
    currency: _Column | None = None
    """Column of the currency."""
    name: _Column | None = None
    """Column of the other party's name."""
    iban: _Column | None = None
    """Column of the other party's IBAN."""
    bic: _Column | None = None
    """Column of the other party's BIC."""
    remittance: _Column | None = None
    """Column of the payer's text."""
    end_to_end_id: _Column | None = None
    """Column of the end-to-end identifier."""
    mandate_reference: _Column | None = None
    """Column of the mandate of a direct debit."""
    payment_information_id: _Column | None = None
    """Column of the batch that a payment was ordered with, or of its file."""
    return_code: _Column | None = None
    """Column of the reason of a return, such as `AC04`. An empty cell is no return."""


class CsvProfile(Value):
    """How a bank writes its CSV files."""

    delimiter: Literal[";", ",", "\t", "|"] = ";"
    """Character between the cells."""
    encoding: Literal["utf-8", "cp1252", "cp850"] = "utf-8"
    """Encoding of the text."""
    skip: Annotated[int, Field(ge=0, le=100)] = 1
    """Number of lines before the first entry, 0 to 100."""
    decimal: Literal[",", "."] = ","
    """Decimal sign. The other one separates thousands."""
    date_format: Literal["DD.MM.YYYY", "DD.MM.YY", "DD/MM/YYYY", "MM/DD/YYYY", "YYYY-MM-DD", "YYYYMMDD"] = "DD.MM.YYYY"
    """Form of the dates."""
    columns: CsvColumns
    """Columns that are read."""
    sign: Literal["column", "prefix", "two_columns"] = "prefix"
    """Whether a column, the sign of the amount, or the column of the amount distinguishes credits and debits."""
    debit_marks: _Marks = ("S", "D")
    """With `column`: the cells that mark a debit."""
    credit_marks: _Marks = ("H", "C")
    """With `column`: the cells that mark a credit."""
    currency: CurrencyCode = "EUR"
    """Currency of files without a column for it."""
