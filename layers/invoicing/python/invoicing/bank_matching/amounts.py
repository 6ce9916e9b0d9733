"""How the amount of a bank transaction fits to documents."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Final, NamedTuple

from invoicing.bank.entry import Why
from invoicing.bank_matching.model import OpenDocument, SuggestedDocument

_MOST_OF_A_SUBSET: Final = 4
_MOST_DOCUMENTS: Final = 20
"""The most documents of which subsets are tried: with more of them, sums fit by chance."""


class Fit(NamedTuple):
    """An amount that documents have exactly, or but for a small difference."""

    documents: tuple[SuggestedDocument, ...]
    why: tuple[Why, ...]


def fit_of(amount: Decimal, documents: Sequence[OpenDocument], small_difference: Decimal = Decimal()) -> Fit | None:
    """How an amount pays all these documents: all due, with the fees, or less the cash discount.

    `small_difference`: the most that it can be less, unless it is one of these amounts exactly.
    """
    exact = next((one for one in _fits(documents) if _sum(one.documents) == amount), None)
    return exact or _less_difference(amount, documents, small_difference)


def _less_difference(amount: Decimal, documents: Sequence[OpenDocument], most: Decimal) -> Fit | None:
    """The fit that an amount misses by least. The last document is closed with all of the difference.

    More than half of that one has to be paid. Fees stay due when a document is closed, so with them nothing is small.
    """
    if any(one.fees or one.in_full for one in documents):
        return None
    missed = [(_sum(one.documents) - amount, one) for one in _fits(documents)]
    near = [one for one in missed if 0 < one[0] <= most]
    if not near:
        return None
    difference, fit = min(near, key=lambda one: one[0])
    *others, last = fit.documents
    closed = difference.quantize(last.amount)
    if closed != difference or last.amount <= 2 * closed:
        return None
    paid = last.model_copy(update={"amount": last.amount - closed, "small_difference": closed})
    return Fit((*others, paid), (*fit.why, "small_difference"))


def _fits(documents: Sequence[OpenDocument]) -> Iterator[Fit]:
    if any(one.due + one.fees <= 0 for one in documents):
        return
    if all(one.due > 0 for one in documents):
        yield Fit(tuple(one.paid(one.due) for one in documents), ("amount_due",))
    if any(one.fees for one in documents):
        yield Fit(tuple(one.paid(one.due + one.fees) for one in documents), ("amount_with_fees",))
    if any(one.discount for one in documents) and all(one.due > one.discount for one in documents):
        less = tuple(one.paid(one.due - one.discount, one.discount) for one in documents)
        yield Fit(less, ("amount_less_discount",))


def only_fit(amount: Decimal, documents: Sequence[OpenDocument]) -> Fit | None:
    """The one document of an amount, or the one subset of few documents; None if there are several."""
    alone = [fit for one in documents if (fit := fit_of(amount, [one]))]
    if alone:
        return alone[0] if len(alone) == 1 else None
    if len(documents) > _MOST_DOCUMENTS:
        return None
    smaller = [one for one in documents if 0 < one.due < amount]
    found: list[Fit] = []
    for size in range(2, _MOST_OF_A_SUBSET + 1):
        for some in combinations(smaller, size):
            if sum((one.due for one in some), Decimal()) == amount:
                found.append(Fit(tuple(one.paid(one.due) for one in some), ("amount_due",)))
                if len(found) > 1:
                    return None
    return found[0] if found else None


def sum_of_few[T](amount: Decimal, parts: Sequence[tuple[T, Decimal]]) -> tuple[T, ...]:
    """The first few parts of some, at most four, that are an amount together; none of too many."""
    most = _MOST_OF_A_SUBSET if len(parts) <= _MOST_DOCUMENTS else 1
    return next(
        (
            tuple(one for one, _ in some)
            for size in range(1, most + 1)
            for some in combinations(parts, size)
            if sum((part for _, part in some), Decimal()) == amount
        ),
        (),
    )


def spread(amount: Decimal, documents: Sequence[OpenDocument]) -> tuple[SuggestedDocument, ...]:
    """An amount over documents in their order, each at most its amount due with its fees."""
    parts: list[SuggestedDocument] = []
    for one in documents:
        part = min(amount, one.due + one.fees)
        if part > 0:
            parts.append(one.paid(part))
            amount -= part
    return tuple(parts)


def _sum(parts: Sequence[SuggestedDocument]) -> Decimal:
    return sum((one.amount for one in parts), Decimal())
