"""What late payment of an invoice costs, as separate items: the reminder fee of each level, and the flat fee."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from invoicing.core.model import Amount, Value


class Charge(Value):
    """One item: the reminder fee of a level, or the flat fee that a company owes for late payment.

    The flat fee (Directive 2011/7/EU article 6 (1)) is charged only as far as it exceeds the reminder fees, which are
    set off against it (article 6 (3), CJEU C-287/17). `set_off` is the part that they cover: `amount` and `set_off`
    together are the whole flat fee.
    """

    kind: Literal["fee", "flat_fee"]
    level: int
    amount: Amount
    set_off: Amount | None = None


Charges = tuple[Charge, ...]


def charged(before: Sequence[Charge], level: int, *, fee: Decimal, flat_fee: Decimal) -> Charges:
    """The items after a level that has a fee, a flat fee, both or neither."""
    more = [Charge(kind="fee", level=level, amount=fee)] if fee else []
    if flat_fee:
        more.append(Charge(kind="flat_fee", level=level, amount=flat_fee, set_off=flat_fee - flat_fee))
    return _set_off([*before, *more])


def waived(before: Sequence[Charge], level: int) -> Charges:
    """The items without those of a level."""
    return _set_off([one for one in before if one.level != level])


def total(charges: Sequence[Charge], nothing: Decimal) -> Decimal:
    """What the items come to."""
    return sum((one.amount for one in charges), nothing)


def flat_fee_of(charges: Sequence[Charge], nothing: Decimal) -> Decimal:
    """The flat fee as far as it is charged."""
    return total([one for one in charges if one.kind == "flat_fee"], nothing)


def _set_off(charges: Sequence[Charge]) -> Charges:
    fees = sum((one.amount for one in charges if one.kind == "fee"), Decimal(0))
    return tuple(_less(one, fees) if one.kind == "flat_fee" else one for one in charges)


def _less(flat_fee: Charge, fees: Decimal) -> Charge:
    whole = flat_fee.amount + (flat_fee.set_off or 0)
    covered = min(whole, whole - whole + fees)
    return flat_fee.model_copy(update={"amount": whole - covered, "set_off": covered})
