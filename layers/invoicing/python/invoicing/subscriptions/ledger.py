"""The ledger of a subscription: its billed, skipped and released periods, and the invoices that are planned."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, Self

from invoicing.catalogue.interval import Interval, Timing
from invoicing.core.identity import Moment
from invoicing.core.ids import InvoiceId, LineId, PeriodId, PriceId, SubscriptionId, SubscriptionItemId
from invoicing.core.model import Aggregate, Amount, Day, Instant, Internal, Quantity, Value
from invoicing.invoices.model import Invoice
from invoicing.pricing.line import Line
from invoicing.subscriptions.periods import Period, Track

_DAY = timedelta(days=1)

PeriodStatus = Literal["draft", "billed", "skipped", "paused", "released"]
"""`draft` while its invoice is one, `billed` by an issued invoice, `skipped` without an invoice, `paused` if it lies in
a pause, or `released` by the deletion or cancellation of its invoice."""


class SmallerQuantity(Value):
    """A smaller quantity of a billed item from a day on, by a change."""

    start: Day
    """First day of the quantity."""
    quantity: Quantity
    """Quantity in a full period; zero if the item ended or has another price."""


class PeriodItem(Value):
    """A line that bills an item for a period. An item with a price that has tiers has a line for each."""

    item_id: SubscriptionItemId
    """Identifier of the item, `sit_` followed by a ULID."""
    line_id: LineId
    """Identifier of the line of the invoice, `lin_` followed by a ULID."""
    quantity: Quantity
    """Quantity in a full period."""
    days: int
    """Number of days that were billed; that of the full period for an item that is billed once."""
    of: int
    """Number of days that share the price of a full period: all days of the full period, or those from the first day of
    the item on if its first period is billed in full. Older lines of such a period can have all days in both fields."""
    net: Amount
    """Net amount of the line as it was created."""
    total: Amount
    """Amount of the line including tax, as it was created."""
    invoice_id: InvoiceId | None = None
    """Identifier of the invoice of the line, if a change billed it; null for the invoice of the period."""
    start: Day | None = None
    """First day that the line bills; null for the first day of the period."""
    end: Day | None = None
    """Last day that the line bills; null for the last day of the period."""
    reductions: tuple[SmallerQuantity, ...] = ()
    """Smaller quantities since then, in the order of their days."""
    taken_back: Amount | None = None
    """Amount of the line that changes credited, with or without tax as the prices are; null if they credited nothing.
    """

    price_id: PriceId | None = None
    """Identifier of the price in the catalogue that the line was filled in from; null for an item with a line."""
    price_version: int | None = None
    """Number of the version of that price."""
    price_part: str | None = None
    """Part of that price: `units`, `packages`, `free_units`, `flat_amount` or `minimum`, of a tier with its number,
    such as `units.2`; null for an item with a line."""

    released: bool = False
    """Whether the invoice of a change that billed it was deleted or canceled, so that the period can be billed for it.
    """

    def billed_by(self, line: Line, invoice_id: str, correction_id: str) -> Self:
        """The item as the line of a correction of an invoice bills it."""
        of_line = {"line_id": line.id, "net": line.net, "total": line.total}
        added = {"invoice_id": correction_id} if self.invoice_id == invoice_id else {}
        return self.model_copy(update={**of_line, **added})

    def dated(self, period: "SubscriptionPeriod", first_day: date) -> Self:
        """The item with the days that its line bills. Older rows do not state them: they follow from their number."""
        if self.start is not None:
            return self
        start = max(period.start, first_day)
        end = min(period.end, start + timedelta(days=self.days - 1))
        return self.model_copy(update={"start": start, "end": end})

    @property
    def is_by_days(self) -> bool:
        """Whether its line bills its days. Older lines can bill a full price of a first period for fewer days."""
        return self.start is None or self.end is None or self.days == (self.end - self.start).days + 1

    @property
    def bounds(self) -> Iterator[date]:
        """The days from which on it bills another quantity than on the day before."""
        yield from (one.start for one in self.reductions)
        if self.start is not None:
            yield self.start
        if self.end is not None:
            yield self.end + _DAY

    def quantity_on(self, day: date | None) -> Decimal:
        """The quantity that it bills for a day, after the changes since; for any of its days without one."""
        if day is None:
            return self.reductions[-1].quantity if self.reductions else self.quantity
        if not (self.start or day) <= day <= (self.end or day):
            return Decimal(0)
        return next((one.quantity for one in reversed(self.reductions) if one.start <= day), self.quantity)


class SubscriptionPeriod(Aggregate):
    """A period of a subscription that was billed, skipped or released."""

    object: Literal["subscription_period"] = "subscription_period"
    id: PeriodId
    """Identifier of the period within its subscription: interval, timing and first day, such as
    `1m-advance.2026-02-28`."""
    subscription_id: SubscriptionId
    """Identifier of the subscription, `sub_` followed by a ULID."""
    status: PeriodStatus
    """Whether the period is billed."""
    interval: Interval
    """Length of a full period."""
    timing: Timing
    """Whether it is billed at its start or after its end."""
    start: Day
    """First day of the period."""
    end: Day
    """Last day of the period."""
    bill_on: Day
    """Date on which it was due to be billed, in the tenant's time zone."""
    invoice_id: InvoiceId | None = None
    """Identifier of the invoice that bills it; null if none does."""
    items: tuple[PeriodItem, ...] = ()
    """Items that were billed, each with its line."""
    released_with: Annotated[tuple[PeriodId, ...], Internal] = ()
    """Periods that its last invoice billed, which are billed together again."""
    counted: Annotated[bool, Internal] = False
    """Whether an invoice of the period counts among the `occurrences` of the subscription."""
    free: Annotated[bool | None, Internal] = None
    """Whether nothing was to be billed for it, so that only items that changes add are; null in older rows."""

    @property
    def counts_already(self) -> bool:
        """Whether a further invoice of the period does not count. Older rows do not state it after a release."""
        return self.counted or self.status == "released"

    @property
    def added(self) -> tuple[PeriodItem, ...]:
        """The items that changes billed on other invoices that count."""
        return tuple(one for one in self.items if one.invoice_id is not None and not one.released)

    @property
    def has_released(self) -> bool:
        """Whether invoices of changes were deleted or canceled that billed items of it."""
        return any(one.released for one in self.items)

    @property
    def with_released(self) -> Self:
        """The period with the lines that were released as lines that count."""
        items = tuple(one.model_copy(update={"released": False}) for one in self.items)
        return self.model_copy(update={"items": items})

    def billed_quantity(self, item_id: str, day: date | None, part: tuple[str, str] | None = None) -> Decimal:
        """The quantity of an item that invoices bill for a day, or of a part of a price by its id.

        Those of the period's own invoice do not count after it was released.
        """
        return sum(
            (
                one.quantity_on(day)
                for one in self._counted(item_id)
                if (part is None or part[1] == (one.price_part or part[1]))
                and (part is None or part[0] == one.price_id)
            ),
            Decimal(0),
        )

    def parts_of(self, item_id: str, start: date, end: date) -> Iterator[tuple[date, date]]:
        """The parts of a range of days in each of which invoices bill the same quantities of an item."""
        lines = self._counted(item_id)
        days = {day for one in lines for day in one.bounds if start < day <= end}
        for day in sorted(days):
            if _quantities(lines, day - _DAY) != _quantities(lines, day):
                yield start, day - _DAY
                start = day
        yield start, end

    def _counted(self, item_id: str) -> list[PeriodItem]:
        """The lines that bill an item on invoices that count."""
        counted = self.added if self.invoice_id is None else [one for one in self.items if not one.released]
        return [one for one in counted if one.item_id == item_id]

    def billed(self, invoice_id: str | None, items: tuple[PeriodItem, ...], moment: Moment) -> Self:
        """The period with the invoice that bills it; skipped if there is nothing to bill."""
        counted = self.counts_already or invoice_id is not None
        fields = {"invoice_id": invoice_id, "items": items, "counted": counted, "free": invoice_id is None}
        return self._moved("billed" if invoice_id else "skipped", moment, **fields)

    def skipped(self, moment: Moment) -> Self:
        """The period that is not billed. Lines that changes billed on other invoices stay."""
        counted = self.counts_already
        return self._moved("skipped", moment, invoice_id=None, items=self.added, counted=counted, free=False)

    def paused(self, moment: Moment) -> Self:
        """The period that lies wholly in a pause."""
        return self._moved("paused", moment, invoice_id=None, items=())

    def released(self, moment: Moment, together: tuple[str, ...] = ()) -> Self:
        """The period after its invoice no longer bills it. It keeps its items, because the invoice may return.

        `together` are the periods of the invoice.
        """
        return self._moved("released", moment, invoice_id=None, released_with=together)

    def is_released_with(self, other: "SubscriptionPeriod") -> bool:
        """Whether both periods are released, and had the same invoice."""
        return self.status == other.status == "released" and self.released_with == other.released_with

    def completed(self, items: tuple[PeriodItem, ...], moment: Moment) -> Self:
        """The billed period with the items that another invoice bills instead of those that were released."""
        kept = (one for one in self.items if not one.released)
        return self.model_copy(update={"items": (*kept, *items), "updated_at": moment.at})

    def with_more(self, items: tuple[PeriodItem, ...], moment: Moment) -> Self:
        """The period with items that the next invoice of the subscription bills."""
        return self.model_copy(update={"items": (*self.items, *items), "updated_at": moment.at})

    def with_lines_of(self, invoice_id: str, moment: Moment, *, released: bool) -> Self:
        """The period after the invoice of a change was deleted or canceled (`released`), or reactivated."""
        items = tuple(
            one.model_copy(update={"released": released}) if one.invoice_id == invoice_id else one for one in self.items
        )
        return self.model_copy(update={"items": items, "updated_at": moment.at})

    def is_of(self, lines: Collection[str]) -> bool:
        """Whether its own items are billed by these lines. A user can have removed some of them from the draft."""
        own = (one.line_id for one in self.items if one.invoice_id is None and not one.released)
        return not set(lines).isdisjoint(own)

    def rebilled(self, invoice_id: str, moment: Moment) -> Self:
        """The period that a reactivated invoice bills again, with the same items."""
        return self._moved("billed", moment, invoice_id=invoice_id)

    def has_lines_of(self, invoice_id: str) -> bool:
        """Whether an invoice bills the period, or lines that a change added to it."""
        return invoice_id in (self.invoice_id, *(one.invoice_id for one in self.added))

    def corrected(
        self,
        invoice_id: str,
        correction_id: str,
        lines: Mapping[str, Sequence[Line]],
        rests: Mapping[str, Sequence[PeriodItem]],
        moment: Moment,
    ) -> Self:
        """The period after the correction of an invoice bills its items. `lines` replace those of the invoice, by ids.

        `rests` are the items that changes left of one, by its line. An item without a line keeps its place.
        """
        items = tuple(
            part if line is None else part.billed_by(line, invoice_id, correction_id)
            for one in self.items
            for part, line in zip(rests.get(one.line_id, (one,)), lines.get(one.line_id, (None,)), strict=True)
        )
        if self.invoice_id != invoice_id:
            return self.model_copy(update={"items": items, "updated_at": moment.at})
        return self._moved("billed", moment, invoice_id=correction_id, items=items)

    def _moved(self, status: PeriodStatus, moment: Moment, **fields: Any) -> Self:
        return self.model_copy(update={"status": status, "updated_at": moment.at, **fields})


