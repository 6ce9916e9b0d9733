"""The life of one document with one client at a time, and the order of its calls that explains concurrent answers.

A history of concurrent calls is linearizable if there is an order in which each call has the answer that it would have
had from one client after the other, and in which no call precedes one that was answered before it was sent.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

LOST_RACE = "CONCURRENT_MODIFICATION"
"""The refusal after twenty seconds of lost races: nothing was written."""


class Books(NamedTuple):
    """The state of one document, with amounts in cents."""

    status: str = "draft"
    version: int = 1
    paid: int = 0
    credited: int = 0
    canceled: int = 0
    """The part of `credited` that is the cancellation's."""
    refunded: int = 0
    corrected: bool = False
    sent: bool = False
    type: str = "invoice"
    total: int = 11_900

    @property
    def rest(self) -> int:
        """The amount that is neither paid nor credited; below zero it is the customer's."""
        return self.total - self.paid - self.credited

    @property
    def only_credited(self) -> bool:
        """Whether the invoice was credited in full and never paid."""
        return self.credited == self.total and not self.paid and not self.refunded

    @property
    def shown(self) -> dict[str, Any]:
        """The fields that an answer shows."""
        facts: dict[str, Any] = {"status": self.status, "version": self.version}
        if self.type == "credit_note":
            return facts
        due = 0 if self.status in ("draft", "closed", "canceled") else max(self.rest, 0)
        return facts | {"paid": self.paid, "credited": self.credited, "due": due, "refund_due": max(-self.rest, 0)}

    def changed(self, **fields: Any) -> "Books":
        """The state after a change."""
        return self._replace(version=self.version + 1, **fields)

    def settled(self, **fields: Any) -> "Books":
        """The state after a change of amounts: an invoice without a rest is paid, or closed if it was only credited."""
        after = self.changed(**fields)
        if after.status == "canceled":
            return after
        if after.rest > 0:
            was_credited = self.status == "closed" and self.only_credited
            return after._replace(status="closed" if after.status == "closed" and not was_credited else "open")
        return after._replace(status="closed" if after.only_credited else "paid")


Outcome = tuple[int, str | None, Books]
"""Status and code of an answer, and the state after it."""
ISSUED = ("open", "paid", "canceled", "closed")


def refused(books: Books, status: int, code: str) -> Outcome:
    return status, code, books


def allowed_in(*statuses: str) -> Callable[[Callable[[Books], Outcome]], Callable[[Books], Outcome]]:
    """Refuse a call in all other states."""

    def with_check(call: Callable[[Books], Outcome]) -> Callable[[Books], Outcome]:
        def checked(books: Books) -> Outcome:
            if books.status == "deleted":
                return refused(books, 404, "INVOICE_NOT_FOUND")
            return call(books) if books.status in statuses else refused(books, 409, "INVALID_STATE")

        return checked

    return with_check


def pay(amount: int | None, books: Books) -> Outcome:
    amount = books.total if amount is None else amount
    if amount > max(books.rest, 0):
        return refused(books, 422, "PAYMENT_EXCEEDS_DUE")
    return 201, None, books.settled(paid=books.paid + amount)


def refund(amount: int, books: Books) -> Outcome:
    if amount > -books.rest:
        return refused(books, 422, "REFUND_EXCEEDS_CREDIT")
    return 201, None, books.settled(paid=books.paid - amount, refunded=books.refunded + amount)


def credit(amount: int | None, books: Books) -> Outcome:
    left = books.total - books.credited
    amount = left if amount is None else amount
    if not 0 < amount <= left:
        return refused(books, 422, "CREDIT_EXCEEDS_INVOICE")
    return 201, None, books.settled(credited=books.credited + amount)


def cancel(answer: int, books: Books) -> Outcome:
    if books.type == "credit_note":
        return refused(books, 409, "CREDIT_NOTE_SENT") if books.sent else (200, None, books.changed(status="canceled"))
    left = books.total - books.credited
    if not left:
        return refused(books, 422, "NOTHING_TO_CANCEL")
    return answer, None, books.changed(status="canceled", credited=books.total, canceled=left, corrected=answer == 201)


