"""A requested dunning run: the invoices that reach a level now, and the reasons of the others."""

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from invoicing.core.identity import Moment, Reference
from invoicing.core.model import Aggregate, CurrencyCode, Day, Internal, ShortText, Value
from invoicing.dunning.step import NextStep, Obstacle, Prospect
from invoicing.invoices.model import InvoiceSummary


class ReachingInvoice(Value):
    """An invoice that reaches a dunning level in the run."""

    invoice_id: str
    invoice_number: str
    """Number of the overdue invoice."""
    customer_name: ShortText | None
    """Name of the customer."""
    currency: CurrencyCode
    """Currency of the amounts."""
    step: NextStep
    """Dunning level that the invoice reaches, with its amounts."""


class SkippedInvoice(Value):
    """An invoice that is overdue for its next dunning level and does not reach it."""

    invoice_id: str
    invoice_number: str
    """Number of the overdue invoice."""
    reason: Obstacle
    """Reason why the invoice does not reach the level."""


class DunningRun(Aggregate):
    """The result of a dunning run."""

    object: Literal["dunning_run"] = "dunning_run"
    dry_run: bool
    """Whether the run only listed the documents, without issuing them."""
    on: Day
    """Date of the run."""
    reached: tuple[ReachingInvoice, ...]
    """Invoices that reach a dunning level."""
    skipped: tuple[SkippedInvoice, ...]
    """Invoices that do not reach their next level, with the reason."""
    has_more: bool
    """Whether more invoices are due than the response lists."""
    created_by: Annotated[Reference | None, Internal] = None

    @classmethod
    def of(
        cls,
        id_: str,
        found: Sequence[tuple[InvoiceSummary, Prospect]],
        *,
        dry_run: bool,
        has_more: bool,
        moment: Moment,
    ) -> Self:
        """The result of the run for these invoices."""
        reached, skipped = [], []
        for invoice, (step, obstacle) in found:
            number = invoice.number or ""
            if step is None or obstacle is not None:
                skipped.append(
                    SkippedInvoice(invoice_id=invoice.id, invoice_number=number, reason=obstacle or "nothing_due")
                )
            else:
                reached.append(
                    ReachingInvoice(
                        invoice_id=invoice.id,
                        invoice_number=number,
                        customer_name=invoice.customer_name,
                        currency=invoice.currency,
                        step=NextStep.of(step),
                    )
                )
        return cls(
            id=id_,
            dry_run=dry_run,
            on=moment.today,
            reached=tuple(reached),
            skipped=tuple(skipped),
            has_more=has_more,
            created_at=moment.at,
            updated_at=moment.at,
            created_by=moment.by.reference,
        )