class Due(NamedTuple):
    """A period of a track that is billed on a date. `row` is the period in the ledger if it was released.

    `only` names the items whose charges wait, if the period has its invoice and others follow; None for all items.
    `since` is the first day that is billed; None for all days.
    """

    track: Track
    period: Period
    bill_on: date
    row: SubscriptionPeriod | None = None
    only: frozenset[str] | None = None
    since: date | None = None

    @property
    def id(self) -> str:
        """The identifier of the period within its subscription."""
        return f"{self.track.code}.{self.period.start}"

    @property
    def is_last(self) -> bool:
        """Whether no period of the track after it is billed or skipped."""
        if self.row is None or self.is_billed or self.is_over:
            return False
        # Lines that changes billed for later days keep them in the period.
        ends = max((one.end or self.row.end for one in self.row.added), default=self.period.end)
        return self.row.end == self.track.billed_through and ends <= self.period.end

    @property
    def is_billed(self) -> bool:
        """Whether the period has an invoice, so that only lines of another one are billed again."""
        return self.row is not None and (self.row.invoice_id is not None or self.only is not None)

    @property
    def is_over(self) -> bool:
        """Whether its track ends before it, so that none of its days can be billed."""
        return self.period.end < self.period.start

    def begun(self, subscription_id: str, moment: Moment) -> SubscriptionPeriod:
        """The period as it is inserted into the ledger, without lines."""
        return SubscriptionPeriod(
            id=self.id,
            subscription_id=subscription_id,
            status="billed",
            interval=self.track.interval,
            timing=self.track.timing,
            start=self.period.start,
            end=self.period.end,
            bill_on=self.bill_on,
            created_at=moment.at,
            updated_at=moment.at,
        )


