"""A month of a company: its invoices, the movements that the bank books about them, and the open items after them."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import count
from random import Random
from typing import Any, NamedTuple

from tests.bank import GERMAN_REASONS, Month, Movement, batch_of
from tests.builders import customer_json, invoice_json, line_json
from tests.collection import IBAN, OTHER_IBAN
from tests.gateway import Client
from tests.transactions import DUE, FEE, collected

Json = dict[str, Any]
CENT = Decimal("0.01")
NAMES = ("Bäckerei Süß & Söhne", "Aimée Nuñez", "Žák Østergård AG")
IBANS = ("DE02500105170137075030", "AT611904300234573201", OTHER_IBAN)
"""The accounts of the customers. That of a mandate is known as its customer's."""
STORIES = (
    "whole", "whole", "discount", "late discount", "part", "over", "wrong number", "twice", "together", "batch",
    "charges", "unpaid", "reversal", "bank charges",
)  # fmt: skip
DEBITS = ("credited", "credited one by one", "returned", "no news")


class Paid(NamedTuple):
    """A payment that counts in the end."""

    invoice_id: str
    amount: str
    date: str
    method: str = "bank_transfer"
    cash_discount: str | None = None


class Story(NamedTuple):
    """Some movements of the bank, and the payments that they are."""

    movements: list[Movement]
    payments: list[Paid]
    needs_details: bool = False
    """Whether only the details of camt have the amounts and payers."""


