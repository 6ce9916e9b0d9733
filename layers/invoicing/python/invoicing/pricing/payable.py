"""The amount that an invoice asks for: its total less what was prepaid, rounded where that is agreed.

`payable = total - prepaid.amount + rounding` (EN 16931 BR-CO-16, as the invoice is issued). Two facts change it later:

- Prepaid money that goes back to the customer counts no longer (`prepaid_refunded`).
- The rounding falls away once all of the invoice is credited, since there is nothing left to round.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Protocol

from invoicing.core.currency import from_minor, to_minor
from invoicing.core.errors import Invalid
from invoicing.core.money import divide


class Prepaid(Protocol):
    """Money that was paid before."""

    @property
    def amount(self) -> Decimal:
        """How much, with its tax."""


class Payable(Protocol):
    """A document as far as it decides what it asks for; rows from before have None in these fields."""

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
        """The amount that was paid before it was issued (BT-113)."""

    @property
    def prepaid_refunded(self) -> Decimal | None:
        """The part of the prepaid amount that was refunded."""

    @property
    def rounding(self) -> Decimal | None:
        """The rounding (BT-114)."""

    @property
    def payable(self) -> Decimal | None:
        """The amount that it asks for."""


def require_payable_terms(prepaid: Prepaid | None, rounding: Decimal | None, document_type: str) -> None:
    """Refuse money prepaid on a document that asks for none, and its rounding."""
    for pointer, given in (("/prepaid", prepaid), ("/rounding", rounding)):
        if given is not None and document_type != "invoice":
            raise Invalid("Only an invoice can have this.", pointer=pointer)


def payable_terms(
    total: Decimal,
    prepaid: Prepaid | None,
    rounding: Decimal | None,
    steps: Mapping[str, Decimal],
    currency: str,
) -> dict[str, Any]:
    """The amount that an invoice asks for when it is issued, and the amounts that lead to it.

    Without a rounding by hand the amount is rounded to the currency's step of `steps` (BT-114), half away from zero.
    """
    already = prepaid.amount if prepaid else from_minor(0, currency)
    to_minor(already, currency, pointer="/prepaid/amount")
    if rounding is not None:
        to_minor(rounding, currency, pointer="/rounding")
    else:
        rounding = _rounding(total - already, steps.get(currency), currency)
    return {
        "prepaid_amount": already,
        "prepaid_refunded": from_minor(0, currency),
        "rounding": rounding,
        "payable": total - already + rounding,
    }


def _rounding(amount: Decimal, step: Decimal | None, currency: str) -> Decimal:
    """The difference from an amount to the nearest multiple of a step; zero if no money is asked for."""
    if step is None or amount <= 0:
        return from_minor(0, currency)
    units, of = to_minor(amount, currency, pointer=""), to_minor(step, currency, pointer="")
    return from_minor(divide(units, of) * of - units, currency)


def due_of(asked: Decimal) -> dict[str, Decimal]:
    """The amount due before any payment; an amount below zero is owed to the customer."""
    nothing = asked - asked
    return {"due": max(asked, nothing), "refund_due": max(-asked, nothing)}


def payable(document: Payable) -> Decimal:
    """The amount that a document asks for; rows from before prepaid amounts and rounding ask for the total."""
    nothing = from_minor(0, document.currency)
    credited_in_full = document.credited >= document.total > 0
    no_longer_rounded = (document.rounding or nothing) if credited_in_full else nothing
    return payable_at_issue(document) + (document.prepaid_refunded or nothing) - no_longer_rounded


def payable_at_issue(document: Payable) -> Decimal:
    """The amount that it asked for when it was issued (BT-115, before payments)."""
    nothing = from_minor(0, document.currency)
    return document.total - (document.prepaid_amount or nothing) + (document.rounding or nothing)


def shown_payable(document: Payable) -> dict[str, Decimal]:
    """The same amounts in an answer. A draft holds a rounding by hand only; rows from before hold none of them."""
    nothing = from_minor(0, document.currency)
    asked = payable(document) if document.payable is None else document.payable
    prepaid, refunded = document.prepaid_amount or nothing, document.prepaid_refunded or nothing
    rounding = asked - document.total + prepaid - refunded if document.rounding is None else document.rounding
    return {"payable": asked, "prepaid_amount": prepaid, "prepaid_refunded": refunded, "rounding": rounding}
