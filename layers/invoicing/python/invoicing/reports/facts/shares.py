"""The shares of payments, cash discounts and write-offs in the tax rates of a document, exact to the cent.

A price reduction corrects the taxable amount of the supply that it is for (article 90 of Directive 2006/112/EC,
§ 17 (1) UStG), and cash accounting taxes the amounts received for it (article 66 (b), § 20 UStG). The law does not
divide an amount for supplies of several rates: here it is divided in proportion to the gross amounts of the rates, by
largest remainder (the method of Hamilton), ties to the first rate. The tax of a share is that of its rate in
proportion, rounded half away from zero.

All shares are those of a state, computed as a whole: `standing`. A fact is the difference of two states. So facts of
any order add up to the last state, and the last payment takes the rest: a document that is settled has exactly the net
and tax of its rates, less its credits.

1. Credits are exact: each credit note states its rates. `left` is the document less its credits and deducted deposits.
2. A cash discount is a share of `left`; the customer has to pay the rest.
3. Money that was received is a share of that rest, at most all of it. Money beyond the rest was paid for amounts
   that are credited now, in the rates of these credits, until it is refunded. A further overpayment is for no supply.
4. A write-off is the rest that was not received.

Amounts of a settlement are money: they pay the net amount of a category B (split payment) alone, and the same part of
its tax is that of the share, although the customer pays it to the state.

A rounding of the payable amount (BT-114) and an earlier debt (a negative BT-113) belong to no rate: a customer who paid
the payable amount has paid all, and a part of it has paid the same part of each rate.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from invoicing.core.currency import divide, from_minor, split, to_minor
from invoicing.invoices.drafts.references import PrepaidTax
from invoicing.invoices.model import Invoice
from invoicing.pricing.payable import money_paid_before, owed_total
from invoicing.pricing.tax import SPLIT_PAYMENT, TaxAmount, normal
from invoicing.reports.balance import Balance

RateKey = tuple[str, Decimal]
"""A category and rate."""


class NetAndTax(NamedTuple):
    """Net amount and tax of one rate, in minor units."""

    net: int
    tax: int

    @property
    def gross(self) -> int:
        """The amount including tax."""
        return self.net + self.tax


Parts = Mapping[RateKey, NetAndTax]
"""Net amounts and taxes by rate."""
NONE: Parts = {}


class Standing(NamedTuple):
    """The amounts that a document stands for in the reports; gross amounts but for the parts."""

    issued: Parts = NONE
    """The amounts that count when they are issued: less cash discounts and write-offs, below zero on credit notes."""
    paid: Parts = NONE
    """The amounts that count when they are paid."""
    invoiced: int = 0
    credited: int = 0
    cash_discount: int = 0
    written_off: int = 0


def standing(document: Invoice, balance: Balance, credited: Parts) -> Standing:
    """The amounts of a document at a moment, from its balance and its credits then."""
    if not balance.issued or balance.void:
        return Standing()
    if document.type == "invoice":
        return _of_invoice(document, balance, credited)
    whole = scaled(parts_of(document.tax_breakdown, document.currency), -1)
    paid_out = units_of(balance.payable - balance.paid, document.currency)
    paid = NONE if credits_an_invoice(document) else share(-paid_out, whole)
    return Standing(issued=whole, paid=paid, credited=-gross(whole))


def credits_an_invoice(document: Invoice) -> bool:
    """Whether the amounts of a credit note or cancellation are settled on its invoice."""
    return document.origin != "adjustment" and any(one.invoice_id for one in document.references)


def _of_invoice(document: Invoice, balance: Balance, credited: Parts) -> Standing:
    currency = document.currency
    whole = parts_of(document.tax_breakdown, currency)
    if not balance.deposits_released:
        for one in document.deposits:
            whole = added(whole, parts_of(one.tax_breakdown, currency), -1)
    for other in document.prepaid.deposits if document.prepaid else ():
        whole = added(whole, parts_of(other.tax_breakdown, currency), -1)
    left = added(whole, credited, -1)
    taken = units_of(balance.cash_discount_taken, currency)
    # All of a rest without an amount due is that of a split payment: its tax is no discount.
    discount = share(taken, left) if taken else NONE
    rest = added(left, discount, -1)
    fully_credited = balance.credited >= owed_total(document) > 0
    asked = owed(rest) + (0 if fully_credited else _of_no_rate(document))
    open_ = balance.payable - balance.credited - balance.cash_discount_taken - balance.paid - balance.settled_elsewhere
    paid = received(asked - units_of(open_, currency), asked, rest, credited)
    lost = added(rest, paid, -1) if balance.written_off > balance.settled_elsewhere else NONE
    return Standing(
        issued=added(added(whole, discount, -1), lost, -1),
        paid=paid,
        invoiced=gross(whole),
        cash_discount=gross(discount),
        written_off=gross(lost),
    )


def _of_no_rate(document: Invoice) -> int:
    """The part of the payable amount that is for no supply of the invoice: its rounding, and an earlier debt."""
    earlier_debt = max(-money_paid_before(document), Decimal(0))
    return units_of((document.rounding or Decimal(0)) + earlier_debt, document.currency)


def received(money: int, asked: int, rest: Parts, credited: Parts) -> Parts:
    """The parts of a rest that money has paid, or of credits that were issued afterwards."""
    most = asked + owed(credited)
    if asked <= money <= most:
        return added(rest, share(money - asked, credited) if money > asked else NONE)
    if money < asked:
        return share(divide(owed(rest) * money, asked), rest) if asked else NONE
    everything = added(rest, credited)
    if most >= 0:
        return everything
    return share(divide(owed(everything) * min(money, 0), most), everything)


def share(amount: int, whole: Parts) -> Parts:
    """The share of an amount of money in each rate; all of it for the whole amount."""
    total = owed(whole)
    if amount == total:
        return whole
    if not total or not amount:
        return NONE
    rates = sorted(whole)
    parts = split(amount, [owed({rate: whole[rate]}) for rate in rates], amount, total)
    return {rate: _taxed(part, whole[rate], rate) for rate, part in zip(rates, parts, strict=True)}


def _taxed(part: int, whole: NetAndTax, rate: RateKey) -> NetAndTax:
    if rate[0] == SPLIT_PAYMENT:
        return NetAndTax(part, divide(part * whole.tax, whole.net) if whole.net else 0)
    tax = divide(part * whole.tax, whole.gross) if whole.gross else 0
    return NetAndTax(part - tax, tax)


def parts_of(breakdown: Iterable[TaxAmount | PrepaidTax], currency: str) -> Parts:
    """The parts of a tax breakdown."""
    found: Parts = {}
    for one in breakdown:
        part = NetAndTax(units_of(one.taxable, currency), units_of(one.tax, currency))
        found = added(found, {(one.category, normal(one.rate)): part})
    return found


def gross(parts: Parts) -> int:
    """The sum of the parts, including tax."""
    return sum(part.gross for part in parts.values())


def owed(parts: Parts) -> int:
    """The part of it that the customer owes: without the tax of a split payment."""
    return sum(part.net if rate[0] == SPLIT_PAYMENT else part.gross for rate, part in parts.items())


def scaled(parts: Parts, by: int) -> Parts:
    """Each part times a number."""
    return {rate: NetAndTax(part.net * by, part.tax * by) for rate, part in parts.items()}


def added(one: Parts, other: Parts, times: int = 1) -> Parts:
    """The parts with those of another amount added, or subtracted. Rates without an amount are left out."""
    found = dict(one)
    for rate, part in other.items():
        known = found.get(rate, NetAndTax(0, 0))
        found[rate] = NetAndTax(known.net + times * part.net, known.tax + times * part.tax)
    return {rate: part for rate, part in found.items() if any(part)}


def declared(parts: Parts, currency: str, rate: Decimal, declared_in: str) -> Parts:
    """The parts in the currency in which the tax is declared (BT-6), each sum rounded once (BT-111)."""
    rates = sorted(parts)
    (price, of), (unit, scale) = rate.as_integer_ratio(), from_minor(1, currency).as_integer_ratio()
    _, other = from_minor(1, declared_in).as_integer_ratio()
    numerator, denominator = price * unit * other, of * scale

    def converted(units: list[int]) -> list[int]:
        return split(divide(sum(units) * numerator, denominator), units, numerator, denominator)

    nets, taxes = (converted([parts[one][place] for one in rates]) for place in (0, 1))
    return {one: NetAndTax(*both) for one, *both in zip(rates, nets, taxes, strict=True)}


def units_of(amount: Decimal, currency: str) -> int:
    """An amount of a balance in minor units. Amounts of zero have no decimals there."""
    return to_minor(from_minor(0, currency) + amount, currency, pointer="")
