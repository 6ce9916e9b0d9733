"""CSV files of banks, by a profile: no column, date or sign is guessed."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from invoicing.bank.entry import (
    LONGEST_NAME,
    LONGEST_REMITTANCE,
    Counterparty,
    Direction,
    FoundEntry,
    line,
    reference,
    returned,
)
from invoicing.bank.reading.statement import FoundStatement, NotReadable, Reading, amount_of
from invoicing.tenants.csv_profile import CsvProfile

_DATES = {"DD": "%d", "MM": "%m", "YYYY": "%Y", "YY": "%y"}


class _Row:
    """The cells of a row, by their columns."""

    def __init__(self, cells: Sequence[str], profile: CsvProfile, place: str) -> None:
        self._cells = cells
        self.profile = profile
        self.place = place

    def cell(self, column: int | None) -> str | None:
        """The cell of a column, trimmed; None if it is empty or not read."""
        if column is None:
            return None
        if column > len(self._cells):
            raise NotReadable(self.place, f"the row has no column {column}")
        return self._cells[column - 1].strip() or None

    def day(self, column: int | None) -> date | None:
        """The date of a column."""
        given = self.cell(column)
        if given is None:
            return None
        form: str = self.profile.date_format
        for name, directive in _DATES.items():
            form = form.replace(name, directive)
        try:
            found = datetime.strptime(given, form).date()  # noqa: DTZ007 — a date has no zone
        except ValueError:
            raise NotReadable(
                self.place, f"column {column} has no date of the form {self.profile.date_format}"
            ) from None
        if found.strftime(form) != given and len(given) == len(self.profile.date_format):
            raise NotReadable(self.place, f"column {column} has no date of the form {self.profile.date_format}")
        return found

    def number(self, column: int | None, currency: str) -> Decimal | None:
        """The amount of a column, with its sign."""
        given = self.cell(column)
        if given is None:
            return None
        thousands = "." if self.profile.decimal == "," else ","
        plain = given.replace(thousands, "").replace("\u00a0", "").replace(" ", "").replace("'", "")
        plain = plain.replace("\u2212", "-").replace(self.profile.decimal, ".")
        if plain.endswith(("-", "+")):
            plain = plain[-1] + plain[:-1]
        return amount_of(plain, currency, f"{self.place}, column {column}")


def read_csv(content: bytes, profile: CsvProfile, place: str) -> Reading:
    """The entries of a CSV file as one statement without balances. A row that does not fit is a problem of its own."""
    statement = FoundStatement(place or "line 1", "csv", currency=profile.currency)
    for row in _rows(content, profile, place):
        try:
            statement.entries.append(_entry(row))
        except NotReadable as error:
            statement.problems.append(error)
    if not statement.entries and statement.problems:
        raise statement.problems[0]
    return Reading([statement])


def count_rows(content: bytes, profile: CsvProfile, place: str, most: int) -> int:
    """How many entries a CSV file has, up to one more than `most`. Only one row at a time is in memory."""
    return sum(1 for _ in islice(_rows(content, profile, place), most + 1))


def _rows(content: bytes, profile: CsvProfile, place: str) -> Iterator[_Row]:
    """The rows of entries: those after the heading that are not empty. A cell can have several lines."""
    try:
        text = content.decode("utf-8-sig" if profile.encoding == "utf-8" else profile.encoding)
    except UnicodeDecodeError:
        raise NotReadable(place or "line 1", f"the text is not {profile.encoding}") from None
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=profile.delimiter)
    try:
        for number, row in enumerate(rows, 1):
            if number > profile.skip and any(map(str.strip, row)):
                yield _Row(row, profile, f"{place}, row {number}" if place else f"row {number}")
    except csv.Error as error:
        raise NotReadable(place or f"line {rows.line_num}", f"the CSV is broken: {error}") from None


def _entry(row: _Row) -> FoundEntry:
    columns = row.profile.columns
    booked_on = row.day(columns.booked_on)
    if booked_on is None:
        raise NotReadable(row.place, f"column {columns.booked_on} has no date")
    currency = row.cell(columns.currency) or row.profile.currency
    direction, amount = _moved(row, currency)
    iban, code = row.cell(columns.iban), row.cell(columns.return_code)
    fields: dict[str, Any] = {
        "counterparty": Counterparty(
            name=line(row.cell(columns.name), LONGEST_NAME),
            iban=line("".join(iban.split()), 34) if iban else None,
            bic=line(row.cell(columns.bic), 11),
        ),
        "remittance": line(row.cell(columns.remittance), LONGEST_REMITTANCE),
        "end_to_end_id": reference(row.cell(columns.end_to_end_id)),
        "mandate_reference": reference(row.cell(columns.mandate_reference)),
        "payment_information_id": reference(row.cell(columns.payment_information_id)),
        "return": returned(code, None) if code else None,
    }
    return FoundEntry(
        booked_on=booked_on,
        value_date=row.day(columns.value_date),
        direction=direction,
        amount=amount,
        currency=currency,
        **fields,
    )


def _moved(row: _Row, currency: str) -> tuple[Direction, Decimal]:
    columns, profile = row.profile.columns, row.profile
    amount = row.number(columns.amount, currency)
    if profile.sign == "two_columns":
        debit = row.number(columns.debit, currency)
        if bool(amount) == bool(debit):
            raise NotReadable(row.place, "exactly one of the columns of amounts has to be filled")
        return ("credit", abs(amount)) if amount else ("debit", abs(debit or Decimal()))
    if amount is None:
        raise NotReadable(row.place, f"column {columns.amount} has no amount")
    if profile.sign == "prefix":
        return ("debit" if amount < 0 else "credit"), abs(amount)
    mark = row.cell(columns.sign)
    if mark in profile.debit_marks:
        return "debit", abs(amount)
    if mark in profile.credit_marks:
        return "credit", abs(amount)
    raise NotReadable(row.place, f"column {columns.sign} marks neither a credit nor a debit")
