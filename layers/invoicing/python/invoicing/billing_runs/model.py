"""Billing runs: many drafts are finalized, or due subscriptions billed, as one piece of work.

It can be followed, stopped and resumed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field

from invoicing.billing_runs.outcome import (
    DateRange,
    Decision,
    DraftsInHand,
    NumberRange,
    RunCounts,
    RunResult,
    RunTotals,
    added,
    extend,
    spanned,
)
from invoicing.core.identity import Moment, Reference
from invoicing.core.ids import BillingRunId, CustomerId
from invoicing.core.model import Aggregate, Amount, CurrencyCode, Day, Instant, Internal, Value
from invoicing.invoices.errors import InvalidState

RunStatus = Literal["collecting", "drafting", "finalizing", "parked", "completed", "canceled"]
"""Status of a run: it selects documents or subscriptions (`collecting`), creates the drafts of the subscriptions
(`drafting`), then finalizes the documents (`finalizing`)."""
Source = Literal["drafts", "subscriptions"]
"""Source of the documents of a run: existing `drafts`, or `subscriptions` that are due."""
ParkedReason = Literal["invoices", "total", "refused", "failure"]
"""Bound of the brake that the run reached, or a `failure` that a repetition does not mend."""
ACTIVE: Final = ("collecting", "drafting", "finalizing")
"""The statuses of runs that work."""

LEAST_BRAKE: Final = 100
"""The default brake lets this number of documents pass, however small the last runs were."""
BRAKE_DAYS: Final = 35
"""The days whose largest run the default brake compares with: a month, and days by which its first may be late. Many
tenants bill nearly everything on one day of the month. The last few runs before it are those of quiet hours; a brake
that follows them would park the run of each such day."""
MOST_SELECTED: Final = 1_000_000
STALLED_AFTER: Final = timedelta(hours=1)
"""The time after which an active run without progress has lost the message of its next step. A step that fails is
delivered again every few minutes, and parks its run after an hour."""
_GROWTH: Final = 3
_NO_BOUND: Final = 100
_JUDGED: Final = 20
"""The number of decided documents from which the share of refused ones counts."""


class DraftFilter(Value):
    """Which drafts or subscriptions a run selects; each has to match all filters that are given."""

    customer_id: CustomerId | None = None
    """Those of this customer."""
    currency: CurrencyCode | None = None
    """Those in this currency."""
    created_to: Instant | None = None
    """Those that were created at this time or earlier."""


class Brake(Value):
    """Bounds of a run. A run that would exceed one is parked."""

    invoices: Annotated[int, Field(ge=1, le=MOST_SELECTED)]
    """Most documents that the run selects, those aside that are left out."""
    total: dict[CurrencyCode, Amount] = Field(default_factory=dict)
    """Most that the run finalizes in a currency, including tax and less credit notes; others have no bound. A run over
    subscriptions creates no draft above it."""
    refused_percent: Annotated[int, Field(ge=1, le=100)] = 10
    """Share of refused and failed documents at which the run is parked, in percent, once 20 documents are decided; 100
    has no bound."""

    @classmethod
    def after_runs(cls, documents: Iterable[int]) -> Self:
        """The default brake after the runs of `BRAKE_DAYS`: three times the documents of the largest, at least 100."""
        return cls(invoices=min(max(LEAST_BRAKE, _GROWTH * max(documents, default=0)), MOST_SELECTED))


class BillingRun(Aggregate):
    """A run that finalizes many drafts. Its documents are numbered and committed in blocks."""

    object: Literal["billing_run"] = "billing_run"
    id: BillingRunId
    """Unique identifier of the run: `brn_` followed by a ULID."""
    status: RunStatus
    """Status of the run."""
    source: Source
    """Documents that the run finalizes."""
    started_by: Annotated[Reference | None, Internal] = None
    """User who started the run."""
    issue_date: Day | None = None
    """Issue date of the documents; null for that of each draft, else the day on which it is finalized."""
    send: bool = False
    """Whether each document is mailed as soon as its files are rendered."""
    dry_run: bool = False
    """Whether this is the preview of a run. It is not stored, so its identifier names nothing."""
    filter: DraftFilter | None = None
    """Filter by which the run selects; null if it was started with `invoice_ids`, or selects all that is due."""
    up_to: Day | None = None
    """Last date of billing of the periods that the run bills; null for drafts."""
    hour: Annotated[str | None, Field(examples=["2026-03-10T06"])] = None
    """Hour of the tenant's clock that started the run; null if a user did. Each hour starts at most one run."""
    brake: Brake
    """Bounds at which the run is parked."""
    brake_raised: bool = False
    """Whether a user started the run with a bound on documents above its default, or resumed one that a user started
    with a higher bound. Subscriptions that wait because of the number of their periods or a high total are billed too,
    oldest periods first."""
    parked_reason: ParkedReason | None = None
    """Why the run is parked; null if it is not."""
    continues_as: RunStatus | None = None
    """Status in which a parked run continues; null if it is not parked."""
    counts: RunCounts
    """Progress of the run."""
    in_hand: DraftsInHand | None = None
    """Drafts that the run has to finalize before it creates others, because of the bound on totals; null for runs over
    drafts, and once all drafts are created."""
    totals: dict[CurrencyCode, RunTotals] = Field(default_factory=dict)
    """Amounts of the finalized documents, by currency."""
    numbers: tuple[NumberRange, ...] = ()
    """Numbers that the run assigned, by series and year."""
    date_range: DateRange | None = None
    """Issue dates of the finalized documents; null if there are none."""
    begun_at: Instant
    """When the run was started."""
    ended_at: Instant | None = None
    """When the run was completed or canceled; null before."""
    results: tuple[RunResult, ...] | None = None
    """Results of a dry run; null for other runs, whose results are a list of their own."""

    @property
    def job_id(self) -> str:
        """The run, whose progress can be read."""
        return self.id

    @classmethod
    def started(
        cls,
        id_: str,
        source: Source,
        options: Mapping[str, Any],
        *,
        selected: int,
        ended: bool,
        moment: Moment,
    ) -> Self:
        """A new run with the options of its request. `ended`: all documents are selected already."""
        return cls(
            id=id_,
            status=_selected(source) if ended else "collecting",
            source=source,
            started_by=moment.by.reference,
            counts=RunCounts(selected=selected),
            begun_at=moment.at,
            created_at=moment.at,
            updated_at=moment.at,
            **options,
        )

    @property
    def is_active(self) -> bool:
        """Whether the run works, or waits for its worker."""
        return self.status in ACTIVE

    @property
    def allowed_actions(self) -> tuple[str, ...]:
        """The actions of users that its status allows."""
        if self.ended_at is not None:
            return ()
        return ("resume", "cancel") if self.status == "parked" else ("cancel",)

    def is_stalled(self, now: datetime) -> bool:
        """Whether the run is active without progress for so long that nothing may advance it any more."""
        return self.is_active and now - self.updated_at >= STALLED_AFTER

    @property
    def active_source(self) -> Source | None:
        """The source that the run bills now; only one run at a time does.

        A parked run keeps it while subscriptions are left to bill: another run would bill them without its brake.
        """
        undecided = self.status == "parked" and self.source == "subscriptions" and not self._has_all_drafts
        return self.source if self.is_active or undecided else None

    @property
    def _has_all_drafts(self) -> bool:
        """Whether a parked run has billed all its subscriptions."""
        return self.continues_as == "finalizing" and not self.has_further

    @property
    def left(self) -> int:
        """The number of selected documents without a result."""
        return self.counts.selected - self.counts.decided

    @property
    def position(self) -> int:
        """The position of the next document, among those that the run finalizes."""
        if self.source == "drafts":
            return self.counts.decided
        if self.in_hand is not None and self.in_hand.decided is not None:
            return self.in_hand.first + self.counts.decided - self.in_hand.decided
        # The other results are those of subscriptions without a draft. They come first.
        return self.counts.decided - (self.counts.selected - self.counts.drafted)

    @property
    def has_further(self) -> bool:
        """Whether subscriptions are left to bill after the drafts that the run finalizes now."""
        return self.in_hand is not None and self.in_hand.decided is not None

    @property
    def due_until(self) -> datetime:
        """The date and hour up to which subscriptions are due, in the tenant's time zone."""
        if self.hour is not None:
            return datetime.fromisoformat(self.hour)
        if self.up_to is None:
            raise AssertionError("a run over subscriptions has a date")
        return datetime.combine(self.up_to, time(23))

    def collected(self, more: int, *, ended: bool, moment: Moment) -> Self:
        """The run after it selected more documents; `ended`: there are no others."""
        counts = self.counts.model_copy(update={"selected": self.counts.selected + more})
        status: RunStatus = _selected(self.source) if ended else "collecting"
        after = self.model_copy(update={"counts": counts, "status": status, "updated_at": moment.at})
        return after._checked(moment) if ended else after

    def decided(self, decisions: Sequence[Decision], moment: Moment) -> Self:
        """The run after a block of decisions."""
        counts, totals, numbers = self.counts.model_dump(), dict(self.totals), list(self.numbers)
        for result, issued in decisions:
            counts[result.outcome] += 1
            if issued is not None:
                counts["sent"] += issued.sent
                totals[issued.currency] = added(totals.get(issued.currency), issued)
                extend(numbers, issued)
        days = [one.issue_date for _, one in decisions if one is not None]
        changed = {
            "counts": RunCounts(**counts),
            "totals": totals,
            "numbers": tuple(numbers),
            "date_range": spanned(self.date_range, days),
            "updated_at": moment.at,
        }
        after = self.model_copy(update=changed)
        if after.has_further and after.position == after.counts.drafted:
            in_hand = DraftsInHand(first=after.counts.drafted)
            after = after.model_copy(update={"status": "drafting", "in_hand": in_hand})
        return after._checked(moment)

    def billed(
        self,
        results: Sequence[RunResult],
        *,
        drafts: int,
        further: int,
        subscriptions: int,
        moment: Moment,
        totals: Mapping[str, Decimal] = MappingProxyType({}),
    ) -> Self:
        """The run after it created drafts; `results` are those of subscriptions without one.

        `subscriptions` are those that the run has billed to the end, `further` those that need another draft. `totals`
        are those of the drafts that it will finalize, by currency.
        """
        in_hand = self.in_hand or DraftsInHand()
        counts = self.counts.model_dump()
        counts["selected"] += further
        counts["drafted"] += drafts
        counts["subscriptions"] += subscriptions
        for result in results:
            counts[result.outcome] += 1
        after = RunCounts(**counts)
        ended = after.selected == after.drafted + after.decided - in_hand.first
        status: RunStatus = "finalizing" if ended else "drafting"
        left = None if ended else in_hand.with_more(totals)
        changed = {"counts": after, "status": status, "in_hand": left, "updated_at": moment.at}
        return self.model_copy(update=changed)._checked(moment)

    def at_total(self, moment: Moment) -> Self:
        """The run before a draft that would exceed the bound on totals.

        It finalizes its drafts before, because those that are refused leave room. Without any it is parked.
        """
        if self.status != "drafting":
            return self
        in_hand = self.in_hand or DraftsInHand()
        if in_hand.first == self.counts.drafted:
            return self.parked("total", moment)
        finalized = DraftsInHand(first=in_hand.first, decided=self.counts.decided)
        return self.model_copy(update={"status": "finalizing", "in_hand": finalized})

    def _checked(self, moment: Moment) -> Self:
        """The run, completed after its last document, and parked if it reached a bound before."""
        if not self.left:
            return self.model_copy(update={"status": "completed", "ended_at": moment.at})
        return self.parked(self.exceeded, moment) if self.exceeded else self

    def parked(self, reason: ParkedReason, moment: Moment) -> Self:
        """The run, stopped until it is resumed or canceled."""
        changed = {"status": "parked", "continues_as": self.status, "parked_reason": reason, "updated_at": moment.at}
        return self.model_copy(update=changed)

    def resumed(self, brake: Brake, moment: Moment, *, ended: bool = True) -> Self:
        """The run after a user let it continue with these bounds. `ended`: all documents are selected already."""
        if self.status != "parked":
            raise InvalidState(f"The run is {self.status}.", allowed_actions=self.allowed_actions)
        status = self.continues_as or ("finalizing" if ended else "collecting")
        changed = {
            "status": status,
            "continues_as": None,
            "parked_reason": None,
            "brake": brake,
            # A user who resumes the run of an hour has not seen which of its subscriptions wait.
            "brake_raised": self.brake_raised or (self.hour is None and brake.invoices > self.brake.invoices),
            "updated_at": moment.at,
        }
        return self.model_copy(update=changed)

    def leaving_out(self, more: int) -> Self:
        """The run without some of its documents, in addition to those that it leaves out already."""
        counts = self.counts.model_copy(update={"left_out": self.counts.left_out + more})
        return self.model_copy(update={"counts": counts})

    def canceled(self, moment: Moment) -> Self:
        """The run, ended by a user. The documents that it finalized stay."""
        if self.ended_at is not None:
            raise InvalidState(f"The run is {self.status}.", allowed_actions=self.allowed_actions)
        changed = {"status": "canceled", "continues_as": None, "parked_reason": None, "ended_at": moment.at}
        return self.model_copy(update={**changed, "updated_at": moment.at})

    def as_dry_run(self, results: Sequence[RunResult]) -> Self:
        """The run as the preview of itself: with its results, and without numbers."""
        unnumbered = tuple(one.model_copy(update={"number": None}) for one in results)
        return self.model_copy(update={"dry_run": True, "numbers": (), "results": unnumbered})

    @property
    def exceeded(self) -> ParkedReason | None:
        """The bound of the brake that the run has reached, except that of totals."""
        if self.counts.selected - self.counts.left_out > self.brake.invoices:
            return "invoices"
        wrong, decided = self.counts.refused + self.counts.failed, self.counts.decided
        bound = self.brake.refused_percent
        if bound < _NO_BOUND and decided >= _JUDGED and wrong * 100 >= bound * decided:
            return "refused"
        return None

    def would_exceed(self, currency: str, total: Decimal) -> bool:
        """Whether further documents exceed the bound of the brake on totals in their currency."""
        bound, finalized = self.brake.total.get(currency), self.totals.get(currency)
        sums = total + (finalized.total if finalized else 0) + (self.in_hand.total_in(currency) if self.in_hand else 0)
        return bound is not None and sums > bound


def _selected(source: Source) -> RunStatus:
    """The status of a run after it selected all."""
    return "finalizing" if source == "drafts" else "drafting"
