"""Requests about billing runs."""

from typing import Annotated, LiteralString, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from invoicing.billing_runs.model import MOST_SELECTED, Brake, DraftFilter, RunStatus, Source
from invoicing.billing_runs.outcome import Outcome
from invoicing.core.ids import InvoiceId, InvoiceOrSubscriptionId
from invoicing.core.model import Amount, CurrencyCode, Day, Instant, Value
from invoicing.core.page import ListQuery

MOST_NAMED = 1_000
_Bound = Annotated[Amount, Field(ge=0)]


class BrakeData(Value):
    """Bounds of a run. Those that are left out keep their value."""

    invoices: Annotated[int, Field(ge=1, le=MOST_SELECTED)] | None = None
    """Most documents that the run selects, 1 to 1,000,000; by default three times the largest completed run of the
    last 35 days, at least 100. A run over subscriptions that a user starts with a higher bound also bills those that
    wait because of the number of their periods or a high total."""
    total: dict[CurrencyCode, _Bound] | None = None
    """Most that the run finalizes in each currency, including tax and less credit notes. It replaces all such bounds; a
    currency that is left out has none. A run over subscriptions is parked before it creates a draft above a bound."""
    refused_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    """Share of refused documents at which the run is parked, 1 to 100 percent, once 20 documents are decided; 10 by
    default, and 100 never parks it."""

    def applied_to(self, brake: Brake) -> Brake:
        """A brake with the given bounds."""
        return brake.model_copy(update={name: value for name, value in dict(self).items() if value is not None})


def _misplaced(field: str, message: LiteralString) -> PydanticCustomError:
    return PydanticCustomError("selection", message, {"field": field})


class StartBillingRun(Value):
    """Options of a billing run. Over drafts, exactly one of `invoice_ids` and `filter` is required."""

    source: Source = "drafts"
    """Source of the documents."""
    invoice_ids: Annotated[tuple[InvoiceId, ...], Field(min_length=1, max_length=MOST_NAMED)] | None = None
    """Drafts to finalize, 1 to 1,000, in this order."""
    filter: DraftFilter | None = None
    """Drafts to finalize, oldest first; `{}` selects all. Or subscriptions to bill; all that are due by default."""
    up_to: Day | None = None
    """Last date of billing of the periods of subscriptions, today by default. Only a dry run can have a later one."""
    issue_date: Day | None = None
    """Issue date of all documents, in place of that of each draft. It cannot be in the future."""
    send: bool = False
    """Whether to mail each document as soon as its files are rendered. Subscriptions that send their invoices do so
    anyway, and those that create drafts do not."""
    dry_run: bool = False
    """Whether to check the drafts and return the results only, with status 200, without finalizing them. A dry run has
    at most 1,000 drafts, fewer if they have many lines. It decides about each deposit as if no other draft deducted it.
    """
    brake: BrakeData = Field(default_factory=BrakeData)
    """Bounds at which the run is parked."""

    @model_validator(mode="after")
    def _selects(self) -> Self:
        if self.source == "subscriptions":
            if self.invoice_ids is not None:
                raise _misplaced("invoice_ids", "invoice_ids belongs to runs over drafts")
        elif (self.invoice_ids is None) == (self.filter is None):
            raise _misplaced("filter", "Exactly one of invoice_ids and filter is required")
        elif self.up_to is not None:
            raise _misplaced("up_to", "up_to belongs to runs over subscriptions")
        return self


class ResumeBillingRun(Value):
    """How a parked run continues."""

    brake: BrakeData = Field(default_factory=BrakeData)
    """New bounds. A run parked by its brake is parked again unless that bound is raised. With a higher bound on
    documents, a run over subscriptions that a user started also bills those that wait because of the number of their
    periods or a high total; a run of an hour does not."""
    skip: Annotated[tuple[InvoiceOrSubscriptionId, ...], Field(max_length=MOST_NAMED)] = ()
    """Documents of the run to leave out, up to 1,000; subscriptions while their drafts are not created."""


class BillingRunQuery(ListQuery):
    """Filters for billing runs; an entry matches all that are given."""

    status: RunStatus | None = None
    """Runs with this status."""
    source: Source | None = None
    """Runs of this source."""
    started_from: Instant | None = None
    """Runs that were started at this time or later."""


class RunResultQuery(ListQuery):
    """Filters for results; an entry matches all that are given."""

    outcome: Outcome | None = None
    """Documents with this outcome."""
    code: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """Documents with this error code."""
