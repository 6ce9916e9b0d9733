"""Subscriptions: the items that a customer gets, how often, from when and until when."""

from datetime import date, datetime, timedelta
from functools import cache
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from invoicing.core.identity import Caller, Reference, Role
from invoicing.core.ids import CustomerId, PriceId, ProductId, SubscriptionId
from invoicing.core.model import (
    ENTERED,
    Amount,
    CurrencyCode,
    Day,
    Internal,
    Language,
    Metadata,
    Parted,
    PrintedText,
    ShortText,
    Value,
    values_of,
)
from invoicing.core.party import PaymentTerms
from invoicing.customers.model import CustomAttributes, Customer
from invoicing.payments.model import Method
from invoicing.pricing.allowances import Discount
from invoicing.settlement.model import WaitingCredit
from invoicing.subscriptions.changing.model import SubscriptionChange, WaitingCharge
from invoicing.subscriptions.items import Item, NewItem, with_known_placeholders
from invoicing.subscriptions.ledger import Attention, PlannedInvoice
from invoicing.subscriptions.periods import Anchor, EarlierAnchor, Pause, Span, Track, spans_of
from invoicing.subscriptions.terms import (
    Cancellation,
    CountedOccurrences,
    DaysAfterEnd,
    Occurrences,
    TermSettings,
    TermWarning,
    earliest_end,
    end_of_running_term,
    ends_with_notice,
)

SubscriptionStatus = Literal["pending", "trialing", "active", "paused", "ended"]
"""`pending` before its start, `trialing` until the trial ends, then `active`, `paused` during a pause, and `ended`
after its last day."""
Action = Literal["draft", "finalize", "send"]
"""`draft` creates drafts, `finalize` issues them at once, `send` also mails them."""
MOST_ITEMS = 50
MOST_GRACE_DAYS = 60
_DAY = timedelta(days=1)


class Texts(Value):
    """Texts of the invoices of a subscription.

    They can have the placeholders `{period.start}`, `{period.end}`, `{period.month}` and `{period.year}` of the billed
    period, written in the language of the document.
    """

    title: Annotated[ShortText | None, Field(examples=["Wartung {period.month} {period.year}"])] = None
    """Title that the invoices have beside the name of their type, such as their subject."""
    introduction: PrintedText | None = None
    """Text above the lines."""
    closing: PrintedText | None = None
    """Text at the end of the invoices."""

    @field_validator("title", "introduction", "closing")
    @classmethod
    def _names_no_quantity(cls, text: str | None, info: ValidationInfo) -> str | None:
        """Refuse the placeholder of an item in a request. It stays empty in texts that are stored already."""
        if info.context is ENTERED and text is not None and "{quantity}" in text:
            raise PydanticCustomError("placeholder", "{quantity} belongs to the name or description of an item")
        return with_known_placeholders(text, info)


class VersionOfPrice(Value):
    """A version of a price of the catalogue."""

    price_id: PriceId
    """Identifier of the price, `prc_` followed by a ULID."""
    version: int
    """Number of the version."""


class Announced(Value):
    """The announcements of a subscription, recorded so that each is published once."""

    bill_on: Day | None = None
    """Date of billing of the last `subscription.upcoming`; null before the first one."""
    trial_end: Day | None = None
    """Last day of the trial of `subscription.trial_ending`; null before it."""
    prices: tuple[VersionOfPrice, ...] = ()
    """Versions of prices of `subscription.price_changing`."""


class SubscriptionSettings(Value):
    """The fields of a subscription that can be changed at any time."""

    external_id: ShortText | None = None
    name: Annotated[ShortText | None, Field(examples=["Wartungsvertrag 4711"])] = None
    """Name of the subscription for the tenant's own users."""
    purchase_order_id: ShortText | None = None
    payment_terms: PaymentTerms | None = None
    """Payment terms of the invoices; the customer's by default, else the tenant's."""
    payment_method: Method | None = None
    """How the customer is asked to pay."""
    language: Language | None = None
    """Language of the invoices; the customer's by default, else the tenant's."""
    texts: Texts = Texts()
    """Texts of the invoices."""
    action: Action = "draft"
    """How far invoices are taken without a user."""
    hour: Annotated[int, Field(ge=0, le=23)] = 6
    """Hour of the day from which periods are billed, 0 to 23, in the tenant's time zone."""
    occurrences: Occurrences = Occurrences()
    """Number of invoices after which the subscription ends."""
    custom_attributes: CustomAttributes = ()
    metadata: Metadata = Field(default_factory=dict)


