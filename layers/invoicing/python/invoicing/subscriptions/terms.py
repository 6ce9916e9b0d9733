"""The term of a subscription, and the days on which it can end: calendar dates, counted as those of periods."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from invoicing.catalogue.interval import Interval, IntervalUnit
from invoicing.core.identity import Reference
from invoicing.core.ids import InvoiceId
from invoicing.core.model import ENTERED, Day, Internal, ShortText, Value
from invoicing.subscriptions.changing.model import ChangeAmounts
from invoicing.subscriptions.periods import day_after

CancellationDate = Literal["earliest", "period_end", "now", "date"]
"""`earliest` keeps to term and notice. `period_end` is the last day of the current period of all tracks. `now` (today)
and `date` (the date in `on`) do not depend on term and notice."""
Refund = Literal["credit", "none"]
"""`credit` credits billed days after the end as soon as the end has passed, `none` leaves them billed."""
ConfirmationStatus = Literal["requested", "sent", "failed", "bounced"]
"""`requested` until it is sent, `failed` if it cannot be sent, `bounced` if it did not reach a recipient."""
_DAY = timedelta(days=1)
_DAYS_OF_A_MONTH = 31


class Renewal(Value):
    """The continuation after a term."""

    mode: Literal["open", "renew", "end"] = "open"
    """`open` continues without a term, `renew` continues for another term, `end` ends the subscription."""
    count: Annotated[int | None, Field(ge=1, le=366)] = None
    """Number of units of each further term, for `renew`; by default the length of the first term."""
    unit: IntervalUnit | None = None
    """Unit of `count`."""

    @model_validator(mode="after")
    def _is_an_interval(self) -> Self:
        if (self.count is None) != (self.unit is None):
            raise PydanticCustomError("renewal", "count and unit require each other")
        if self.count is not None and self.mode != "renew":
            raise PydanticCustomError("renewal", "Only terms that renew have a length")
        return self

    @property
    def interval(self) -> Interval | None:
        """The length of each further term; None for that of the first one."""
        return Interval(unit=self.unit, count=self.count) if self.unit and self.count else None


class Notice(Interval):
    """The notice period."""

    ends_at: Literal["any", "period_end"] = "any"
    """Where a subscription without a running term can end: on `any` day, or at a `period_end`."""


class TermSettings(Value):
    """How long a subscription runs at least, and how it ends."""

    term: Interval | None = None
    """Length of the first term from the first billed day on; null if the subscription has no term."""
    renewal: Renewal = Renewal()
    """Whether and how the subscription continues after the term. `renew` requires a `term`."""
    notice: Notice | None = None
    """Time between the notice of cancellation and the end; null if none is required."""

    @model_validator(mode="after")
    def _renews_a_term(self, info: ValidationInfo) -> Self:
        if info.context is ENTERED and self.renewal.mode == "renew" and self.term is None:
            raise PydanticCustomError("renewal", "A renewal requires the term that it renews", {"field": "term"})
        return self


class Occurrences(Value):
    """How many invoices a subscription gets."""

    max: Annotated[int | None, Field(ge=1, le=10_000)] = None
    """Number of invoices after which the subscription ends, 1 to 10,000; null if there is no such number."""


class CountedOccurrences(Occurrences):
    """How many invoices a subscription gets and has."""

    done: int = 0
    """Number of invoices so far, deleted and canceled ones included. One that bills a released period again does not
    count."""


class TermWarning(Value):
    """A likely mistake in the term of a subscription, which does not prevent it."""

    pointer: str
    """RFC 6901 pointer to the field of the subscription."""
    code: str
    """Stable code of the warning for programs."""
    message: str
    """Explanation for users, in English."""


class DaysAfterEnd(Value):
    """Billed days after the end of a canceled subscription."""

    start: Day
    """First of these days: the day after the end."""
    end: Day
    """Last day that is billed."""
    credit: ChangeAmounts | None = None
    """Amounts that would be credited for them; null if they stay billed."""


class Confirmation(Value):
    """The e-mail that confirms a cancellation to the customer."""

    mail_id: str
    """Identifier of the e-mail, `mail_` followed by a ULID, as events about it have it."""
    status: ConfirmationStatus = "requested"
    """Whether it reached the customer."""


class Cancellation(Value):
    """The cancellation of a subscription."""

    at: CancellationDate
    """How the last day was determined."""
    on: Day
    """Last day of the subscription."""
    refund: Refund = "none"
    """Whether days after the end that are billed already are credited."""
    credit_note_ids: tuple[InvoiceId, ...] | None = None
    """Identifiers of the credit notes over days after the end; null before they are credited."""
    reason: Annotated[ShortText | None, Internal] = None
    by: Annotated[Reference | None, Internal] = None
    """User who canceled it; null if no user did."""
    confirmation: Annotated[Confirmation | None, Internal] = None
    """E-mail that confirms it to the customer; null if none was requested."""

    def confirmed(self, mail_id: str, status: ConfirmationStatus) -> Self:
        """The cancellation with the status of its confirmation. Another mail changes nothing."""
        if self.confirmation is None or self.confirmation.mail_id != mail_id:
            return self
        return self.model_copy(update={"confirmation": Confirmation(mail_id=mail_id, status=status)})

    @property
    def refund_from(self) -> date | None:
        """The day from which billed days after the end are credited; None if nothing is left to be credited."""
        return self.on + _DAY if self.refund == "credit" and self.credit_note_ids is None else None


def warnings_about(terms: TermSettings, *, is_consumer: bool, country: str | None) -> Iterator[TermWarning]:
    """The warnings about the term of a customer: German consumers can end a renewed contract at a month's notice."""
    if not is_consumer or country != "DE":
        return
    if terms.renewal.mode == "renew":
        yield TermWarning(
            pointer="/renewal/mode",
            code="CONSUMER_RENEWAL",
            message="A contract with a consumer can only continue without a term, with one month's notice at most "
            "(§ 309 no. 9 b BGB).",
        )
    notice = terms.notice
    if notice is not None and (notice.months > 1 or notice.days > _DAYS_OF_A_MONTH):
        yield TermWarning(
            pointer="/notice",
            code="CONSUMER_NOTICE",
            message="The notice of a consumer can be one month at most (§ 309 no. 9 c BGB).",
        )