class Company:
    """A company whose customers pay as customers do. Amounts differ, so that only twins are equal."""

    def __init__(self, api: Client, random: Random, auto: str) -> None:
        self._api, self._random, self._auto = api, random, auto
        api.patch("/tenant", {"bank_matching": {"auto": auto}}).ok()
        terms = {"days": 14, "discount_percent": "2", "discount_days": 7}
        bodies = [customer_json(name=name, payment_terms=terms) for name in NAMES]
        self._customers = [api.post("/customers", body).ok(201)["id"] for body in bodies]
        self._nets = (Decimal(100 + 7 * number) for number in count(1))
        self.stories: list[Story] = []
        self.totals: dict[str, Decimal] = {}

    def live(self, stories: int) -> "Company":
        """Let some things happen, and always direct debits that are credited and returned."""
        for _ in range(stories):
            name = self._random.choice(STORIES)
            # Only camt states the charges, so a part payment by rule would depend on the first format.
            if name == "charges" and self._auto != "certain":
                name = "whole"
            story: Callable[[], Story] = getattr(self, f"_{name.replace(' ', '_')}")
            self.stories.append(story())
        self.stories += [self._debits(("credited", "returned")), self._debits(self._random.choices(DEBITS, k=3))]
        return self

    @property
    def month(self) -> Month:
        """All movements, by day."""
        movements = [one for story in self.stories for one in story.movements]
        self._random.shuffle(movements)
        return Month(sorted(movements, key=lambda one: one.day))

    def payments(self, *, details: bool) -> Counter[Paid]:
        """The payments in the end, with the details of camt or without them."""
        return Counter(one for story in self.stories if details or not story.needs_details for one in story.payments)

    def open_items(self, *, details: bool) -> dict[str, str]:
        """The amount due on each invoice in the end."""
        due = dict(self.totals)
        for one, times in self.payments(details=details).items():
            due[one.invoice_id] -= times * (Decimal(one.amount) + Decimal(one.cash_discount or 0))
        return {id_: f"{amount:.2f}" for id_, amount in due.items()}

    # The stories

    def _issued(self, customer: int | None = None) -> Json:
        place = self._random.randrange(len(NAMES)) if customer is None else customer
        lines = [line_json(quantity="1", unit_price=f"{next(self._nets):.2f}")]
        body = invoice_json(customer_id=self._customers[place], lines=lines)
        issued: Json = self._api.post(f"/invoices/{self._api.post('/invoices', body).ok(201)['id']}/finalize").ok()
        self.totals[issued["id"]] = Decimal(issued["total"])
        return issued | {"place": place}

    def _day(self, latest: int = 9) -> date:
        return date(2026, 3, self._random.randint(2, latest))

    def _credit(self, invoice: Json, amount: Decimal, day: date, text: str | None = None) -> Movement:
        place, number = invoice["place"], invoice["number"]
        written = self._random.choice((number, number.replace("-", " "), f"RG-NR. {number.lower()}"))
        words = text or f"Rechnung {written} vom {day:%d.%m.} danke für die gute Ware"
        reference = f"E2E-{number[-6:]}-{amount}" if self._random.random() < 0.5 else ""
        return Movement(day, amount, words, name=NAMES[place], iban=IBANS[place], end_to_end_id=reference)

    def _paid(self, invoice: Json, amount: Decimal, day: date, discount: Decimal | None = None) -> Paid:
        return Paid(invoice["id"], f"{amount:.2f}", f"{day}", cash_discount=f"{discount:.2f}" if discount else None)

    def _whole(self) -> Story:
        invoice, day = self._issued(), self._day()
        total = Decimal(invoice["total"])
        return Story([self._credit(invoice, total, day)], [self._paid(invoice, total, day)])

    def _discounted(self, day: date) -> tuple[Json, Decimal, Decimal]:
        invoice = self._issued()
        discount = (Decimal(invoice["total"]) / 50).quantize(CENT, ROUND_HALF_UP)
        return invoice, Decimal(invoice["total"]) - discount, discount

    def _discount(self) -> Story:
        day = self._day(8)
        invoice, amount, discount = self._discounted(day)
        return Story([self._credit(invoice, amount, day)], [self._paid(invoice, amount, day, discount)])

    def _late_discount(self) -> Story:
        day = date(2026, 3, 9)
        invoice, amount, _ = self._discounted(day)
        paid = [self._paid(invoice, amount, day)] if self._auto == "likely" else []
        return Story([self._credit(invoice, amount, day)], paid)

    def _part(self) -> Story:
        invoice, day = self._issued(), self._day()
        amount = Decimal(invoice["total"]) - Decimal("50.01")
        paid = [self._paid(invoice, amount, day)] if self._auto == "likely" else []
        return Story([self._credit(invoice, amount, day)], paid)

    def _over(self) -> Story:
        invoice, day = self._issued(), self._day()
        return Story([self._credit(invoice, Decimal(invoice["total"]) + Decimal("3.33"), day)], [])

    def _wrong_number(self) -> Story:
        invoice, day = self._issued(), self._day()
        wrong = f"{invoice['number'][:-6]}9{invoice['number'][-5:]}"
        return Story([self._credit(invoice, Decimal(invoice["total"]), day, f"Rechnung {wrong}")], [])

    def _twice(self) -> Story:
        """The customer pays twice on a day with the same text: one of them is over."""
        story = self._whole()
        return Story(story.movements * 2, story.payments)

    def _together(self) -> Story:
        one, day = self._issued(), self._day()
        other = self._issued(one["place"])
        amounts = [Decimal(each["total"]) for each in (one, other)]
        text = f"{one['number']} und {other['number']}"
        paid = [self._paid(each, amount, day) for each, amount in zip((one, other), amounts, strict=True)]
        return Story([self._credit(one, sum(amounts, Decimal()), day, text)], paid)

    def _batch(self) -> Story:
        """One entry with the payments of several customers, whom only camt names."""
        stories, day = [self._whole() for _ in range(self._random.choice((2, 3)))], self._day()
        parts = [story.movements[0]._replace(day=day) for story in stories]
        paid = [story.payments[0]._replace(date=f"{day}") for story in stories]
        return Story([batch_of(parts)], paid, needs_details=True)

    def _charges(self) -> Story:
        story = self._whole()
        return Story([batch_of(story.movements, charges=Decimal("2.22"))], story.payments, needs_details=True)

    def _unpaid(self) -> Story:
        self._issued()
        return Story([], [])

    def _reversal(self) -> Story:
        """The bank booked a payment of somebody else, and takes it back on the next day."""
        wrong = self._wrong_number().movements[0]
        back = wrong._replace(day=wrong.day + timedelta(days=1), amount=-wrong.amount, reversal=True, end_to_end_id="")
        return Story([wrong, back], [])

    def _bank_charges(self) -> Story:
        fee = Movement(self._day(), Decimal("-4.50"), "Buchungsposten", name="Bank", iban="")
        return Story([fee] * self._random.choice((1, 2)), [])

    def _debits(self, outcomes: "tuple[str, ...] | list[str]") -> Story:
        """A file of direct debits: its batch is credited whole, one by one, or without any news until they settle."""
        made = collected(self._api, len(outcomes))
        movements: list[Movement] = []
        paid: list[Paid] = []
        is_whole = "credited" in outcomes
        if is_whole:
            movements.append(Movement(DUE, made.file.total, "Lastschriften", name="", iban="", batch=made.batch))
        for debit, outcome in zip(made.debits, outcomes, strict=True):
            self.totals[debit.invoice_id] = debit.amount
            day, own = DUE, Movement(DUE, debit.amount, "Lastschrift", iban=IBAN, end_to_end_id=debit.end_to_end_id)
            if outcome == "credited one by one" and not is_whole:
                day = DUE + timedelta(days=1)
                movements.append(own._replace(day=day))
            if outcome == "returned":
                mandate = debit.mandate.reference if debit.mandate else ""
                code = self._random.choice([*GERMAN_REASONS])
                taken = own._replace(day=DUE + timedelta(days=3), amount=-debit.amount - FEE, original=debit.amount)
                movements.append(taken._replace(mandate=mandate, returned=code))
                continue
            paid.append(Paid(debit.invoice_id, f"{debit.amount}", f"{day}", "sepa_direct_debit"))
        return Story(movements, paid)


def in_parts(month: Month, random: Random, *, by_day: bool) -> Iterator[tuple[Month, int]]:
    """The month whole or in two statements that follow on each other, with the position of each first movement.

    `by_day`: the second one begins on another day, because without balances a twin on both sides would be known.
    """
    size = len(month.movements)
    days = [one.day for one in month.movements]
    cuts = [place for place in range(1, size) if not by_day or days[place - 1] < days[place]]
    if random.random() < 0.5:
        yield month, 0
        return
    cut = random.choice(cuts)
    yield month.part(0, cut, "1"), 0
    yield month.part(cut, size, "2"), cut


def overlapping(month: Month, random: Random) -> tuple[Month, int]:
    """A statement of the middle of the month."""
    first = random.randrange(len(month.movements) // 2)
    return month.part(first, random.randrange(first + 1, len(month.movements) + 1), "7"), first
