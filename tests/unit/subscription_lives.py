"""Random lives of a subscription, and the amounts that its documents have to add up to."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any, NamedTuple

from invoicing.core.currency import exponent, to_minor
from invoicing.core.errors import DomainError
from invoicing.core.ids import new_id, new_ids
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import Invoice
from invoicing.subscriptions.billing.bills import bill, planned
from invoicing.subscriptions.billing.entries import price_basis_of
from invoicing.subscriptions.billing.waiting import waiting_dues, with_waiting
from invoicing.subscriptions.canceling import canceled
from invoicing.subscriptions.changing.applying import applied, in_force_at_next, new_dues, rescheduled
from invoicing.subscriptions.changing.ledger import with_gaps
from invoicing.subscriptions.changing.model import ChangedItem, NewChange, SubscriptionChange
from invoicing.subscriptions.changing.requesting import apply_change, requested_change, schedule_change
from invoicing.subscriptions.changing.settling import BilledLine, Placed, Settlement, settle
from invoicing.subscriptions.errors import AlreadyRebilled
from invoicing.subscriptions.ledger import Due, SubscriptionPeriod
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.prices import NO_PRICES, Prices
from invoicing.subscriptions.requests import SetCancellation
from invoicing.subscriptions.schedule import due_of, next_dues
from invoicing.subscriptions.workflow import after_release, with_invoice_again, without_invoice
from tests.builders import item_json
from tests.unit.test_subscription_schedule import BUYER, COMPANY
from tests.unit.test_subscription_sequences import START, Life

DAY = timedelta(days=1)


class Wanted(NamedTuple):
    """A price or quantity of an item from a day on; None leaves it as it is."""

    on: date
    price: Decimal | str | None
    """The price of one unit, or the id of a price of the catalogue."""
    quantity: Decimal | None


def shown(periods: Iterable[SubscriptionPeriod], invoice: Invoice | None) -> tuple[object, ...]:
    """The periods and the lines of an invoice, without ids and instants."""
    lines = [line.model_dump(exclude={"id"}) for line in invoice.lines] if invoice else None
    ids_of_items = {"line_id", "invoice_id"}
    rows = [
        (one.id, one.end, one.status, [item.model_dump(exclude=ids_of_items) for item in one.items])
        for one in periods
        if one.status != "paused"
    ]
    return rows, lines, invoice and (invoice.total, invoice.tax_breakdown, invoice.introduction)


class ChangedLife(Life):
    """A subscription whose items change, with the lines of its documents and the terms of each day."""

    restarts = 0.1
    """How many of the changes restart the anchor."""
    waits = 0.4
    """How many of the changes leave their charges to the next invoice."""

    def __init__(self, random: Random, **fields: Any) -> None:
        super().__init__(random, **fields)
        self.prices: Prices = fields.get("prices", NO_PRICES)
        self.invoices: dict[str, Invoice] = {}
        self.left: Counter[str] = Counter()
        """The uncredited amount of each line, in minor units; none of a line of a canceled invoice."""
        self.canceled: dict[str, Counter[str]] = {}
        """The uncredited amounts of the lines of canceled invoices, which return if they are reactivated."""
        self.credited: list[tuple[str, int]] = []
        """The credit notes that a user created: a line and an amount of each."""
        self.voided = 0
        """The amounts of those that the user voided."""
        self.wanted: defaultdict[str, list[Wanted]] = defaultdict(list)
        self.roundings = 1
        self.last: date | None = None
        """The last day, after its end."""
        for item in self.found.items:
            price = item.line.unit_price if item.line else item.price_id
            self.wanted[item.id].append(Wanted(item.first_day(START), price, item.quantity))
            if item.end_date:
                self.wanted[item.id].append(Wanted(item.end_date + DAY, None, Decimal(0)))

    def bill(self, *dues: Due) -> None:
        parties: dict[str, Any] = {"customer": BUYER, "tenant": COMPANY, "moment": self.moment}
        is_next = dues == next_dues(in_force_at_next(self.found))
        if not any(one.row for one in dues):
            dues = (*dues, *waiting_dues(self.found, self.rows.values()))
        made = bill(self.found, dues, new_id("inv", self.moment.at), prices=self.prices, **parties)
        if is_next:
            ids = new_ids("inv", self.moment.at)
            rows = list(self.rows.values())
            [previewed] = planned(self.found, 1, None, ids, prices=self.prices, waiting=rows, **parties)
            assert shown(previewed.periods, previewed.invoice) == shown(made.periods, made.draft)
        again = {one.row.id for one in dues if one.row}
        self._insert(one for one in made.periods if one.id not in again)
        self.rows |= {one.id: one for one in made.periods}
        self.found = made.subscription
        self._issue(made.draft)

    def _insert(self, periods: Iterable[SubscriptionPeriod]) -> None:
        """Insert periods; each has one row, as in the table."""
        for one in periods:
            assert one.id not in self.rows
            self.rows[one.id] = one

    def _issue(self, draft: Invoice | None) -> None:
        if draft is not None:
            self.invoices[draft.id] = draft.model_copy(update={"status": Status.OPEN})
            self.left.update({line.id: to_minor(line.net, self.found.currency, pointer="") for line in draft.lines})
            self.roundings += len(draft.lines)

    def release(self) -> None:
        """Cancel the invoice of a period or of a change."""
        if issued := [one for one in self.invoices.values() if one.status is Status.OPEN]:
            invoice = self.random.choice(issued)
            named = tuple(one.period for one in invoice.subscription_periods)
            released = (without_invoice(self.rows[one], invoice.id, named, self.moment) for one in named)
            self._rewrite(one for one in released if one is not None)
            self.canceled[invoice.id] = Counter({line.id: self.left.pop(line.id, 0) for line in invoice.lines})
            self.invoices[invoice.id] = invoice.model_copy(update={"status": Status.CANCELED})

    def reactivate(self) -> None:
        """Let a canceled invoice return, unless its periods are billed otherwise."""
        if self.canceled:
            invoice = self.invoices[self.random.choice(list(self.canceled))]
            named = [self.rows[one.period] for one in invoice.subscription_periods]
            try:
                self._rewrite([with_invoice_again(one, invoice, self.moment) for one in named])
            except AlreadyRebilled:
                return
            self.left.update(self.canceled.pop(invoice.id))
            self.invoices[invoice.id] = invoice.model_copy(update={"status": Status.OPEN})

    def _rewrite(self, periods: Iterable[SubscriptionPeriod]) -> None:
        """Record periods whose invoice was canceled or has returned."""
        changed = list(periods)
        self.rows |= {one.id: one for one in changed}
        waiting = after_release(self.found.waiting_charges, changed)
        self.found = self.found.model_copy(update={"waiting_charges": waiting})

    def credit(self) -> None:
        """Credit some of a line by hand."""
        once = {line for lines in self.lines_billed_once.values() for line in lines}
        if lines := [id_ for id_, amount in self.left.items() if amount > 0 and id_ not in once]:
            line = self.random.choice(lines)
            self.credited.append((line, amount := self.random.randint(1, self.left[line])))
            self.left[line] -= amount

    def void(self) -> None:
        """Void a credit note that was created by hand."""
        if notes := [one for one in self.credited if one[0] in self.left]:
            line, amount = note = self.random.choice(notes)
            self.credited.remove(note)
            self.left[line] += amount
            self.voided += amount

    def bill_by_hand(self) -> None:
        if found := [one for one in self.rows.values() if one.status == "released" or one.has_released]:
            self.bill(due_of(self.found, self.random.choice(found)))

    def settle(self) -> None:
        while any(one.status == "released" or one.has_released for one in self.rows.values()):
            self.bill_by_hand()
        self.bill_due()
        if self.found.waiting_charges and (day := self.found.next_bill_on):
            self.today = max(self.today, day)
            self.settle()

    def bill_early(self) -> None:
        """Bill the next period before its day, at most some months ahead."""
        [track, *_] = self.found.tracks
        dues = next_dues(in_force_at_next(self.found))
        # A scheduled change can leave nothing to bill.
        if dues and track.next and track.next.start < self.today + timedelta(days=60):
            self.bill(*dues)

    def change(self) -> None:
        """Add an item, or change or remove one, from a day that a client may choose."""
        data = NewChange.model_validate(self._body(), strict=False)
        try:
            change = requested_change(self.found, data, COMPANY, self.moment, self.prices)
            if change.status == "scheduled":
                self.found = schedule_change(self.found, change, today=self.today, moment=self.moment)
            else:
                self._settle(change)
        except DomainError:
            return
        [one] = change.items
        line, id_ = (one.item.line, one.item.price_id) if one.item else (one.line, one.price_id)
        quantity = Decimal(0) if one.op == "remove" else one.item.quantity if one.item else one.quantity
        self.wanted[one.item_id].append(Wanted(change.on, line.unit_price if line else id_, quantity))

    def _body(self) -> dict[str, Any]:
        random = self.random
        price, quantity = f"{random.randint(1, 90)}.{random.randint(0, 99):02d}", str(random.randint(1, 9))
        id_, line = random.choice(self.found.items).id, item_json("Plan", price)["line"]
        changes: list[dict[str, Any]] = [
            {"op": "set", "item_id": id_, "quantity": quantity},
            {"op": "set", "item_id": id_, "line": line},
            {"op": "set", "item_id": id_, "line": line, "quantity": quantity},
            {"op": "add", "item": item_json("Zusatz", price, quantity=quantity)},
            {"op": "add", "item": item_json("Einmalig", price, quantity=quantity, once=True)},
            *self._first_of_another(price, quantity),
            {"op": "remove", "item_id": id_},
        ]
        body: dict[str, Any] = {"items": [random.choice(changes)]}
        if random.random() < 0.5:
            body |= {"at": "date", "on": (self.today + timedelta(days=random.randint(-5, 40))).isoformat()}
        if random.random() < self.restarts:
            body["anchor"] = "restart"
        return body | self._billed()

    def _first_of_another(self, price: str, quantity: str) -> list[dict[str, Any]]:
        """An added item whose first period is billed in full or not at all; none in most lives."""
        firsts = ["full", "free"] if any(one.first != "prorate" for one in self.found.items) else []
        return [{"op": "add", "item": item_json(f"Erst {one}", price, quantity=quantity, first=one)} for one in firsts]

    def _billed(self) -> dict[str, str]:
        """When the charges of a change are billed."""
        return {"bill": "next_invoice"} if self.random.random() < self.waits else {}

    def _settle(self, change: SubscriptionChange) -> None:
        after = apply_change(self.found, change)
        rows = [one for one in self.rows.values() if one.end >= change.on]
        rows = with_gaps(after, change, rows, self.moment)
        charge_id = new_id("inv", self.moment.at)
        found = self._settled(change, after, charge_id, rows)
        after = rescheduled(after, change, rows)
        waits = change.bill == "next_invoice"
        dues = () if waits else new_dues(self.found, after, change, self.today)
        parties: dict[str, Any] = {"customer": BUYER, "tenant": COMPANY, "moment": self.moment}
        made = bill(after, dues, charge_id, charges=tuple(found.charges), prices=self.prices, **parties)
        charged = None if waits else made.draft
        self._issue(charged)
        self._record(found, charged)
        self._insert(made.periods)
        self.found = made.subscription if dues else with_waiting(after, found.waiting)

    def end(self) -> None:
        """Cancel it with a credit for the days after its end. Before this end, it is changed and billed by hand."""
        self.settle()
        on = self.today + timedelta(days=self.random.randint(0, 40))
        if self.found.status_on(self.today) == "ended":
            return
        self.found = canceled(self.found, SetCancellation(at="date", on=on, refund="credit"), self.moment)
        for _ in range(self.random.randint(0, 4)):
            self.random.choice([self.change, self.change, self.release, self.reactivate, self.bill_by_hand])()
        self.today, self.last = on + DAY, on
        if self.random.random() < 0.5:
            self.settle()
        self.take_back(on + DAY)

    def take_back(self, on: date) -> None:
        """Credit the days from one on, as after the end of the subscription."""
        removed = (ChangedItem(op="remove", item_id=one.id) for one in self.found.items if not one.once)
        change = SubscriptionChange(
            id=new_id("chg", self.moment.at),
            status="in_force",
            on=on,
            items=tuple(removed),
            created_at=self.moment.at,
        )
        rows = [one for one in self.rows.values() if one.end >= on]
        found = self._settled(change, applied(self.found, change), new_id("inv", self.moment.at), rows)
        assert found.charges == []
        self._record(found, None)

    @property
    def lines(self) -> dict[str, BilledLine]:
        """The lines of all invoices with the amounts that are left of them."""
        return {
            line.id: BilledLine(invoice, line, to_minor(line.net, self.found.currency, pointer=""), self.left[line.id])
            for invoice in self.invoices.values()
            for line in invoice.lines
        }

    def _settled(
        self, change: SubscriptionChange, after: Subscription, charge_id: str, rows: Sequence[SubscriptionPeriod]
    ) -> Settlement:
        """The settlement of a change, whose amounts are credited."""
        price_basis = price_basis_of(after, BUYER, COMPANY, self.prices)
        found = settle(after, change, rows, self.lines, charge_id, price_basis)
        for amounts in found.credits.values():
            for line_id, amount in amounts.items():
                assert 0 < amount <= self.left[line_id]
                self.left[line_id] -= amount
                self.roundings += 2
        return found

    def _record(self, found: Settlement, draft: Invoice | None) -> None:
        charged = draft.lines[len(draft.lines) - len(found.charges) :] if draft else ()
        lines = {id(one): line for one, line in zip(found.charges if draft else (), charged, strict=True)}
        for row, items in found.rows:
            billed = tuple(
                one.entry.billed_by(lines[id(one.entry)], one.invoice_id) if isinstance(one, Placed) else one
                for one in items
            )
            self.rows[row.id] = row.model_copy(update={"items": billed})

    def amount_of(self, day: date, items: Iterable[str]) -> Fraction:
        """The amount of a full period in cents, by the terms of items that were requested for a day."""
        found = Fraction(0)
        if self.last and day > self.last:
            return found
        for first, *others in (self.wanted[id_] for id_ in items):
            price, quantity = first.price, first.quantity
            if day < first.on:
                continue
            for one in sorted(others, key=lambda one: one.on):
                if one.on <= day:
                    price = price if one.price is None else one.price
                    quantity = quantity if one.quantity is None else one.quantity
            found += self.amount(price or Decimal(0), quantity or Decimal(0)) * self.minor_units
        return found

    @property
    def minor_units(self) -> int:
        """The number of minor units in one unit of the currency."""
        return int(10 ** exponent(self.found.currency))

    @property
    def lines_billed_once(self) -> dict[str, list[str]]:
        """The lines of each item that is billed once."""
        return {
            item.id: [one.line_id for row in self.rows.values() for one in row.items if one.item_id == item.id]
            for item in self.found.items
            if item.once
        }

    def require_billed_once(self) -> int:
        """Fail unless each item that is billed once is billed once. Returns the amount of all of them."""
        found, last = 0, max((row.end for row in self.rows.values()), default=date.min)
        for id_, lines in self.lines_billed_once.items():
            first, price, quantity = self.wanted[id_][0]
            amount = self.amount(price or Decimal(0), quantity or Decimal(0)) * self.minor_units
            billed = sum(self.left[line] for line in lines)
            # After a restart, the period before it keeps an item that begins later. One that begins after the end is
            # not billed again if its invoice was canceled.
            assert billed == amount or (first > min(last, self.last or last) and not billed), (id_, billed)
            found += billed
        return found

    def amount(self, price: Decimal | str, quantity: Decimal) -> Fraction:
        """The amount of a full period."""
        return Fraction(price) * Fraction(quantity)

    @property
    def owed(self) -> Fraction:
        """The amount of all days of the periods, in any order of bills and changes.

        Each day of a full first price has the same part of it: one day of those from its first one to the end of the
        full period.
        """
        found = Fraction(0)
        for row in self.rows.values():
            full = self.found.span_of(row.start).grid(row.interval).full_period(row.start)
            days = [row.start + timedelta(days=one) for one in range((row.end - row.start).days + 1)]
            for item in self.found.items:
                late = max(0, (item.first_day(START) - full.start).days)
                if item.once or late >= full.of or (item.first == "free" and late):
                    continue
                of = full.of - late if item.first == "full" else full.of
                found += sum((self.amount_of(day, [item.id]) for day in days), Fraction(0)) / of
        return found


def check_life(life: ChangedLife, seed: int) -> None:
    """Let random things happen to a subscription, and compare its documents with its terms."""
    life.bill_due()
    steps = [
        life.pass_days, life.change, life.change, life.change, life.release, life.reactivate, life.bill_by_hand,
        life.bill_early, *([life.credit, life.void] if seed % 4 == 0 else []),
    ]  # fmt: skip
    for _ in range(life.random.randint(2, 14)):
        life.random.choice(steps)()
    if life.random.random() < 0.3:
        life.end()
    life.settle()
    assert life.found.waiting_charges == ()
    documents = sum(life.left.values()) - life.require_billed_once()
    by_hand = sum(amount for line, amount in life.credited if line in life.left)
    owed = life.owed
    assert owed - life.roundings - by_hand <= documents <= owed + life.roundings + life.voided, (
        seed,
        documents,
        float(owed),
    )
