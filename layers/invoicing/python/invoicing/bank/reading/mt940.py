"""MT940 and MT942, block by block and tag by tag, in the dialects of banks. A bad line fails alone."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from invoicing.bank.entry import BankTransactionCode, Direction, FoundEntry, OriginalAmount, line
from invoicing.bank.reading.purpose import described
from invoicing.bank.reading.statement import FoundBalance, FoundStatement, NotReadable, Reading, amount_of
from invoicing.core.currency import EXPONENTS

IS_MT940 = re.compile(r"(?:^|[\r\n}]):20:")
_TAG = re.compile(r":(\d{2}[A-Z]?):(.*)", re.DOTALL)
_ENVELOPE = re.compile(r"\{[1235]:[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|\{4:")
_BALANCE = re.compile(r"([CD])\s*(\d{6})\s*([A-Z]{3})\s*([\d.,]+)")
_MOVEMENT = re.compile(
    r"(?P<value>\d{6})(?P<entry>\d{4})?(?P<mark>E?R?[CD])(?P<funds>[A-Z])?\s*(?P<amount>\d[\d'.]*(?:,\d*)?)"
    r"(?P<kind>[A-Z][A-Z0-9]{3})?(?P<references>[^\n]*)(?:\n(?P<more>.*))?",
    re.DOTALL,
)
_INSTRUCTED = re.compile(r"/OCMT/([A-Z]{3})([\d,.]+)")
_ORIGINAL = re.compile(r"(?:([A-Z]{3})\s*)?(\d[\d.]*(?:,\d*)?)\s*([A-Z]{3})?")
_LONGEST_LINE = 65
_HALF_A_YEAR = timedelta(days=183)
_CENTURY = 2000
_LATEST_YEAR = 80
"""Two digits from here on are years of the last century."""


class _Tag(NamedTuple):
    name: str
    text: str
    line: int


class _Page(NamedTuple):
    """A block, and whether it continues the one before and is continued by the next."""

    statement: FoundStatement
    continues: bool
    continued: bool


def read_mt940(text: str, place: str) -> Reading:
    """The statements of a file: one for each block, the pages of one together. Raises `NotReadable` without any."""
    pages: list[_Page] = []
    problems: list[NotReadable] = []
    for tags in _blocks(text):
        try:
            page = _page(tags, place)
        except NotReadable as error:
            problems.append(error)
            continue
        if pages and page.continues and pages[-1].continued and pages[-1].statement.account == page.statement.account:
            pages[-1] = _Page(_joined(pages[-1].statement, page.statement), pages[-1].continues, page.continued)
        else:
            pages.append(page)
    if not pages:
        raise problems[0] if problems else NotReadable(place or "line 1", "it has no block that begins with :20:")
    return Reading([page.statement for page in pages], problems)


def _tags(text: str) -> Iterator[_Tag]:
    """The tags of a file, each with the lines that continue it."""
    found: _Tag | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        row = _row(_ENVELOPE.sub("", raw))
        if row in ("-", "-}") or row.startswith("-}"):
            row = ""
        match = _TAG.match(row.lstrip("\ufeff "))
        if match is not None:
            if found is not None:
                yield found
            found = _Tag(match[1], match[2], number)
        elif found is not None and row:
            found = found._replace(text=f"{found.text}\n{row}")
    if found is not None:
        yield found


def _row(text: str) -> str:
    """A line without the blanks at its end. A full one keeps a single blank: its text continues in the next line."""
    row = text.rstrip()
    is_full = len(text.partition(":86:")[2] or text) == _LONGEST_LINE
    return f"{row} " if is_full and len(text) == len(row) + 1 else row


def _blocks(text: str) -> Iterator[list[_Tag]]:
    """The tags of each block, from `:20:` on."""
    block: list[_Tag] = []
    for tag in _tags(text):
        if tag.name == "20" and block:
            yield block
            block = []
        if block or tag.name == "20":
            block.append(tag)
    if block:
        yield block


def _page(tags: list[_Tag], place: str) -> _Page:
    statement = FoundStatement(_at(place, tags[0]), "mt942" if _is_interim(tags) else "mt940")
    for number, tag in enumerate(tags):
        text = tag.text.strip()
        try:
            match tag.name:
                case "25" | "25P":
                    statement.account = line(text.split("\n")[0])
                case "28C" | "28":
                    statement.number = line(text.split("\n")[0])
                case "60F" | "60M":
                    statement.opening = _balance(tag, place)
                    statement.currency = statement.opening.currency
                case "62F" | "62M":
                    statement.closing = _balance(tag, place)
                case "34F":
                    statement.currency = text[:3]
                case "61":
                    _add(statement, tag, _details(tags, number + 1), place)
        except NotReadable as error:
            statement.problems.append(error)
    if statement.account is None:
        raise NotReadable(statement.place, "the block names no account (:25:)")
    names = {tag.name for tag in tags}
    return _Page(statement, "60M" in names, "62M" in names)


def _details(tags: list[_Tag], start: int) -> str:
    """The text of the `:86:` from a position on. Some banks write each line of it as a tag."""
    end = start
    while end < len(tags) and tags[end].name == "86":
        end += 1
    return "\n".join(tag.text for tag in tags[start:end])


def _is_interim(tags: list[_Tag]) -> bool:
    names = {tag.name for tag in tags}
    return not names & {"60F", "60M", "62F", "62M"} and bool(names & {"34F", "13D", "13", "90C", "90D"})


def _joined(first: FoundStatement, second: FoundStatement) -> FoundStatement:
    first.closing = second.closing
    first.entries += second.entries
    first.problems += second.problems
    first.pending += second.pending
    return first


def _at(place: str, tag: _Tag) -> str:
    found = f"line {tag.line}, :{tag.name}:"
    return f"{place}, {found}" if place else found


def _balance(tag: _Tag, place: str) -> FoundBalance:
    match = _BALANCE.match(tag.text.strip())
    if match is None:
        raise NotReadable(_at(place, tag), "the balance cannot be read")
    amount = _amount(match[4], match[3], _at(place, tag))
    return FoundBalance(amount if match[1] == "C" else -amount, match[3], _date(match[2], _at(place, tag)))


def _amount(text: str, currency: str, place: str) -> Decimal:
    whole = text.replace("'", "")
    if "," in whole:
        whole = whole.replace(".", "").replace(",", ".")
    return amount_of(whole or "0", currency, place)


def _date(text: str, place: str) -> date:
    """A date of six digits. Banks that count months of 30 days write 30 February: it is the last day of its month."""
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:])
    year += _CENTURY if year < _LATEST_YEAR else _CENTURY - 100
    return _of_month(year, month, day, place)


def _of_month(year: int, month: int, day: int, place: str) -> date:
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        raise NotReadable(place, "a date does not exist")
    last = monthrange(year, month)[1]
    if day > last and not (month == 2 and day == 30):
        raise NotReadable(place, "a date does not exist")
    return date(year, month, min(day, last))


def _booked_on(value: date, month_and_day: str | None, place: str) -> date:
    """The booking date, whose year is the one that is nearest to the value date."""
    if month_and_day is None or month_and_day == "0000":
        return value
    month, day = int(month_and_day[:2]), int(month_and_day[2:])
    booked = _of_month(value.year, month, day, place)
    if booked - value > _HALF_A_YEAR:
        return _of_month(value.year - 1, month, day, place)
    if value - booked > _HALF_A_YEAR:
        return _of_month(value.year + 1, month, day, place)
    return booked


def _add(statement: FoundStatement, tag: _Tag, details: str, place: str) -> None:
    """Add the entry of a `:61:` and of the `:86:` that follows it; expected ones are left out."""
    at = _at(place, tag)
    match = _MOVEMENT.match(tag.text.strip())
    if match is None:
        raise NotReadable(at, "the entry cannot be read")
    if match["mark"].startswith("E"):
        statement.pending += 1
        return
    if statement.currency is None:
        raise NotReadable(at, "the block names no currency")
    value = _date(match["value"], at)
    reversal = "R" in match["mark"]
    credit = match["mark"].endswith("C") != reversal
    direction: Direction = "credit" if credit else "debit"
    found = described(details.strip("\n"), match["more"])
    of_bank = match["references"].partition("//")[2]
    currency, amount = statement.currency, _amount(match["amount"], statement.currency, at)
    original = _original(found.pop("original", None), currency, at)
    kind = "+".join(one for one in (match["kind"], found.pop("kind", None)) if one)
    fields: dict[str, Any] = {
        "bank_reference": line(of_bank),
        "code": BankTransactionCode(proprietary=line(kind)) if kind else None,
        "original_amount": original
        if original and (original.amount, original.currency) != (amount, currency)
        else _instructed(f"{match['references']}{match['more'] or ''}", at),
        **{name: one for name, one in found.items() if one is not None},
    }
    statement.entries.append(
        FoundEntry(
            booked_on=_booked_on(value, match["entry"], at),
            value_date=value,
            direction=direction,
            amount=amount,
            currency=currency,
            reversal=reversal,
            **fields,
        )
    )


def _instructed(text: str, place: str) -> OriginalAmount | None:
    match = _INSTRUCTED.search(text)
    if match is None:
        return None
    return OriginalAmount(amount=_amount(match[2], match[1], place), currency=match[1])


def _original(text: str | None, currency: str, place: str) -> OriginalAmount | None:
    """The amount of a payment before the bank added charges (`OAMT+`); None where it is no amount."""
    match = _ORIGINAL.fullmatch((text or "").strip())
    if match is None:
        return None
    stated = match[1] or match[3] or currency
    return OriginalAmount(amount=_amount(match[2], stated, place), currency=stated) if stated in EXPONENTS else None