def reactivate(books: Books) -> Outcome:
    if books.corrected:
        return refused(books, 409, "ALREADY_CORRECTED")
    if books.status == "closed" and books.only_credited:
        return refused(books, 409, "INVALID_STATE")
    reopened = books._replace(status="open")
    return 200, None, reopened.settled(credited=books.credited - books.canceled, canceled=0)


def changes(answer: int, **fields: Any) -> Callable[[Books], Outcome]:
    return lambda books: (answer, None, books.changed(**fields))


CALLS: Mapping[str, Callable[[Books], Outcome]] = {
    "read": allowed_in("draft", *ISSUED)(lambda books: (200, None, books)),
    "update": allowed_in("draft")(changes(200)),
    "delete": allowed_in("draft")(changes(204, status="deleted")),
    "finalize": allowed_in("draft")(changes(200, status="open")),
    "pay_part": allowed_in("open", "paid", "closed")(partial(pay, 500)),
    "pay_all": allowed_in("open", "paid", "closed")(partial(pay, None)),
    "refund_part": allowed_in(*ISSUED)(partial(refund, 500)),
    "credit_part": allowed_in("open", "paid", "closed")(partial(credit, 700)),
    "credit_rest": allowed_in("open", "paid", "closed")(partial(credit, None)),
    "cancel": allowed_in("open", "paid", "closed")(partial(cancel, 200)),
    "correct": allowed_in("open", "paid", "closed")(partial(cancel, 201)),
    "close": allowed_in("open", "paid")(changes(200, status="closed")),
    "reactivate": allowed_in("canceled", "closed")(reactivate),
    "send": allowed_in(*ISSUED)(changes(202, sent=True)),
    "set_dunning": allowed_in("draft", *ISSUED)(changes(200)),
}
"""The answer to each call in a state, and the state after it."""


class Call(NamedTuple):
    """One call of a client: when it was sent and answered, and the answer.

    `seen` has the fields of the document, if the answer shows it.
    """

    kind: str
    sent: float
    answered: float
    status: int
    code: str | None = None
    seen: tuple[tuple[str, Any], ...] = ()


def seen_in(document: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """The fields of an answer that `Books.shown` has too."""
    facts = {name: document[name] for name in ("status", "version")}
    if document["type"] == "invoice":
        facts |= {name: int(Decimal(document[name]) * 100) for name in ("paid", "credited", "due", "refund_due")}
    return tuple(facts.items())


def explained(call: Call, books: Books) -> Books | None:
    """The state after a call, if it has the answer that this state gives."""
    if call.code == LOST_RACE:
        return books
    status, code, after = CALLS[call.kind](books)
    fits = (call.status, call.code) == (status, code) and dict(call.seen).items() <= after.shown.items()
    return after if fits else None


def order_of(calls: Sequence[Call], begin: Books) -> list[Call] | None:
    """An order that explains all answers; None if there is none."""
    every = (1 << len(calls)) - 1
    dead: set[tuple[int, Books]] = set()
    path: list[int] = []

    def search(done: int, books: Books) -> bool:
        if done == every:
            return True
        if (done, books) in dead:
            return False
        for number in _next(calls, done):
            after = explained(calls[number], books)
            if after is not None:
                path.append(number)
                if search(done | 1 << number, after):
                    return True
                path.pop()
        dead.add((done, books))
        return False

    return [calls[number] for number in path] if search(0, begin) else None


def _next(calls: Sequence[Call], done: int) -> Iterator[int]:
    """The calls that can come next: none of the others was answered before they were sent.

    Of several calls with the same answer only the one that was answered first: exchanging two of them changes nothing.
    """
    left = [number for number in range(len(calls)) if not done >> number & 1]
    first = min(calls[number].answered for number in left)
    given: set[Any] = set()
    for number in sorted(left, key=lambda number: calls[number].answered):
        call = calls[number]
        answer = (call.kind, call.status, call.code, call.seen)
        if call.sent <= first and answer not in given:
            given.add(answer)
            yield number
