"""Revenue by group: the issued documents less their credits, cash discounts and write-offs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, get_args

from invoicing.core.currency import from_minor
from invoicing.core.model import Amount, CountryCode, CurrencyCode, Value
from invoicing.reports.facts.model import Fact

Grouping = Literal["day", "week", "month", "year", "customer", "country", "currency"]
_PERIODS: Final = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m", "year": "%Y"}


class Revenue(Value):
    """The revenue of a group in one currency. Amounts of different currencies are never added.

    `gross` = `invoiced` - `credited` - `cash_discount` - `written_off` = `net` + `tax`.
    """

    object: Literal["revenue"] = "revenue"
    """Name of the object's type: `revenue`."""
    period: str | None
    """Day, ISO week, month or year, such as `2026-03-10`, `2026-W11`, `2026-03` or `2026`; null without such a group.
    """
    customer_id: str | None
    """Identifier of the customer, `cus_` followed by a ULID; null without such a group, and for buyers that are not
    stored customers."""
    customer_name: str | None
    """Present name of the customer; null without a customer."""
    country: CountryCode | None
    """Country of the buyers: that of their VAT id, else of their address; null without such a group."""
    currency: CurrencyCode
    """Currency of the amounts."""
    documents: int
    """Number of documents that were issued, credit notes and cancellations among them."""
    invoiced: Amount
    """Total of the invoices, including tax, less the deposits that they deduct."""
    credited: Amount
    """Total of the credit notes and cancellations, including tax, less those that were voided."""
    cash_discount: Amount
    """Cash discounts that were taken, including tax."""
    written_off: Amount
    """Amounts that were written off, including tax. Those that were settled elsewhere are not among them."""
    net: Amount
    """Net revenue, less credits, cash discounts and write-offs."""
    tax: Amount
    """Tax on the net revenue."""
    gross: Amount
    """Revenue including tax."""


@dataclass
class _Sums:
    documents: int = 0
    invoiced: Decimal = Decimal(0)
    credited: Decimal = Decimal(0)
    cash_discount: Decimal = Decimal(0)
    written_off: Decimal = Decimal(0)
    net: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)

    def add(self, fact: Fact) -> None:
        self.documents += fact.documents
        self.invoiced += fact.invoiced
        self.credited += fact.credited
        self.cash_discount += fact.cash_discount
        self.written_off += fact.written_off
        for rate in fact.rates:
            self.net += rate.taxable
            self.tax += rate.tax


RowKey = tuple[str, ...]
"""The values of a row's groups, in the order of the rows."""


def revenue(facts: Iterable[Fact], groups: Iterable[Grouping], *, by_supply: bool) -> Iterator[tuple[RowKey, Revenue]]:
    """The rows of all groups in order, each with its key."""
    groups = [*groups]
    found: dict[RowKey, _Sums] = {}
    for fact in facts:
        key = (*(_value(fact, group, by_supply=by_supply) for group in groups), fact.currency)
        found.setdefault(key, _Sums()).add(fact)
    for key in sorted(found):
        yield key, _row(dict(zip(groups, key, strict=False)), key[-1], found[key])


def _value(fact: Fact, group: Grouping, *, by_supply: bool) -> str:
    match group:
        case "customer":
            return fact.customer_id or ""
        case "country":
            return fact.buyer_country
        case "currency":
            return fact.currency
        case period:
            return (fact.supplied_on if by_supply else fact.date).strftime(_PERIODS[period])


def _row(values: dict[Grouping, str], currency: str, sums: _Sums) -> Revenue:
    nothing = from_minor(0, currency)
    amounts = {name: nothing + getattr(sums, name) for name in ("invoiced", "credited", "cash_discount", "written_off",
                                                               "net", "tax")}  # fmt: skip
    return Revenue(
        period=next((value for group, value in values.items() if group in _PERIODS), None),
        customer_id=values.get("customer") or None,
        customer_name=None,
        country=values.get("country"),
        currency=currency,
        documents=sums.documents,
        gross=amounts["net"] + amounts["tax"],
        **amounts,
    )


def groups_of(text: str) -> tuple[Grouping, ...]:
    """The groups that a query names."""
    return tuple(group for name in text.split(",") for group in get_args(Grouping) if group == name)
