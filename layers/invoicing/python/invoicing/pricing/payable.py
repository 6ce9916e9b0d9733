"""The payable amount of an invoice: its total less the prepaid amount, rounded if that is agreed.

`payable = total - prepaid_amount + rounding` (EN 16931 BR-CO-16, as the invoice is issued), where the prepaid amount is
`prepaid.amount`, the total of each deposit, and the tax of a split payment (category B), which the customer pays to the
state. So that tax is never due, and a credit counts without it: `credited` and the amounts of a settlement are money of
the seller and the customer alone (`owed_total`). Three facts change the amount later:

- Prepaid money that is refunded to the customer counts no longer (`prepaid_refunded`).
- The deposits of a canceled invoice count no longer once another invoice can deduct them (`deposits_released`).
- The rounding ends when the whole invoice is credited, because no amount is left to round. So does an earlier debt,
  which is a negative prepaid amount: from then on only the invoice that it came from asks for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Protocol

from invoicing.core.currency import divide, from_minor, to_minor
from invoicing.core.errors import Invalid
from invoicing.pricing.tax import SPLIT_PAYMENT, TaxAmount

_OF_INVOICES: Final = {
    "prepaid": "BT-113",
    "deposits": "BT-113",
    "rounding": "BT-114",
    "purpose": "BT-3",
}
"""The fields of invoices that other documents cannot have, with their business terms."""


SELF_BILLED_CREDIT: Final = "261"
"""The type of credit notes of self-billed supplies (UNTDID 1001)."""


class PaidBefore(Protocol):
    """Money that was paid before."""

    @property
    def amount(self) -> Decimal:
        """The amount including tax."""


class PayableTerms(Protocol):
    """Amounts that were paid or asked for before, and a rounding by hand."""

    @property
    def prepaid(self) -> PaidBefore | None:
        """Money that was paid before."""

    @property
    def deposits(self) -> Sequence[Any]:
        """The deposits, each with its `total`."""

    @property
    def rounding(self) -> Decimal | None:
        """The rounding by hand."""


class Payable(Protocol):
    """The fields of a document that decide about its payable amount. Rows from before have None in them."""

    @property
    def currency(self) -> str:
        """Its currency."""

    @property
    def total(self) -> Decimal:
        """Its total with tax (BT-112)."""

    @property
    def credited(self) -> Decimal:
        """The amount that was credited."""

    @property
    def prepaid_amount(self) -> Decimal | None:
        """The amount that was paid or asked for before it was issued (BT-113)."""

    @property
    def split_tax(self) -> Decimal | None:
        """The part of it that is the tax of a split payment."""

    @property
    def prepaid_refunded(self) -> Decimal | None:
        """The part of the prepaid amount that was refunded."""

    @property
    def deposits_released(self) -> Decimal | None:
        """The deposits that another invoice can deduct instead."""

    @property
    def rounding(self) -> Decimal | None:
        """The rounding (BT-114)."""

    @property
    def payable(self) -> Decimal | None:
        """The payable amount."""


def require_payable_terms(terms: PayableTerms, document_type: str) -> None:
    """Refuse terms of an invoice on another document: it has no payable amount and a type of its own."""
    code = getattr(terms, "type_code", None)
    if document_type == "invoice":
        if code == SELF_BILLED_CREDIT:
            raise Invalid(f"Only a credit note can have the type_code {code} (BT-3).", pointer="/type_code")
        return
    if code not in (None, SELF_BILLED_CREDIT):
        message = f"Only an invoice can have this; a credit note has {SELF_BILLED_CREDIT} if it is self-billed (BT-3)."
        raise Invalid(message, pointer="/type_code")
    for name, term in _OF_INVOICES.items():
        if getattr(terms, name) not in (None, (), "standard"):
            raise Invalid(f"Only an invoice can have this ({term}).", pointer=f"/{name}")


def payable_terms(
    total: Decimal,
    terms: PayableTerms,
    steps: Mapping[str, Decimal],
    currency: str,
    *,
    split_tax: Decimal | None = None,
) -> dict[str, Any]:
    """The payable amount of a document when it is issued, and the amounts that lead to it.

    Without a rounding by hand the amount is rounded to the currency's step of `steps` (BT-114), half away from zero.
    """
    nothing, rounding = from_minor(0, currency), terms.rounding
    already = terms.prepaid.amount if terms.prepaid else nothing
    to_minor(already, currency, pointer="/prepaid/amount")
    already += sum((one.total for one in terms.deposits), split_tax or nothing)
    if rounding is not None:
        to_minor(rounding, currency, pointer="/rounding")
    else:
        rounding = _rounding(total - already, steps.get(currency), currency)
    return {
        "prepaid_amount": already,
        "split_tax": split_tax,
        "prepaid_refunded": nothing,
        "rounding": rounding,
        "payable": total - already + rounding,
    }


def split_tax_of(breakdown: Iterable[TaxAmount], currency: str) -> Decimal | None:
    """The tax that the customer pays to the state (category B); None on documents without split payment."""
    taxes = [one.tax for one in breakdown if one.category == SPLIT_PAYMENT]
    return sum(taxes, from_minor(0, currency)) if taxes else None


def owed_total(document: Payable) -> Decimal:
    """The total of a document that the customer owes: without the tax of a split payment."""
    return document.total - (document.split_tax or from_minor(0, document.currency))


def is_fully_credited(document: Payable) -> bool:
    """Whether all of an invoice is credited."""
    return document.credited >= owed_total(document) > 0


def money_paid_before(document: Payable) -> Decimal:
    """The part of the prepaid amount that is money, not the tax of a split payment. An earlier debt is below zero."""
    nothing = from_minor(0, document.currency)
    return (document.prepaid_amount or nothing) - (document.split_tax or nothing)


def _rounding(amount: Decimal, step: Decimal | None, currency: str) -> Decimal:
    """The difference from an amount to the nearest multiple of a step; zero if nothing is payable."""
    if step is None or amount <= 0:
        return from_minor(0, currency)
    units, of = to_minor(amount, currency, pointer=""), to_minor(step, currency, pointer="")
    return from_minor(divide(units, of) * of - units, currency)


def due_of(asked: Decimal) -> dict[str, Decimal]:
    """The amount due before any payment; an amount below zero is owed to the customer."""
    nothing = asked - asked
    return {"due": max(asked, nothing), "refund_due": max(-asked, nothing)}


def payable(document: Payable) -> Decimal:
    """The payable amount of a document. For rows from before prepaid amounts and rounding it is the total."""
    nothing = from_minor(0, document.currency)
    no_longer_rounded = (document.rounding or nothing) if is_fully_credited(document) else nothing
    back = (document.prepaid_refunded or nothing) + (document.deposits_released or nothing)
    return payable_at_issue(document) + back - no_longer_rounded - ended_debt(document)


def ended_debt(document: Payable) -> Decimal:
    """The earlier debt that an invoice asks for no longer, because it is credited in full; zero if there is none."""
    nothing = from_minor(0, document.currency)
    return max(-money_paid_before(document), nothing) if is_fully_credited(document) else nothing


def payable_at_issue(document: Payable) -> Decimal:
    """The payable amount when it was issued (BT-115, before payments)."""
    nothing = from_minor(0, document.currency)
    return document.total - (document.prepaid_amount or nothing) + (document.rounding or nothing)


def shown_payable(document: Payable) -> dict[str, Decimal]:
    """The same amounts in a response. A draft has only a rounding by hand; rows from before have none of them."""
    nothing = from_minor(0, document.currency)
    asked = payable(document) if document.payable is None else document.payable
    prepaid, refunded = document.prepaid_amount or nothing, document.prepaid_refunded or nothing
    back = refunded + (document.deposits_released or nothing)
    rounding = asked - document.total + prepaid - back if document.rounding is None else document.rounding
    return {"payable": asked, "prepaid_amount": prepaid, "prepaid_refunded": refunded, "rounding": rounding}