def last_day_of_term(terms: TermSettings, first: date) -> date | None:
    """The last day of a subscription that ends with its term; None for others."""
    if terms.term is None or terms.renewal.mode != "end":
        return None
    return next(_ends_of_terms(terms.term, terms.renewal, first))


def earliest_end(terms: TermSettings, first: date, arrived: date) -> date | None:
    """The first day on which a subscription can end after its notice arrived; its first term begins on `first`.

    None if it renews or ends with a term whose length it does not have. `ends_at` of the notice plays no part:
    `ends_with_notice` decides whether it does.
    """
    notice = _end_of_notice(terms, arrived)
    if terms.term is None:
        return notice if terms.renewal.mode == "open" else None
    ends = _ends_of_terms(terms.term, terms.renewal, first)
    if terms.renewal.mode == "open":
        return max(notice, next(ends))
    return next(end for end in ends if end >= notice or terms.renewal.mode == "end")


def end_of_running_term(terms: TermSettings, first: date, day: date) -> date | None:
    """The last day of the term that contains a day; None if no term runs then."""
    if terms.term is None:
        return None
    ends = _ends_of_terms(terms.term, terms.renewal, first)
    if terms.renewal.mode == "renew":
        return next(end for end in ends if end >= day)
    end = next(ends)
    return end if end >= day else None


def ends_with_notice(terms: TermSettings, first: date, arrived: date) -> bool:
    """Whether no term runs at the end of the notice. `ends_at` of the notice applies to such an end."""
    if terms.renewal.mode != "open":
        return False
    return terms.term is None or _end_of_notice(terms, arrived) > next(_ends_of_terms(terms.term, terms.renewal, first))


def _end_of_notice(terms: TermSettings, arrived: date) -> date:
    return day_after(arrived, terms.notice.months, terms.notice.days) if terms.notice else arrived


def renewed_on(terms: TermSettings, first: date, day: date) -> date | None:
    """The first day of the renewed term that contains a day; None in the first term, and without terms that renew."""
    if terms.term is None or terms.renewal.mode != "renew":
        return None
    start = None
    for end in _ends_of_terms(terms.term, terms.renewal, first):
        if day <= end:
            return start
        start = end + _DAY
    raise AssertionError("terms that renew have no last one")


def next_renewal(terms: TermSettings, first: date, day: date) -> date | None:
    """The first day of the first renewed term that begins after a day; None without terms that renew."""
    if terms.term is None or terms.renewal.mode != "renew":
        return None
    return next(end + _DAY for end in _ends_of_terms(terms.term, terms.renewal, first) if end >= day)


def _ends_of_terms(term: Interval, renewal: Renewal, first: date) -> Iterator[date]:
    """The last day of each term, all counted from the first day."""
    further = renewal.interval or term
    begins = first + timedelta(days=term.days)
    for number in count():
        yield day_after(begins, term.months + number * further.months, number * further.days) - _DAY
