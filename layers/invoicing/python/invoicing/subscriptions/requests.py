"""Requests about subscriptions."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from invoicing.core.ids import BillingRunId, CustomerId, InvoiceId, PriceId, ProductId, SubscriptionId
from invoicing.core.model import Day, Instant, Internal, Model, ShortText, Value
from invoicing.core.page import ListQuery
from invoicing.subscriptions.ledger import PlannedInvoice, SubscriptionPeriod
from invoicing.subscriptions.model import SubscriptionStatus
from invoicing.subscriptions.terms import CancellationDate, Refund


class SubscriptionQuery(ListQuery):
    """Filters for subscriptions; an entry matches all that are given."""

    status: SubscriptionStatus | None = None
    """Subscriptions with this status."""
    customer_id: CustomerId | None = None
    product_id: ProductId | None = None
    """Subscriptions with an item of this product."""
    price_id: PriceId | None = None
    """Subscriptions with an item of this price."""
    attention: bool | None = None
    """`true` for subscriptions whose billing waits for a decision, `false` for all others."""
    ends_to: Day | None = None
    """Subscriptions that end on this date or earlier."""
    renews_to: Day | None = None
    """Subscriptions whose next term begins on this date or earlier."""
    next_bill_to: Day | None = None
    """Subscriptions that are billed next on this date or earlier."""
    external_id: ShortText | None = None
    created_from: Instant | None = None
    created_to: Instant | None = None
    updated_since: Instant | None = None


class SetCancellation(Value):
    """When and why a subscription ends."""

    at: CancellationDate = "earliest"
    """When the subscription ends."""
    on: Day | None = None
    """Last day of the subscription, for `date`."""
    reason: ShortText | None = None
    refund: Refund = "none"
    """Whether days after the end that are billed already are credited."""
    confirm: bool = False
    """Whether the customer gets an e-mail that confirms the cancellation and its last day."""
    dry_run: bool = False
    """Whether to answer with the canceled subscription only, and to change nothing."""

    @model_validator(mode="after")
    def _has_its_date(self) -> Self:
        if (self.at == "date") != (self.on is not None):
            raise PydanticCustomError(
                "cancellation", "on is required if at is date, and not allowed otherwise", {"field": "on"}
            )
        return self


class PauseSubscription(Value):
    """The days on which a subscription is to be paused."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    first: Annotated[Day | None, Field(alias="from")] = None
    """First day of the pause; by default the day after the last billed period."""
    last: Annotated[Day | None, Field(alias="until")] = None
    """Last day of the pause, today or later. Without it, the pause runs until the subscription is resumed."""


class ResumeSubscription(Value):
    """How a subscription continues."""

    bill: bool = False
    """Whether periods that lie wholly in the pause are billed after all, at most 12."""


class PreviewQuery(Model):
    """How far a preview goes."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    count: Annotated[int, Field(ge=1, le=12)] = 1
    """Maximum number of invoices, from 1 to 12."""
    on: Day | None = None
    """Last date of billing; without it, the date does not matter."""


class SubscriptionPreview(Value):
    """The next invoices of a subscription, as they would be if nothing changes before."""

    object: Literal["subscription_preview"] = "subscription_preview"
    """Name of the object's type."""
    invoices: tuple[PlannedInvoice, ...]
    """Next invoices, in the order of their dates."""


class InvoiceBilling(Value):
    """The subscriptions and periods that an invoice bills."""

    object: Literal["invoice_billing"] = "invoice_billing"
    """Name of the object's type."""
    invoice_id: InvoiceId
    """Identifier of the invoice, `inv_` followed by a ULID."""
    subscription_ids: tuple[SubscriptionId, ...]
    """Identifiers of the subscriptions that it bills."""
    billing_run_id: Annotated[BillingRunId | None, Internal] = None
    """Identifier of the billing run that created or finalized it; null if none did."""
    periods: tuple[SubscriptionPeriod, ...]
    """Periods that it bills or billed, with the share and the line of each item."""


class PeriodQuery(ListQuery):
    """A page of the periods of a subscription, by track and first day."""


class DecidePeriod(Value):
    """The decision about a period."""

    action: Literal["bill", "skip"]
    """`bill` bills it now: early, again after it was released, or although billing waits for a decision. `skip` leaves
    it out."""
