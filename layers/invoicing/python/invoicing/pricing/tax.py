"""Value added tax: categories of EN 16931 (UNCL 5305 as BT-151 allows) and their conditions."""

from decimal import Decimal
from typing import Final, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from invoicing.core.model import Amount, Code, Percent, ShortText, Value

VatCategory = Literal["S", "Z", "E", "AE", "K", "G", "O", "L", "M", "B"]
"""A code of UNCL 5305: `S` standard, `Z` zero, `E` exempt, `AE` reverse charge, `K` intra-community, `G` export, `O`
outside the scope, `L` Canary Islands, `M` Ceuta and Melilla, `B` split payment in Italy."""
SPLIT_PAYMENT: Final = "B"
"""The category whose tax the customer pays to the state (article 17-ter of DPR 633/1972), so it is never due here."""

RULES = {"S": "BR-S", "Z": "BR-Z", "E": "BR-E", "AE": "BR-AE", "K": "BR-IC", "G": "BR-G", "O": "BR-O", "L": "BR-AF",
          "M": "BR-AG", SPLIT_PAYMENT: "BR-B"}  # fmt: skip
"""The prefix of a category's rules: -05 is about the rate, -10 about the reason for exemption (here), -02 to -04 about
the parties (`vat_rules`, with all rules about a whole document)."""
_TERMS = {"05": "BT-152", "10": "BT-120, BT-121"}
"""The business terms that these rules are about."""
VATEX_REASONS: dict[str, tuple[str, str]] = {
    "AE": ("VATEX-EU-AE", "Reverse charge"),
    "K": ("VATEX-EU-IC", "Intra-community supply"),
    "G": ("VATEX-EU-G", "Export outside the EU"),
    "O": ("VATEX-EU-O", "Not subject to VAT"),
}
"""Categories that are themselves the reason for exemption: the code and the text of the VATEX list."""


class Tax(Value):
    """The tax of a line or of shipping (EN 16931 BG-30)."""

    category: VatCategory
    """Tax category. With `B` (split payment in Italy) the customer pays the tax to the state: see `split_tax`."""
    rate: Percent = Field(default=Decimal(0), validate_default=True)
    """Tax rate. The categories `S` and `B` require a rate above 0; `Z`, `E`, `AE`, `K`, `G` and `O` require 0."""
    code: Code | None = None
    """Tax code of the tenant's accounting system."""
    exemption_reason: ShortText | None = None
    """Reason for the exemption, in words (EN 16931 BT-120). The category `E` requires a reason or a code."""
    exemption_code: Code | None = None
    """Reason for the exemption, as a code of the VATEX list (EN 16931 BT-121)."""

    @field_validator("rate")
    @classmethod
    def _rate_fits(cls, rate: Decimal, info: ValidationInfo) -> Decimal:
        category = info.data.get("category")
        if category == "S" and rate <= 0:
            raise _broken(category, "05", "needs a rate above zero")
        if category == SPLIT_PAYMENT and rate <= 0:
            raise PydanticCustomError("tax", "Category B needs a rate above zero (BT-152)")
        if category in ("Z", "E", "AE", "K", "G", "O") and rate != 0:
            raise _broken(category, "05", "needs a rate of zero")
        return rate

    @field_validator("exemption_reason", "exemption_code")
    @classmethod
    def _nothing_is_exempt(cls, given: str | None, info: ValidationInfo) -> str | None:
        category = info.data.get("category")
        if given is not None and category in ("S", "Z", "L", "M"):
            raise _broken(category, "10", "has no reason for exemption")
        if given is not None and category == SPLIT_PAYMENT:
            raise PydanticCustomError("tax", "Category B has no reason for exemption (BT-120, BT-121)")
        return given

    @model_validator(mode="after")
    def _complete(self) -> Self:
        # Zero is a valid rate there, but must not be assumed.
        if self.category in ("L", "M") and "rate" not in self.model_fields_set:
            raise _broken(self.category, "05", "needs a rate")
        if self.category == "E" and not (self.exemption_reason or self.exemption_code):
            raise _broken(self.category, "10", "needs an exemption reason or code")
        return self

    @property
    def key(self) -> tuple[str, Decimal]:
        """The group by which taxes are summed (BG-23): category and rate, where `19` and `19.0` are equal."""
        return self.category, normal(self.rate)

    @property
    def reason(self) -> tuple[str | None, str | None]:
        """Code and text of the exemption (BT-121, BT-120)."""
        code, words = VATEX_REASONS.get(self.category, (None, None))
        return self.exemption_code or code, self.exemption_reason or words


class TaxAmount(Value):
    """The tax of one category and rate (EN 16931 BG-23)."""

    category: VatCategory
    """Tax category (EN 16931 BT-118)."""
    rate: Percent
    """Tax rate (EN 16931 BT-119)."""
    taxable: Amount
    """Taxable amount (EN 16931 BT-116)."""
    tax: Amount
    """Tax amount (EN 16931 BT-117)."""
    exemption_reason: ShortText | None = None
    """Reason for the exemption, in words (EN 16931 BT-120)."""
    exemption_code: Code | None = None
    """Reason for the exemption, as a code of the VATEX list (EN 16931 BT-121)."""


def _broken(category: str, number: str, what: str) -> PydanticCustomError:
    rule = f"{RULES[category]}-{number}"
    facts = {"category": category, "what": what, "terms": _TERMS[number], "rule": rule}
    return PydanticCustomError("tax", "Category {category} {what} ({terms}, {rule})", facts)


def normal(rate: Decimal) -> Decimal:
    """A rate without trailing zeros."""
    return Decimal(format(rate, "f").rstrip("0").rstrip(".")) if "." in format(rate, "f") else rate
