"""The outcome of each document of a run, and their sums."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import ConfigDict, Field

from invoicing.core.errors import ConcurrentModification, DomainError
from invoicing.core.ids import InvoiceId, SubscriptionId
from invoicing.core.model import Amount, CurrencyCode, Day, Value

_MOST_RULES = 50
"""The most broken rules that the result of a document names."""
Outcome = Literal["finalized", "kept", "skipped", "refused", "failed"]
"""One of `finalized`, `kept` as a draft because the subscription creates drafts, `skipped` (it is no draft any more,
nothing is due any more, or it was left out), `refused` by a rule, or `failed` because of an error of the service."""


class NotWritten(Exception):
    """The transaction of a document fails, although the document breaks no rule."""

    @classmethod
    def because(cls, error: Exception) -> Exception:
        """The decision about the one document whose transaction fails: the rule that refuses it, else this error."""
        if isinstance(error, DomainError) and not isinstance(error, ConcurrentModification):
            return error
        failure = cls()
        failure.__cause__ = error
        return failure


class BrokenRule(Value):
    """A rule that refused a document."""

    code: str
    """Code of the error, or of the rule, such as `BR-CO-25`."""
    pointer: str
    """Field of the draft that breaks the rule (RFC 6901)."""
    message: str
    """Explanation of the rule."""


def broken_rules_of(refusal: DomainError) -> tuple[BrokenRule, ...]:
    """The rules of a refusal, for the result of a document."""
    named = refusal.errors[:_MOST_RULES]
    return tuple(BrokenRule(code=one.code, pointer=one.pointer, message=one.message) for one in named)


class RunResult(Value):
    """The result of one document of a run."""

    object: Literal["billing_run_result"] = "billing_run_result"
    invoice_id: InvoiceId | None = None
    """Identifier of the document; null for a subscription without one."""
    subscription_ids: tuple[SubscriptionId, ...] = ()
    """Identifiers of the subscriptions that the document bills."""
    outcome: Outcome
    """Outcome for the document."""
    code: str | None = None
    """Code of the error if it was not finalized; null if it was, or was left out by request."""
    rules: tuple[BrokenRule, ...] = ()
    """Rules that refused the document."""
    number: str | None = None
    """Number of the document; null if it was not finalized."""
    currency: CurrencyCode | None = None
    """Currency of the document; null if it was not computed."""
    total: Amount | None = None
    """Total of the document including tax; null if it was not computed."""


class Issued(NamedTuple):
    """A document that a run finalizes, with the counter that numbers it."""

    number: str
    series: str
    year: int | None
    issue_date: date
    currency: str
    tax: Decimal
    """Tax; of a credit note negative, as its total."""
    total: Decimal
    sent: bool = False
    """Whether it is mailed."""


class Decision(NamedTuple):
    """The result of a document, and the document if it is finalized."""

    result: RunResult
    issued: Issued | None = None


class RunCounts(Value):
    """Numbers of documents."""

    selected: int = 0
    """Documents that the run selected. A subscription that is not billed yet counts as one."""
    left_out: int = 0
    """Selected documents that are left out by request. They do not count for the bound of documents."""
    subscriptions: int = 0
    """Subscriptions that the run has billed, or refused to bill."""
    drafted: int = 0
    """Drafts that were created for subscriptions."""
    kept: int = 0
    """Drafts of subscriptions that create drafts only."""
    finalized: int = 0
    """Documents that were finalized."""
    sent: int = 0
    """Finalized documents for which an e-mail was requested. Their timelines show whether it was accepted."""
    skipped: int = 0
    """Documents that were no drafts any more, or were left out by request."""
    refused: int = 0
    """Documents that a rule refused. They stay drafts."""
    failed: int = 0
    """Documents that an error of the service prevented. They stay drafts."""

    @property
    def decided(self) -> int:
        """The documents with a result."""
        return self.finalized + self.kept + self.skipped + self.refused + self.failed


class DraftsInHand(Value):
    """Drafts of subscriptions that a run creates and finalizes before it creates others."""

    first: int = 0
    """Number of drafts that the run created, and decided, before them."""
    decided: int | None = None
    """Number of results before the first one of these drafts; null while they are created."""
    totals: dict[CurrencyCode, Amount] = Field(default_factory=dict)
    """Sums of their totals including tax, without drafts that are kept; empty once the run finalizes them."""

    def with_more(self, totals: Mapping[str, Decimal]) -> Self:
        """The drafts, and further ones with these totals."""
        sums = {one: self.total_in(one) + totals.get(one, Decimal()) for one in {**self.totals, **totals}}
        return self.model_copy(update={"totals": sums})

    def total_in(self, currency: str) -> Decimal:
        """The sum of their totals in a currency."""
        return self.totals.get(currency, Decimal())


class RunTotals(Value):
    """Amounts of the finalized documents in a currency. Credit notes count with a negative sign."""

    net: Amount
    """Sum of the totals without tax."""
    tax: Amount
    """Sum of the tax."""
    total: Amount
    """Sum of the totals including tax."""


class _Range(Value):
    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)


class NumberRange(_Range):
    """The numbers that a run assigned in a series and a year."""

    series: str
    """Name of the number series."""
    year: int | None
    """Year of issue; null for series without a yearly reset."""
    first: Annotated[str, Field(alias="from")]
    """First number that the run assigned."""
    last: Annotated[str, Field(alias="to")]
    """Last number that the run assigned. Documents that were finalized meanwhile may have numbers in between."""


class DateRange(_Range):
    """The issue dates of the finalized documents."""

    first: Annotated[Day, Field(alias="from")]
    """Earliest issue date."""
    last: Annotated[Day, Field(alias="to")]
    """Latest issue date."""


def added(sums: RunTotals | None, issued: Issued) -> RunTotals:
    """The amounts with those of a further document."""
    net = issued.total - issued.tax
    if sums is None:
        return RunTotals(net=net, tax=issued.tax, total=issued.total)
    return RunTotals(net=sums.net + net, tax=sums.tax + issued.tax, total=sums.total + issued.total)


def extend(numbers: list[NumberRange], issued: Issued) -> None:
    """Add a number to the range of its series and year."""
    for place, one in enumerate(numbers):
        if (one.series, one.year) == (issued.series, issued.year):
            numbers[place] = one.model_copy(update={"last": issued.number})
            return
    numbers.append(NumberRange(series=issued.series, year=issued.year, first=issued.number, last=issued.number))


def spanned(before: DateRange | None, days: Sequence[date]) -> DateRange | None:
    """The issue dates with those of further documents."""
    known = [*days, *((before.first, before.last) if before else ())]
    return DateRange(first=min(known), last=max(known)) if known else None
