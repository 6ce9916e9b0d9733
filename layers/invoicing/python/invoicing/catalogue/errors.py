"""Refusals about prices."""

from invoicing.core.errors import RuleBroken


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