def _quantities(lines: Iterable[PeriodItem], day: date) -> dict[tuple[str | None, str | None], Decimal]:
    """The quantities that lines bill for a day, by the price and its part."""
    found: dict[tuple[str | None, str | None], Decimal] = defaultdict(Decimal)
    for one in lines:
        if quantity := one.quantity_on(day):
            found[one.price_id, one.price_part] += quantity
    return found


class Attention(Value):
    """Why a subscription is not billed until somebody decides."""

    code: str
    """Code of the reason: that of an error of this API, such as `TOTAL_TOO_HIGH`, or `INTERNAL_ERROR`."""
    detail: str
    """Explanation of the reason."""
    since: Instant
    """When billing stopped."""
    invoice_id: InvoiceId | None = None
    """Identifier of the draft that could not be issued; null if there is none."""
    later_invoice_ids: tuple[InvoiceId, ...] = ()
    """Identifiers of later drafts that were not issued either."""
    attempts: int = 1
    """Number of attempts to bill it that failed with an `INTERNAL_ERROR`. The service itself makes 8 at most."""

    def without(self, invoice_id: str) -> "Attention | None":
        """The reason after a draft was issued or deleted: for the next one, if others were not issued either."""
        left = [one for one in (self.invoice_id, *self.later_invoice_ids) if one and one != invoice_id]
        if not left:
            return None if self.invoice_id == invoice_id else self
        return self.model_copy(update={"invoice_id": left[0], "later_invoice_ids": tuple(left[1:])})

    def with_later(self, invoice_ids: Iterable[str]) -> "Attention":
        """The reason with further drafts that were not issued."""
        known = (self.invoice_id, *self.later_invoice_ids)
        more = (one for one in invoice_ids if one not in known)
        return self.model_copy(update={"later_invoice_ids": (*self.later_invoice_ids, *more)})


class InvoiceRefusal(Value):
    """Why an invoice could not be issued. It would stay a draft, and billing would wait for a decision."""

    code: str
    """Code of the error."""
    detail: str
    """Explanation, with each broken rule."""


class PlannedInvoice(Value):
    """An invoice of a subscription as it would be, if nothing changes before."""

    bill_on: Day
    """Date on which it is billed, in the tenant's time zone."""
    periods: tuple[SubscriptionPeriod, ...]
    """Periods that it bills."""
    invoice: Invoice | None
    """Invoice without its number: issued if its subscription issues invoices, else a draft; null if there is nothing to
    bill."""
    refusal: Annotated[InvoiceRefusal | None, Internal] = None
    """Why it could not be issued; null if it could, or is to stay a draft."""
