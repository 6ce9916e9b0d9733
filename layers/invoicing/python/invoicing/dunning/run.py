"""A dunning run that somebody asks for: which invoices reach a level now, and why others do not."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal, Self

from invoicing.core.identity import Caller, Reference
from invoicing.core.model import Aggregate, CurrencyCode, Day, Internal, ShortText, Value
from invoicing.dunning.step import NextStep, Obstacle, Prospect
from invoicing.invoices.model import InvoiceSummary


class ReachingInvoice(Value):
    """An invoice that reaches a level, with what is asked for then."""

    invoice_id: str
    invoice_number: str
    customer_name: ShortText | None
    currency: CurrencyCode
    step: NextStep


class SkippedInvoice(Value):
    """An invoice that is past the day of its next level and does not reach it."""

    invoice_id: str
    invoice_number: str
    reason: Obstacle


class DunningRun(Aggregate):
    """What a run does on a day. `has_more` where more invoices are due than an answer shows."""

    object: Literal["dunning_run"] = "dunning_run"
    dry_run: bool
    on: Day
    reached: tuple[ReachingInvoice, ...]
    skipped: tuple[SkippedInvoice, ...]
    has_more: bool
    created_by: Annotated[Reference | None, Internal] = None

    @classmethod
    def of(
        cls,
        id_: str,
        found: Sequence[tuple[InvoiceSummary, Prospect]],
        *,
        dry_run: bool,
        has_more: bool,
        today: date,
        by: Caller,
        at: datetime,
    ) -> Self:
        """The run over these invoices."""
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
            on=today,
            reached=tuple(reached),
            skipped=tuple(skipped),
            has_more=has_more,
            created_at=at,
            updated_at=at,
            created_by=by.reference,
        )
