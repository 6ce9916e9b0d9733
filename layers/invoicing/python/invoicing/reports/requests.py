"""Requests for reports."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from invoicing.core.ids import CustomerId
from invoicing.core.model import CountryCode, CurrencyCode, Day, Model, Percent, ShortText
from invoicing.core.page import GROUPS, ListQuery
from invoicing.pricing.tax import VatCategory


class OpenItemsQuery(ListQuery):
    """The moment and the customers of the open items; the order is that of the customers' creation."""

    as_of: Day | None = None
    """Date at whose end the items were open, today by default. It cannot be in the future."""
    customer_id: CustomerId | None = None
    """Items of this customer, with the documents behind the amounts."""
    currency: CurrencyCode | None = None
    """Items in this currency."""


class FactsQuery(ListQuery):
    """The days of a report about facts, both included."""

    first: Annotated[Day | None, Field(alias="from")] = None
    """First day, by default the first of the month of the last day. At most 10 years before the last day."""
    last: Annotated[Day | None, Field(alias="to")] = None
    """Last day, today by default."""
    currency: CurrencyCode | None = None
    """Amounts in this currency."""
    customer_id: CustomerId | None = None
    """Amounts of this customer."""


class RevenueQuery(FactsQuery):
    """The days and groups of a revenue report."""

    basis: Literal["issued", "service"] = "issued"
    """Dates that count: `issued` for the issue dates and those of corrections, `service` for the dates of supply.

    The date of supply is that of the delivery, else the end of the service period, else the issue date. Corrections
    have that of their invoice.
    """
    group_by: Annotated[str, Field(pattern=GROUPS, examples=["month,customer"])] = "month"
    """One group or two, separated by a comma: `day`, `week`, `month`, `year`, `customer`, `country` or `currency`.

    Each currency has rows of its own in any group.
    """
    country: CountryCode | None = None
    """Amounts of buyers in this country."""


class TaxQuery(FactsQuery):
    """The days and amounts of a tax report."""

    basis: Literal["issued", "paid"] = "issued"
    """Amounts that count: `issued` when documents are issued (accrual), `paid` when they are paid (cash accounting)."""
    group_by: Literal["rate", "vat_id", "oss"] = "rate"
    """Rows: `rate` for all supplies by country, category and rate, as the VAT return needs them.

    `vat_id` for the intra-community supplies and services by the buyer's VAT id (EC sales list), `oss` for distance
    sales by country and rate (one-stop shop). Both are among the rows of `rate` too.
    """
    country: CountryCode | None = None
    """Amounts with this country of supply."""
    category: VatCategory | None = None
    """Amounts of this tax category."""
    rate: Percent | None = None
    """Amounts of this tax rate."""
    vat_id: ShortText | None = None
    """Amounts of the buyer with this VAT identification number."""


class StatementQuery(Model):
    """The days of a statement, both included."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    first: Annotated[Day | None, Field(alias="from")] = None
    """First day, by default the first of the month of the last day."""
    last: Annotated[Day | None, Field(alias="to")] = None
    """Last day, today by default. It cannot be in the future."""
