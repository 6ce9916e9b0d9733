"""The company that issues the invoices."""

from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from invoicing.domain.errors import SourceNotAllowed
from invoicing.domain.model import Aggregate, Code, CurrencyCode, Language
from invoicing.domain.numbering import NumberSeries, default_series
from invoicing.domain.party import Email, PaymentTerms, Seller
from invoicing.domain.tax import Tax


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise PydanticCustomError("time_zone", "Input should be an IANA time zone") from None
    return name


class Tenant(Seller, Aggregate):
    """A company with its legal data, its number series and its defaults."""

    object: Literal["tenant"] = "tenant"
    language: Language = "en"
    currency: CurrencyCode = "EUR"
    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    number_series: dict[str, NumberSeries] = Field(default_factory=default_series)
    payment_terms: PaymentTerms = PaymentTerms(days=14)
    default_tax: Tax | None = None
    email_sender: Email | None = None
    books_closed_until: date | None = None
    event_sources: Annotated[tuple[Code, ...], Field(max_length=20)] = ()

    @property
    def seller(self) -> Seller:
        """The company as documents freeze it."""
        return Seller(**{name: getattr(self, name) for name in Seller.model_fields})

    def require_source(self, source: str) -> None:
        """Refuse what a service tells that this company does not listen to."""
        if source not in self.event_sources:
            raise SourceNotAllowed(f"The tenant does not take events of {source}.")