class NewSubscription(SubscriptionSettings, TermSettings):
    """A subscription to create."""

    customer_id: CustomerId
    currency: Annotated[CurrencyCode | None, Field(examples=["EUR"])] = None
    """Currency of all amounts; the customer's by default, else the tenant's."""
    price_tax_inclusive: bool = False
    start_date: Day | None = None
    """First day of the subscription; today by default."""
    trial_end: Day | None = None
    """Last day of the trial, which is not billed; null if there is none. The first period begins on the next day."""
    anchor: Anchor = Anchor()
    """Day on which periods begin; by default the first billed day."""
    lead_days: Annotated[int, Field(ge=0, le=60)] = 0
    """Number of days that periods in advance are billed before their start, 0 to 60."""
    grace_days: Annotated[int, Field(ge=0, le=MOST_GRACE_DAYS)] = 0
    """Number of days that periods in arrears are billed after the day that follows them, 0 to 60."""
    items: Annotated[tuple[NewItem, ...], Field(min_length=1, max_length=MOST_ITEMS)]
    """Items of the subscription, 1 to 50."""
    discount: Discount | None = None
    """Discount on each invoice."""
    catch_up: Literal["bill", "none"] | None = None
    """Whether periods that ended before today are billed (`bill`, at most 12) or skipped (`none`).

    Required if there are such periods. Of those with `none`, the last 24 are listed with the status `skipped`.
    """
    dry_run: bool = False
    """Whether to answer with the subscription and its first invoices only, and to create nothing."""


