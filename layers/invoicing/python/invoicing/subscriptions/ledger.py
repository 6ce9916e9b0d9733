"""The ledger of a subscription: its billed, skipped and released periods, and the invoices that are planned."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, Self

from invoicing.catalogue.interval import Interval, Timing
from invoicing.core.identity import Moment
from invoicing.core.ids import InvoiceId, LineId, PeriodId, SubscriptionId, SubscriptionItemId
from invoicing.core.model import Aggregate, Amount, Day, Quantity, Value
from invoicing.invoices.model import Invoice
from invoicing.pricing.line import Line

PeriodStatus = Literal["draft", "billed", "skipped", "released"]
"""`draft` while its invoice is one, `billed` by an issued invoice, `skipped` without an invoice, or `released` by the
deletion or cancellation of its invoice."""


class PeriodItem(Value):
    """An item that was billed for a period."""

    item_id: SubscriptionItemId
    """Identifier of the item, `sit_` followed by a ULID."""
    line_id: LineId
    """Identifier of the line of the invoice, `lin_` followed by a ULID."""
    quantity: Quantity
    """Quantity in a full period."""
    days: int
    """Number of days that were billed."""
    of: int
    """Number of days of the full period that contains them."""
    net: Amount
    """Net amount of the line as it was created."""
    total: Amount
    """Amount of the line including tax, as it was created."""

    def billed_by(self, line: Line | None) -> Self:
        """The item as another line bills it; as it is without one."""
        if line is None:
            return self
        return self.model_copy(update={"line_id": line.id, "net": line.net, "total": line.total})


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

    def billed(self, invoice_id: str | None, items: tuple[PeriodItem, ...], moment: Moment) -> Self:
        """The period with the invoice that bills it; skipped if there is nothing to bill."""
        return self._moved("billed" if invoice_id else "skipped", moment, invoice_id=invoice_id, items=items)

    def skipped(self, moment: Moment) -> Self:
        """The period that is not billed."""
        return self._moved("skipped", moment, invoice_id=None, items=())

    def released(self, moment: Moment) -> Self:
        """The period after its invoice no longer bills it. It keeps its items, because the invoice may return."""
        return self._moved("released", moment, invoice_id=None)

    def reassigned(self, invoice_id: str, moment: Moment, lines: Mapping[str, Line] = MappingProxyType({})) -> Self:
        """The period that another invoice bills, with the same items. `lines` replace those of the items, by their ids.

        A line that the invoice did not copy keeps its place in the ledger.
        """
        items = tuple(one.billed_by(lines.get(one.line_id)) for one in self.items)
        return self._moved("billed", moment, invoice_id=invoice_id, items=items)

    def _moved(self, status: PeriodStatus, moment: Moment, **fields: Any) -> Self:
        return self.model_copy(update={"status": status, "updated_at": moment.at, **fields})


class PlannedInvoice(Value):
    """An invoice of a subscription as it would be, if nothing changes before."""

    bill_on: Day
    """Date on which it is billed, in the tenant's time zone."""
    periods: tuple[SubscriptionPeriod, ...]
    """Periods that it bills."""
    invoice: Invoice | None
    """Draft that would be created; null if there is nothing to bill."""
