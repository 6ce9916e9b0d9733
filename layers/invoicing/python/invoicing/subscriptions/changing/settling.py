"""The amounts that a change takes back and charges in periods that are billed already.

Issued lines are credited, drafts get other lines, and more than is billed is charged by new lines. Billed amounts are
those of the lines of the documents themselves, and of the quantities that earlier changes left of them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext
from functools import partial
from typing import NamedTuple

from invoicing.core.currency import from_minor, to_minor
from invoicing.documents.texts.wording import Wording
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import Invoice
from invoicing.pricing.line import FilledLine, Line
from invoicing.pricing.share import Share
from invoicing.settlement.credit import Credited, rates_of
from invoicing.subscriptions.billing.entries import ItemLine, entry_of, name_of_share, part_of, priced_entries
from invoicing.subscriptions.changing.applying import require_same_periods
from invoicing.subscriptions.changing.model import SubscriptionChange, WaitingCharge
from invoicing.subscriptions.items import Item, Terms
from invoicing.subscriptions.layers import Cut, Layer, Part, Price, PriceSource, Wanted, changed, price_of_one
from invoicing.subscriptions.ledger import PeriodItem, SmallerQuantity, SubscriptionPeriod
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.periods import Period, days_between
from invoicing.subscriptions.prices import PriceBasis, offer_for, part_lines
from invoicing.subscriptions.schedule import due_of
from invoicing.subscriptions.shares import line_of_share

_DAY = timedelta(days=1)


class BilledLine(NamedTuple):
    """A line of an invoice. Amounts are in minor units, with or without tax as the prices are."""

    invoice: Invoice
    line: Line
    amount: int
    left: int
    """The amount that is not credited yet."""

    @property
    def is_draft(self) -> bool:
        """Whether its invoice is a draft."""
        return self.invoice.status is Status.DRAFT


class Placed(NamedTuple):
    """A new line, and the id of its invoice if that is not the invoice of the period."""

    entry: ItemLine
    invoice_id: str | None


@dataclass
class DraftChange:
    """The lines of a draft that are replaced, by their ids, and those that are added."""

    replaced: dict[str, list[ItemLine]] = field(default_factory=dict)
    added: list[ItemLine] = field(default_factory=list)


@dataclass
class Settlement:
    """The documents and periods that a change in billed periods alters."""

    charge_id: str
    """The id of the invoice that bills the charges."""
    rows: list[tuple[SubscriptionPeriod, list[PeriodItem | Placed]]] = field(default_factory=list)
    """The periods with their items. New lines have their place."""
    credits: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    """The amounts that are taken back, by invoice and line."""
    drafts: dict[str, DraftChange] = field(default_factory=lambda: defaultdict(DraftChange))
    """The changes of drafts, by their ids."""
    charges: list[ItemLine] = field(default_factory=list)
    """The lines of the new invoice, or of the next one."""
    waiting: list[WaitingCharge] = field(default_factory=list)
    """The charges that wait for the next invoice."""


def billed_lines(invoice: Invoice, so_far: Sequence[Credited]) -> dict[str, BilledLine]:
    """The lines of an invoice by their ids, with the amounts that are left of them."""
    found = {}
    for rate in rates_of(invoice, so_far):
        for place, amount in zip(rate.group.places, rate.group.amounts, strict=True):
            line = invoice.lines[place]
            found[line.id] = BilledLine(invoice, line, amount, amount - rate.credited[line.id])
    return found


def settle(
    subscription: Subscription,
    change: SubscriptionChange,
    rows: Sequence[SubscriptionPeriod],
    lines: Mapping[str, BilledLine],
    charge_id: str,
    price_basis: PriceBasis,
) -> Settlement:
    """The settlement of a change in the periods that contain its day or follow it.

    `subscription` has the terms after the change, `lines` are those of all invoices of the periods, and `catalogue` has
    the prices of items that continue.
    """
    found = Settlement(charge_id)
    for row in rows:
        _Row(found, subscription, change, row, lines, price_basis).settle()
    return found


class _Row:
    """A billed period during a change."""

    def __init__(
        self,
        found: Settlement,
        subscription: Subscription,
        change: SubscriptionChange,
        row: SubscriptionPeriod,
        lines: Mapping[str, BilledLine],
        price_basis: PriceBasis,
    ) -> None:
        due = due_of(subscription, row)
        self.found, self.subscription, self.change, self.row = found, subscription, change, row
        self.lines, self.price_basis, self.words = lines, price_basis, Wording.of(price_basis.language)
        self.outdated: set[str] = set()
        """Canceled invoices of charges whose quantities decrease."""
        self.ends = change.anchor == "restart" and row.start < change.on
        if change.anchor == "restart" and not self.ends:
            require_same_periods(subscription, due)
        self.due = due._replace(period=due.period._replace(end=row.end))
        self.last = min(due.period.end, row.end)
        """The last day that new lines bill: no day after the end of the subscription."""
        self.billable = self.due.period._replace(end=self.last)
        self.start = max(change.on, row.start)
        self.is_free = row.status == "skipped" and (self._was_free() if row.free is None else row.free)
        """Whether the period has no invoice because nothing was to be billed."""

    def settle(self) -> None:
        """Add the settlement of the period."""
        affected = [
            one
            for one in self.subscription.items
            if one.track == self.due.track.code and (self.ends or self._is_named(one))
        ]
        ids = {one.id for one in affected}
        items: list[PeriodItem | Placed] = [one for one in self.row.items if one.item_id not in ids]
        for item in affected:
            items += self._item(item)
        # Canceled invoices that bill other terms cannot return.
        if affected and self.row.status == "released":
            items = [one for one in items if isinstance(one, Placed) or one.invoice_id]
        items = [one for one in items if isinstance(one, Placed) or one.invoice_id not in self.outdated]
        row = self.row.model_copy(update={"end": self.change.on - _DAY}) if self.ends else self.row
        waits = any(one.period == row.id for one in self.found.waiting)
        if row != self.row or waits or items != list(self.row.items):
            self.found.rows.append((row, items))

    def _was_free(self) -> bool:
        """Whether nothing was to be billed for the period. Older rows do not state it."""
        first = self.subscription.first_billed_day
        return not any(one.share_of(self.due.period, first) for one in self._items_before())

    def _items_before(self) -> Iterator[Item]:
        """The items of the track that the period was to bill: before the change, and without those that others added.

        An item that a change added has a line that begins with it, or a charge that waits.
        """
        change, first = self.change, self.subscription.first_billed_day
        added = {one.item_id for one in change.items if one.op == "add"}
        added |= {one.item_id for one in self.subscription.waiting_charges if one.period == self.row.id and one.alone}
        removed = {one.item_id for one in change.items if one.op == "remove"}
        begun = {(one.item_id, one.start) for one in self.row.items}
        for one in self.subscription.items:
            is_new = one.id in added or (one.id, one.first_day(first)) in begun
            if one.track == self.due.track.code and not is_new:
                is_cut = one.id in removed and one.end_date == change.on - _DAY
                yield one.model_copy(update={"end_date": None}) if is_cut else one

    def _is_named(self, item: Item) -> bool:
        return any(one.item_id == item.id for one in self.change.items)

    def _item(self, item: Item) -> Iterator[PeriodItem | Placed]:
        first = self.subscription.first_billed_day
        billed = [one.dated(self.row, item.first_day(first)) for one in self.row.items if one.item_id == item.id]
        if not billed and not self.ends and (item.first_day(first) >= self.change.on or self._was_after_end(item)):
            yield from self._begun(item)
            return
        start, end = max(self.start, item.first_day(first)), min(self.last, item.end_date or self.last)
        is_wanted = item.runs_on(start, first) and not (self.ends or item.once)
        wanted = self._wanted(item, start) if is_wanted else []
        found = [
            (one, layer)
            for one in billed
            if self._runs(one) and not item.once and (layer := self._layer(item, one, wanted))
        ]
        running, layers = [one for one, _ in found], [layer for _, layer in found]
        # Lines on invoices of changes are replaced, also if the period has no invoice.
        anyway = self.is_free or (self.row.status == "skipped" and bool(running))
        is_charged = bool(wanted) and start <= end and (anyway or self.row.invoice_id is not None)
        yield from (_outdated(one, start if is_charged else None) for one in billed if one not in running)
        after = changed(
            layers,
            wanted,
            start,
            Period(self.row.start, end, item.days_of_price(self.due.period, first)),
            left={place: self._left(one) for place, one in enumerate(running)},
            currency=self.subscription.currency,
        )
        for one, layer, cut in zip(running, layers, after.cuts, strict=True):
            yield from [one] if cut.layer.parts == layer.parts else self._cut(item, one, cut)
        if billed and start <= end:
            for layer in after.added:
                [part] = layer.parts
                yield from self._charged(self._entry(item, layer, part, end), anyway=anyway)

    def _was_after_end(self, item: Item) -> bool:
        """Whether an item has no line because the subscription was to end before the period, and no charge that waits.

        A change added it meanwhile.
        """
        waits = any(one.period == self.row.id and one.item_id == item.id for one in self.subscription.waiting_charges)
        return self.row.start >= self.change.on and not waits

    def _wanted(self, item: Item, day: date) -> list[Wanted]:
        """The quantities and prices of an item from the change on: one, or one for each part of its price."""
        [terms] = item.terms_in(day, day)
        if terms.price is None:
            return [Wanted(terms.stated_line, terms.quantity)]
        offer = offer_for(self.subscription, item, terms, self.billable, self.row, self.price_basis)
        facts = {"currency": self.subscription.currency, "language": self.price_basis.language}
        parts = part_lines(offer, terms.quantity, Share(1, 1), **facts)
        return [Wanted(one.line, one.quantity, PriceSource(offer.price.id, one.part)) for one in parts]

    def _runs(self, one: PeriodItem) -> bool:
        """Whether a line bills days from the change on. Released lines, and those of a released period, do not."""
        if one.released or (one.invoice_id is None and self.row.invoice_id is None):
            return False
        return one.quantity_on(max(self.start, one.start or self.start)) > 0

    def _line(self, one: PeriodItem) -> BilledLine | None:
        """The line in its invoice; None if the draft was deleted, or a user removed or waived (quantity 0) the line."""
        billed = self.lines.get(one.line_id)
        return billed if billed and billed.line.quantity else None

    def _left(self, one: PeriodItem) -> int:
        billed = self._line(one)
        return billed.left if billed else 0

    def _layer(self, item: Item, one: PeriodItem, wanted: Sequence[Wanted]) -> Layer | None:
        """The layer of a line; None for a part of a price that nothing is known of, as its line is gone."""
        billed = self._line(one)
        start, end = one.start or self.row.start, one.end or self.row.end
        parts = [Part(one.quantity, start)]
        for smaller in one.reductions:
            parts = [*(part for part in parts if part.start < smaller.start), Part(smaller.quantity, smaller.start)]
        of = one.of if one.days < one.of else days_between(start, end)
        # Older lines state a full first price as one of all days of the full period.
        period = Period(self.row.start, end, of)
        source = _source(one, billed.line if billed else None, wanted)
        if billed is None and source is not None:
            price = next((known.price for known in wanted if known.source == source), None)
            return Layer(price, tuple(parts), period, billed=0, source=source) if price else None
        if billed is None:
            [terms] = item.terms_in(start, start)
            return Layer(terms.stated_line, tuple(parts), period, billed=0)
        back = 0 if one.taken_back is None else to_minor(one.taken_back, self.subscription.currency, pointer="")
        layer = Layer(self._price(billed.line, one), tuple(parts), period, billed.amount, back, source)
        if source is None or source.part != "minimum":
            return layer
        # A line up to the minimum states the rounded amount of its share, from which its price cannot be known.
        same = next((layer._replace(price=known.price) for known in wanted if known.source == source), layer)
        return same if self._worth(same) == self._worth(layer) else layer

    def _worth(self, layer: Layer) -> int:
        return layer.worth(self.subscription.currency)

    def _cut(self, item: Item, one: PeriodItem, cut: Cut) -> Iterator[PeriodItem | Placed]:
        """The item after its quantity decreased."""
        billed = self._line(one)
        parts = cut.layer.parts
        if billed is not None and billed.is_draft:
            entries = [self._entry(item, cut.layer, part, end) for part, end in _days_of(cut.layer)]
            self.found.drafts[billed.invoice.id].replaced[one.line_id] = entries
            yield from (Placed(entry, one.invoice_id) for entry in entries)
            return
        if billed is not None and billed.invoice.status is Status.CANCELED:
            self.outdated.add(billed.invoice.id)
        if billed is not None and cut.amount:
            self.found.credits[billed.invoice.id][one.line_id] += cut.amount
        back = cut.layer.taken_back
        kept = parts[1:] if parts[0] == Part(one.quantity, one.start or self.row.start) else parts
        yield one.model_copy(
            update={
                "reductions": tuple(SmallerQuantity(start=part.start, quantity=part.quantity) for part in kept),
                "taken_back": from_minor(back, self.subscription.currency) if back else None,
            }
        )

    def _entry(self, item: Item, layer: Layer, part: Part, end: date) -> ItemLine:
        """The line for a part of a layer. A line of a price keeps its texts and its price."""
        share = Share(days_between(part.start, end), layer.period.of)
        if layer.source is None:
            [terms] = item.terms_in(part.start, part.start)
            terms = Terms(terms.stated_line, part.quantity, part.start, end)
            return entry_of(self.due, item, terms, share, self.words)
        named = partial(name_of_share, self.words)
        line = line_of_share(layer.price, part.quantity, share, (part.start, end), named)
        terms = Terms(line, part.quantity, part.start, end)
        version = line.price_version if isinstance(line, FilledLine) else None
        return ItemLine(self.due, item.id, terms, share, line, layer.source.price_id, version, layer.source.part)

    def _price(self, line: Line, one: PeriodItem) -> Price:
        """The price of a full period in a line that bills a share of one, named without this share.

        If a user changed the quantity of the line while it was a draft, its amount is the price of the item's quantity.
        """
        share = Share(one.days, one.of)
        days, of = (1, 1) if share.is_whole else share
        with localcontext(prec=60):
            base = line.price_base_quantity / of * one.quantity * days / line.quantity
        name = line.name if share.is_whole else line.name.removesuffix(f", {part_of(self.words, share, one.quantity)}")
        return line.model_copy(update={"price_base_quantity": base, "name": name})

    def _begun(self, item: Item) -> Iterator[Placed]:
        """The lines of an item that begins in the period."""
        first = self.subscription.first_billed_day
        period = self.billable
        share = item.share_of(period, first)
        if share is None:
            return
        if item.price is None:
            [terms] = item.terms_in(*item.days_in(period, first))
            entries = [entry_of(self.due, item, terms, share, self.words)]
        else:
            due = self.due._replace(period=period)
            entries = list(priced_entries(self.subscription, due, item, share, self.price_basis))
        for entry in entries:
            yield from self._charged(entry, anyway=self.is_free or item.once)

    def _charged(self, entry: ItemLine, *, anyway: bool = False) -> Iterator[Placed]:
        """A new line: in the draft of the period, else in a new invoice, or in the next one.

        A period that a user released or skipped bills nothing, unless the line is billed `anyway`.
        """
        invoice_id = self.row.invoice_id
        if invoice_id is None and not anyway:
            return
        if invoice_id and any(one.invoice.id == invoice_id and one.is_draft for one in self.lines.values()):
            self.found.drafts[invoice_id].added.append(entry)
            yield Placed(entry, None)
        elif self.change.bill == "next_invoice":
            self.found.charges.append(entry)
            self.found.waiting.append(
                WaitingCharge(period=self.row.id, item_id=entry.item_id, alone=invoice_id is None)
            )
        else:
            self.found.charges.append(entry)
            yield Placed(entry, self.found.charge_id)


def _outdated(one: PeriodItem, start: date | None) -> PeriodItem:
    """A released line whose invoice cannot return, as its item has other terms. Days from `start` on are charged again.

    Lines that are not released stay.
    """
    if not one.released:
        return one
    kept, day = one.reductions, start and max(start, one.start or start)
    if day is not None and one.quantity_on(day) > 0:
        kept = (*(part for part in kept if part.start < day), SmallerQuantity(start=day, quantity=Decimal(0)))
    return one.model_copy(update={"invoice_id": None, "reductions": kept})


def _days_of(layer: Layer) -> Iterator[tuple[Part, date]]:
    """The parts of a layer that bill something, each with its last day."""
    ends = [*(part.start - _DAY for part in layer.parts[1:]), layer.period.end]
    return ((part, end) for part, end in zip(layer.parts, ends, strict=True) if part.quantity and part.start <= end)


def _source(one: PeriodItem, line: Line | None, wanted: Sequence[Wanted]) -> PriceSource | None:
    """The part of a price that a line bills. Older rows do not name it: the same price of the same tier is the same."""
    if one.price_id is None or one.price_part is not None or line is None:
        return PriceSource(one.price_id, one.price_part or "") if one.price_id else None
    for known in wanted:
        is_same = vars(known.price).get("price_tier") == line.price_tier
        if known.source and is_same and price_of_one(known.price) == price_of_one(line):
            return known.source
    return PriceSource(one.price_id, "")