class SubscriptionSummary(Parted):
    """A subscription without its items and texts."""

    id: SubscriptionId
    """Unique identifier of the subscription: `sub_` followed by a ULID."""
    object: Literal["subscription"] = "subscription"
    status: SubscriptionStatus = "pending"
    """Status of the subscription."""
    external_id: ShortText | None = None
    name: Annotated[ShortText | None, Internal] = None
    """Name of the subscription for the tenant's own users."""
    customer_id: CustomerId
    owner_id: Annotated[str | None, Internal] = None
    """Identifier of the user who is responsible for the customer."""
    currency: CurrencyCode
    """Currency of all amounts."""
    start_date: Day
    """First day of the subscription."""
    trial_end: Day | None = None
    """Last day of the trial, which is not billed; null if there is none."""
    ends_on: Day | None = None
    """Last day of the subscription; null if it has no end."""
    renews_on: Day | None = None
    """First day of the next term; null if the subscription does not renew."""
    cancellation: Cancellation | None = None
    """Cancellation of the subscription; null if it is not canceled."""
    paused: Pause | None = None
    """Pause that runs or is scheduled; null if there is none."""
    anchor: Anchor = Anchor()
    """Day on which periods begin. Null parts follow from the first billed day, or from the last restart."""
    action: Action = "draft"
    """How far invoices are taken without a user."""
    hour: int = 6
    """Hour of the day from which periods are billed, in the tenant's time zone."""
    lead_days: int = 0
    """Number of days that periods in advance are billed before their start."""
    grace_days: int = 0
    """Number of days that periods in arrears are billed after the day that follows them."""
    tracks: tuple[Track, ...] = ()
    """Items by interval and timing, with the next period of each."""
    occurrences: CountedOccurrences = CountedOccurrences()
    """Number of invoices so far, and the number after which the subscription ends."""
    attention: Annotated[Attention | None, Internal] = None
    """Why billing waits for a decision; null if it does not."""
    next_change_on: Annotated[Day | None, Internal] = None
    """First day of the next scheduled change; null if none is scheduled."""
    waiting_charges: Annotated[tuple[WaitingCharge, ...], Internal] = ()
    """Charges of changes that wait for the next invoice."""
    waiting_credits: Annotated[tuple[WaitingCredit, ...], Internal] = ()
    """Credits of changes with `next_invoice` that pay the next invoice that is issued."""
    mean_total: Annotated[Amount | None, Internal] = None
    """Average total of the invoices so far; null before the first one."""
    price_ids: Annotated[tuple[PriceId, ...], Internal] = ()
    """Identifiers of the prices of its items, `prc_` followed by a ULID."""
    product_ids: Annotated[tuple[ProductId, ...], Internal] = ()
    """Identifiers of the products of its items, `prd_` followed by a ULID."""
    followed_prices: Annotated[tuple[VersionOfPrice, ...], Internal] = ()
    """Prices whose later versions its items take, each with the version that the items have."""
    announced: Annotated[Announced | None, Internal] = None
    """Announcements that were published; null before the first one."""
    purchase_order_id: ShortText | None = None
    payment_terms: PaymentTerms | None = None
    """Payment terms of the invoices; null for the customer's or the tenant's."""
    created_by: Annotated[Reference | None, Internal] = None
    updated_by: Annotated[Reference | None, Internal] = None

    @classmethod
    @cache
    def head(cls) -> frozenset[str]:
        """The fields that lists show, and those that billing changes."""
        return frozenset(SubscriptionSummary.model_fields)

    @property
    def first_billed_day(self) -> date:
        """The day from which it is billed: the day after the trial, else its first day."""
        return self.trial_end + _DAY if self.trial_end else self.start_date

    @property
    def has_unissued_draft(self) -> bool:
        """Whether a draft that could not be issued waits for a user."""
        return self.attention is not None and self.attention.invoice_id is not None

    @property
    def next_bill_on(self) -> date | None:
        """The date on which it is billed next; None if it is not.

        Charges that wait are billed after its end if no other invoice follows.
        """
        periods = [track.next.bill_on for track in self.tracks if track.next]
        waits = any(not one.released for one in self.waiting_charges)
        return min(periods) if periods else self.ends_on + _DAY if waits and self.ends_on else None

    @property
    def next_step(self) -> tuple[date, int] | None:
        """The date and the hour from which its next period is due or its status changes; None after its end."""
        changes = [] if self.status == "ended" else [(day, 0) for day in self._days_of_changes()]
        bill_on = self.next_bill_on
        if self.cancellation and self.cancellation.refund_from:
            changes.append((self.cancellation.refund_from, 0))
        return min([*changes, *([(bill_on, self.hour)] if bill_on else [])], default=None)

    def status_on(self, day: date) -> SubscriptionStatus:
        """Its status on a day. It ends after its last day, and not before all of it is billed."""
        last = self._last_day()
        if last is not None and day > last:
            return "ended"
        if day < self.start_date:
            return "pending"
        if day < self.first_billed_day:
            return "trialing"
        return "paused" if self.paused and self.paused.includes(day) else "active"

    def _last_day(self) -> date | None:
        """The last day of a subscription that is not billed any more."""
        return None if self.next_bill_on is not None else self.ends_on

    def _days_of_changes(self) -> list[date]:
        """The days on which its status may change or a scheduled change applies."""
        last = self._last_day()
        days = {"pending": [self.start_date], "trialing": [self.first_billed_day]}.get(self.status, [])
        if self.paused and self.status == "active":
            days = [self.paused.first]
        if self.paused and self.paused.last:
            days = [*days, self.paused.last + _DAY]
        return [*days, *(day for day in (self.next_change_on, self.renews_on, last and last + _DAY) if day)]

    def visible_to(self, caller: Caller) -> bool:
        """Whether the caller may see it: members those of owned customers, portal users the running ones of theirs."""
        if caller.role is Role.CUSTOMER and self.status == "ended":
            return False
        return caller.may_see(created_by=None, owner_id=self.owner_id, customer_id=self.customer_id, draft=False)

    def following(self, customer: Customer, at: datetime) -> Self:
        """The subscription with the current owner of its customer."""
        if self.owner_id == customer.owner_id:
            return self
        return self.model_copy(update={"owner_id": customer.owner_id, "updated_at": at, "updated_by": None})


