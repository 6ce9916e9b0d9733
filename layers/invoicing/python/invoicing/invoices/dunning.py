"""The state of an invoice's dunning, which is stored in its head and changes with the amount due.

An invoice to a company that was never dunned and has no dunning settings stores none. That is the usual case, and each
payment writes every byte of the head.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, NamedTuple, Self

from invoicing.core.currency import from_minor
from invoicing.core.model import Amount, Day, Internal, ShortText, Value


class Charge(Value):
    """A fee for late payment: of a dunning level, the flat fee (Directive 2011/7/EU, article 6), or of the bank."""

    kind: Literal["fee", "flat_fee", "returned_debit"]
    """Kind of the fee: `fee` for the reminder fee of a level, `flat_fee` for the flat fee, `returned_debit` for charges
    of the bank. New values will be added."""
    level: int
    """Dunning level that the fee was charged with, from 1 to 5; 0 for a returned direct debit."""
    amount: Amount
    """Amount of the fee. The flat fee is reduced by the reminder fees charged (CJEU C-287/17)."""
    set_off: Amount | None = None
    """Part of the flat fee that the reminder fees cover; null for reminder fees."""


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
    """The sum of the items."""
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


class DunningSettings(Value):
    """Whether an invoice takes part in dunning."""

    disabled: bool = False
    """Whether dunning of the invoice is stopped."""
    paused_until: Day | None = None
    """Last day of the pause; null if dunning is not paused."""
    reason: Annotated[ShortText | None, Internal] = None
    """Reason why dunning is stopped or paused, for the tenant's own users."""


class Reached(NamedTuple):
    """The result of a dunning level: its date, its due date, and the interest so far."""

    on: date
    due_date: date
    interest: Decimal


class Dunning(DunningSettings):
    """The dunning of one invoice: its level, its fees and interest."""

    customer_type: Literal["company", "person"] = "company"
    """Type of customer when the invoice was issued. It decides which dunning rules and fees apply."""
    level: int = 0
    """Last dunning level that was reached, from 1 to 5; 0 if none was."""
    last_at: Day | None = None
    """Date of the last reminder or dunning letter; null if there is none."""
    next_at: Day | None = None
    """Date on which the next level is due; null if none is."""
    due_date: Day | None = None
    """Date until which the last reminder or dunning letter asks to pay; null if there is none."""
    flat_fee_charged: bool = False
    """Whether the flat fee for late payment was charged. It is charged once for each invoice."""
    charges: Charges = ()
    """Fees that were charged and not waived, one by one."""
    undelivered: Annotated[int, Internal] = 0
    """Number of documents of the next level that could not be delivered."""
    retry_at: Annotated[Day | None, Internal] = None
    """Earliest date on which an undelivered level is issued again; null if there is none."""
    fees: Amount
    """Sum of the fees that were charged and not waived."""
    interest: Amount
    """Interest that the last dunning letter asks for."""
    fees_paid: Amount
    """Amount paid on fees and interest so far."""
    fees_due: Amount
    """Fees and interest that are not paid yet. They are not part of the invoice's `total` and `due`."""

    @classmethod
    def none(cls, currency: str) -> Self:
        """The state of an invoice that was never dunned."""
        nothing = from_minor(0, currency)
        return cls(fees=nothing, interest=nothing, fees_paid=nothing, fees_due=nothing)

    def set_to(self, settings: DunningSettings) -> Self:
        """The same with dunning stopped, paused or resumed."""
        return self.model_copy(update=dict(settings))

    @classmethod
    def issued_to(cls, customer_type: Literal["company", "person"], before: Self | None, currency: str) -> Self | None:
        """The dunning of an invoice that is issued now; settings of the draft stay."""
        if before is None and customer_type == "company":
            return None
        return (before or cls.none(currency)).model_copy(update={"customer_type": customer_type})

    def owing(
        self, *, fees: Decimal | None = None, interest: Decimal | None = None, fees_paid: Decimal | None = None
    ) -> Self:
        """The same with other fees or interest, or with more of them paid."""
        sums = {
            "fees": self.fees if fees is None else fees,
            "interest": self.interest if interest is None else interest,
            "fees_paid": self.fees_paid if fees_paid is None else fees_paid,
        }
        due = sums["fees"] + sums["interest"] - sums["fees_paid"]
        return self.model_copy(update={**sums, "fees_due": max(due, due - due)})

    @property
    def items(self) -> Charges:
        """The fees one by one. Fees from before they were itemized are one item."""
        if self.charges or not self.fees:
            return self.charges
        return (Charge(kind="fee", level=self.level, amount=self.fees),)

    def reached(self, level: int, charges: Charges, *, on: date, due_date: date, interest: Decimal) -> Self:
        """The dunning at its next level, with all charges so far. The new interest replaces the interest before."""
        flat_fee = self.flat_fee_charged or any(one.kind == "flat_fee" for one in charges)
        there = {"level": level, "last_at": on, "next_at": None, "due_date": due_date, "flat_fee_charged": flat_fee}
        tried = {"undelivered": 0, "retry_at": None}
        return self._charging(charges).owing(interest=interest).model_copy(update={**there, **tried})

    def with_return_charges(self, amount: Decimal) -> Self:
        """The dunning with the charges of the bank for a returned direct debit."""
        return self._charging((*self.items, Charge(kind="returned_debit", level=0, amount=amount)))

    def waived(self, level: int) -> Self:
        """The dunning without the charges of a level."""
        return self._charging(waived(self.items, level))

    def _charging(self, charges: Charges) -> Self:
        after = self.owing(fees=total(charges, self.fees - self.fees))
        return after.model_copy(update={"charges": charges})

    def before(self, previous: Reached | None, *, undelivered: int, retry_at: date | None) -> Self:
        """The dunning without its last level, whose document was not delivered. `previous` is the level before it."""
        on, due_date, interest = previous or (None, None, self.interest - self.interest)
        there = {"level": self.level - 1, "last_at": on, "next_at": None, "due_date": due_date}
        tried = {"undelivered": undelivered, "retry_at": retry_at}
        return self.owing(interest=interest).model_copy(update={**there, **tried})

    def counts_from(self, invoice_due: date) -> date:
        """The day from which the next level counts: the last document's, else the invoice's due date."""
        return self.last_at or invoice_due
