"""The payable amount of an invoice: its total less the prepaid amount, rounded if that is agreed.

`payable = total - prepaid.amount + rounding` (EN 16931 BR-CO-16, as the invoice is issued). Two facts change it later:

- Prepaid money that is refunded to the customer counts no longer (`prepaid_refunded`).
- The rounding ends when the whole invoice is credited, because no amount is left to round.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Protocol

from invoicing.core.currency import divide, from_minor, to_minor
from invoicing.core.errors import Invalid


class Prepaid(Protocol):
    """Money that was paid before."""

    @property
    def amount(self) -> Decimal:
        """The amount including tax."""


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
        """The amount that was paid before it was issued (BT-113)."""

    @property
    def prepaid_refunded(self) -> Decimal | None:
        """The part of the prepaid amount that was refunded."""

    @property
    def rounding(self) -> Decimal | None:
        """The rounding (BT-114)."""

    @property
    def payable(self) -> Decimal | None:
        """The payable amount."""


def require_payable_terms(prepaid: Prepaid | None, rounding: Decimal | None, document_type: str) -> None:
    """Refuse a prepaid amount or rounding on a document without a payable amount."""
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
    """The payable amount of an invoice when it is issued, and the amounts that lead to it.

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
    credited_in_full = document.credited >= document.total > 0
    no_longer_rounded = (document.rounding or nothing) if credited_in_full else nothing
    return payable_at_issue(document) + (document.prepaid_refunded or nothing) - no_longer_rounded


def payable_at_issue(document: Payable) -> Decimal:
    """The payable amount when it was issued (BT-115, before payments)."""
    nothing = from_minor(0, document.currency)
    return document.total - (document.prepaid_amount or nothing) + (document.rounding or nothing)


def shown_payable(document: Payable) -> dict[str, Decimal]:
    """The same amounts in a response. A draft has only a rounding by hand; rows from before have none of them."""
    nothing = from_minor(0, document.currency)
    asked = payable(document) if document.payable is None else document.payable
    prepaid, refunded = document.prepaid_amount or nothing, document.prepaid_refunded or nothing
    rounding = asked - document.total + prepaid - refunded if document.rounding is None else document.rounding
    return {"payable": asked, "prepaid_amount": prepaid, "prepaid_refunded": refunded, "rounding": rounding}