class SubscriptionContent(TermSettings):
    """The fields of a subscription that lists do not show."""

    price_tax_inclusive: bool = False
    payment_method: Method | None = None
    """How the customer is asked to pay."""
    language: Language | None = None
    """Language of the invoices; null for the customer's or the tenant's."""
    texts: Texts = Texts()
    """Texts of the invoices."""
    discount: Discount | None = None
    """Discount on each invoice."""
    changes: Annotated[tuple[SubscriptionChange, ...], Internal] = ()
    """Changes that are scheduled, and the last 20 that are in force, in the order of their days."""
    earlier_anchors: Annotated[tuple[EarlierAnchor, ...], Internal] = ()
    """Anchors before changes that restarted the periods, oldest first."""
    custom_attributes: Annotated[CustomAttributes, Internal] = ()
    metadata: Annotated[Metadata, Internal] = Field(default_factory=dict)


class Subscription(SubscriptionSummary, SubscriptionContent):
    """A subscription of a customer."""

    items: tuple[Item, ...]
    """Items of the subscription."""
    term_end: Annotated[Day | None, Internal] = None
    """Last day of the running term; null if no term runs."""
    earliest_end: Annotated[Day | None, Internal] = None
    """Last day of the subscription if it were canceled today, by term and notice; null if its term has no length."""
    first_invoices: Annotated[tuple[PlannedInvoice, ...], Internal] = ()
    """First invoices of the subscription, at most 3; only in the response to a dry run."""
    billed_after_end: Annotated[DaysAfterEnd | None, Internal] = None
    """Billed days after its end; only in the response to the dry run of a cancellation."""
    warnings: Annotated[tuple[TermWarning, ...], Internal] = ()
    """Likely mistakes in its term, which do not prevent it; only in the response to its creation."""

    @classmethod
    @cache
    def content(cls) -> frozenset[str]:
        """The stored fields beside the head: none of a dry run, and none that follow from the date."""
        return super().content() - {"first_invoices", "billed_after_end", "warnings", "term_end", "earliest_end"}

    def shown(self, today: date) -> Self:
        """The subscription with the ends of its term that follow from the date."""
        ends = {"term_end": end_of_running_term(self, self.first_billed_day, today)}
        return self.model_copy(update={**ends, "earliest_end": self.earliest_end_on(today)})

    @property
    def spans(self) -> tuple[Span, ...]:
        """The days of each of its anchors, oldest first. The last one has no end."""
        return spans_of(self.earlier_anchors, self.anchor, self.first_billed_day)

    def span_of(self, day: date) -> Span:
        """The span that contains a day."""
        return next(one for one in self.spans if one.until is None or day <= one.until)

    def period_end(self, day: date) -> date:
        """The last day of the periods that contain a day, of all tracks with an item that runs on it.

        Before the first period it is the day before it; without such an item the day itself.
        """
        first = self.first_billed_day
        if day < first:
            return first - _DAY
        span = self.span_of(day)
        running = {one.interval for one in self.items if not one.once and one.runs_on(day, first)}
        end = max((span.grid(interval).full_period(day).end for interval in running), default=day)
        return min(end, span.until or end)

    def earliest_end_on(self, day: date) -> date | None:
        """The first day on which term and notice allow an end, if it is canceled on a day; None without such a day."""
        first, notice = self.first_billed_day, self.notice
        end = earliest_end(self, first, day)
        if end and notice and notice.ends_at == "period_end" and ends_with_notice(self, first, day):
            return self.period_end(end)
        return end

    @property
    def settings(self) -> SubscriptionSettings:
        """The fields that can be changed."""
        fields = values_of(self, SubscriptionSettings.model_fields)
        return SubscriptionSettings(**fields | {"occurrences": Occurrences(max=self.occurrences.max)})
