"""How far the dunning of an invoice has come: it stands on the invoice's head, and changes with what is owed.

An invoice to a company that nobody dunned or said anything about has none there: most never do, and each byte of a head
is written with every payment.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, NamedTuple, Self

from invoicing.core.currency import from_minor
from invoicing.core.model import Amount, Day, Internal, ShortText, Value


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


class DunningSettings(Value):
    """Whether an invoice is dunned, and if not, until when or why not."""

    disabled: bool = False
    paused_until: Day | None = None
    reason: Annotated[ShortText | None, Internal] = None


class Reached(NamedTuple):
    """What the document of a level leaves behind: its day, what it asks to pay by when, and the interest so far."""

    on: date
    due_date: date
    interest: Decimal


class Dunning(DunningSettings):
    """The dunning of one invoice. Levels count from 0, which is none.

    A level counts once its document was delivered: one that cannot be delivered takes the level back (`before`).
    `undelivered` counts such documents of the next level, which is issued again on `retry_at` at the earliest. `fees`
    are all that were charged and not waived, one by one in `charges`; `interest` is what the last document asks for.
    `fees_due` is both less what was paid on them. `next_at` is computed when it is read.
    """

    customer_type: Literal["company", "person"] = "company"
    level: int = 0
    last_at: Day | None = None
    next_at: Day | None = None
    due_date: Day | None = None
    flat_fee_charged: bool = False
    charges: Charges = ()
    undelivered: Annotated[int, Internal] = 0
    retry_at: Annotated[Day | None, Internal] = None
    fees: Amount
    interest: Amount
    fees_paid: Amount
    fees_due: Amount

    @classmethod
    def none(cls, currency: str) -> Self:
        """Of an invoice that was never dunned."""
        nothing = from_minor(0, currency)
        return cls(fees=nothing, interest=nothing, fees_paid=nothing, fees_due=nothing)

    def set_to(self, settings: DunningSettings) -> Self:
        """The same with dunning stopped, paused or going on."""
        return self.model_copy(update=dict(settings))

    @classmethod
    def issued_to(cls, customer_type: Literal["company", "person"], before: Self | None, currency: str) -> Self | None:
        """Of an invoice that is issued now; what was said about it while it was a draft holds."""
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
        """The fees one by one; those of before they were itemized are one item."""
        if self.charges or not self.fees:
            return self.charges
        return (Charge(kind="fee", level=self.level, amount=self.fees),)

    def reached(self, level: int, charges: Charges, *, on: date, due_date: date, interest: Decimal) -> Self:
        """The dunning at its next level, with all that is charged by then; interest replaces what had accrued."""
        flat_fee = self.flat_fee_charged or any(one.kind == "flat_fee" for one in charges)
        there = {"level": level, "last_at": on, "next_at": None, "due_date": due_date, "flat_fee_charged": flat_fee}
        tried = {"undelivered": 0, "retry_at": None}
        return self._charging(charges).owing(interest=interest).model_copy(update={**there, **tried})

    def waived(self, level: int) -> Self:
        """The dunning without what a level charged."""
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
