"""Value added tax: categories of EN 16931 (UNCL 5305 as BT-151 allows) and their conditions."""

from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from invoicing.domain.model import Amount, Code, Percent, ShortText, Value

Category = Literal["S", "Z", "E", "AE", "K", "G", "O", "L", "M"]

_RATE_RULES = {"S": "BR-S-05", "Z": "BR-Z-05", "E": "BR-E-05", "AE": "BR-AE-05", "K": "BR-IC-05", "G": "BR-G-05",
               "O": "BR-O-05"}  # fmt: skip
_REASONS: dict[str, tuple[str, str]] = {
    "AE": ("VATEX-EU-AE", "Reverse charge"),
    "K": ("VATEX-EU-IC", "Intra-community supply"),
    "G": ("VATEX-EU-G", "Export outside the EU"),
    "O": ("VATEX-EU-O", "Not subject to VAT"),
}
"""Where the category itself is the reason for exemption: its code in the VATEX list, and the words of the list."""


class Tax(Value):
    """The tax on a line or on shipping (UNCL 5305).

    S standard, Z zero, E exempt, AE reverse charge, K intra-community, G export, O outside the scope, L Canary Islands,
    M Ceuta and Melilla.
    """

    category: Category
    rate: Percent = Field(default=Decimal(0), validate_default=True)
    code: Code | None = None
    exemption_reason: ShortText | None = None
    exemption_code: Code | None = None

    @model_validator(mode="after")
    def _conditions(self) -> Self:
        taxed = self.rate > 0
        if (self.category == "S" and not taxed) or (taxed and self.category not in ("S", "L", "M")):
            rule = {
                "rule": _RATE_RULES[self.category],
                "category": self.category,
                "sign": "above" if not taxed else "of",
            }
            raise PydanticCustomError("tax_rate", "Category {category} needs a rate {sign} zero ({rule})", rule)
        if self.category == "E" and not (self.exemption_reason or self.exemption_code):
            raise PydanticCustomError("exemption", "Category E needs an exemption reason or code (BR-E-10)")
        return self

    @property
    def key(self) -> tuple[str, Decimal]:
        """What taxes are summed up by (BG-23): category and rate, `19` and `19.0` being one."""
        return self.category, normal(self.rate)

    @property
    def reason(self) -> tuple[str | None, str | None]:
        """Code and words of the exemption (BT-121, BT-120)."""
        code, words = _REASONS.get(self.category, (None, None))
        return self.exemption_code or code, self.exemption_reason or words


class TaxAmount(Value):
    """The tax of one category and rate (BG-23)."""

    category: Category
    rate: Percent
    taxable: Amount
    tax: Amount
    exemption_reason: ShortText | None = None
    exemption_code: Code | None = None


def normal(rate: Decimal) -> Decimal:
    """A rate without needless zeros."""
    return Decimal(format(rate, "f").rstrip("0").rstrip(".")) if "." in format(rate, "f") else rate
