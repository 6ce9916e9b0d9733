"""Refusals about products and prices."""

from invoicing.core.errors import Category, DomainError, NotFound, RuleBroken


class ProductNotFound(NotFound):
    """The product does not exist.

    Check the identifier; list the products to find it.
    """

    code = "PRODUCT_NOT_FOUND"


class PriceNotFound(NotFound):
    """The price does not exist.

    Check the identifier; retrieve the product to find its prices.
    """

    code = "PRICE_NOT_FOUND"


class ProductInUse(DomainError):
    """The product has prices and cannot be deleted.

    Archive the product with `archived_at`: documents refer to its prices.
    """

    code = "PRODUCT_IN_USE"
    category = Category.CONFLICT


class ProductIsArchived(DomainError):
    """The product is archived and gets no new prices.

    Set `archived_at` of the product to null, or use another product.
    """

    code = "PRODUCT_ARCHIVED"
    category = Category.CONFLICT


class ProductCodeTaken(DomainError):
    """A product with this code already exists.

    Update the existing product, or use another code.
    """

    code = "PRODUCT_CODE_TAKEN"
    category = Category.CONFLICT


class UsageInAdvance(RuleBroken):
    """Usage cannot be charged in advance.

    Set `timing` to `arrears`: the amount is known after the period.
    """

    code = "USAGE_IN_ADVANCE"


class VersionOrder(RuleBroken):
    """The version must start after the version before.

    Set `valid_from` to a day after the `valid_from` of the last version.
    """

    code = "VERSION_ORDER"


class PriceNotInCurrency(RuleBroken):
    """The price has no amounts in this currency.

    Add a version of the price with amounts in the currency, or use another price.
    """

    code = "PRICE_NOT_IN_CURRENCY"


class TaxNotKnown(RuleBroken):
    """The price has no tax, and neither the product nor the tenant has one.

    Set `tax` on the product, on a new version of the price, or `default_tax` on the tenant.
    """

    code = "TAX_NOT_KNOWN"


class PriceArchived(RuleBroken):
    """The price or its product is archived and cannot be used in new lines and items.

    Use another price, or set `archived_at` of the price or product to null.
    """

    code = "PRICE_ARCHIVED"


class MixedPriceModes(RuleBroken):
    """The price and the document differ in whether amounts include tax.

    Set `price_tax_inclusive` of the document to that of the price, or use another price.
    """

    code = "MIXED_PRICE_MODES"
