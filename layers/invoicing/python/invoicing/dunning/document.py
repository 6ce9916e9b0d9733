"""A payment reminder, or a dunning letter with fees and interest, for an unpaid invoice."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal, Self

from invoicing.core.identity import Caller, Moment, Reference, Role
from invoicing.core.ids import CustomerId, DunningDocumentId, InvoiceId, twin
from invoicing.core.model import Aggregate, Amount, CurrencyCode, Day, Instant, Internal, Language, ShortText, Value
from invoicing.core.stored_file import StoredFile
from invoicing.dunning.errors import DocumentCanceled
from invoicing.dunning.step import Step
from invoicing.invoices.dunning import Charges, DunningSettings, Reached
from invoicing.invoices.errors import FileNotReady
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import InvoiceSummary
from invoicing.tenants.late_interest import Accrued, SignedPercent

DocumentStatus = Literal["open", "sent", "paid", "canceled"]
"""One of `open` (issued, not sent yet), `sent`, `paid` or `canceled`."""
UNDELIVERABLE = "undeliverable"
"""The `cancel_reason` of a document that was not delivered."""
DAYS_TO_DELIVER = 2
"""A document is mailed within hours. One that is not sent by then will never be sent."""
LONGEST_WAIT_DAYS = 32


class InterestPeriod(Value):
    """A period in which interest accrued on one amount at one rate."""

    start: Day
    """First day of the period."""
    end: Day
    """Last day of the period, included."""
    days: int
    """Number of days in the period."""
    amount: Amount
    """Amount on which interest accrued."""
    rate: SignedPercent
    """Interest rate in this period, base rate included."""

    @classmethod
    def of(cls, one: Accrued) -> Self:
        """The period as it is shown."""
        last = one.first + timedelta(days=one.days - 1)
        return cls(start=one.first, end=last, days=one.days, amount=one.amount, rate=one.rate)


class DunningDocument(Aggregate):
    """A reminder or dunning letter: one dunning level of one invoice, with the amounts due on its issue date."""

    id: DunningDocumentId
    """Unique identifier of the document: `ddo_` followed by a ULID."""
    object: Literal["dunning_document"] = "dunning_document"
    number: str
    """Number of the document in its own series."""
    series: str = "dunning"
    """Name of the number series."""
    invoice_id: InvoiceId
    """Identifier of the overdue invoice."""
    invoice_number: str
    """Number of the overdue invoice."""
    customer_id: CustomerId | None
    """Identifier of the customer; null where the invoice names a customer that is not stored."""
    customer_name: ShortText | None
    """Name of the customer."""
    rule_id: Annotated[str | None, Internal] = None
    """Identifier of the dunning rule that was applied."""
    level: int
    """Dunning level of the document, from 1 to 5."""
    type: Literal["reminder", "dunning"]
    """Kind of the document: `reminder` (free of charge) or `dunning` (with fees and interest)."""
    status: DocumentStatus = "open"
    """Status of the document."""
    language: Language
    """Language of the document."""
    currency: CurrencyCode
    """Currency of all amounts of the document."""
    issue_date: Day
    """Date of the document."""
    due_date: Day
    """Date until which the customer is asked to pay."""
    open: Amount
    """Amount that was due on the invoice on the issue date."""
    fee: Amount
    """Reminder fee of this level."""
    flat_fee: Amount
    """Flat fee for late payment that was charged so far."""
    charges: Charges = ()
    """Fees that were charged so far, one by one."""
    fees: Amount
    """Sum of all fees that were charged so far."""
    interest: Amount
    """Interest that accrued until the issue date."""
    interest_periods: tuple[InterestPeriod, ...] = ()
    """Computation of the interest: one entry for each rate and amount."""
    total: Amount
    """Amount that the customer is asked to pay: `open` and the fees and interest that are not paid yet."""
    attach_invoice: Annotated[bool, Internal] = False
    """Whether the invoice's PDF is attached to the mail."""
    pdf: StoredFile
    """PDF file of the document."""
    sent_at: Instant | None = None
    """When the document was sent; null if it was not."""
    canceled_at: Instant | None = None
    """When the document was canceled; null if it was not."""
    cancel_reason: Annotated[ShortText | None, Internal] = None
    """Reason for the cancellation."""
    attempt: Annotated[int, Internal] = 1
    """Number of the attempt at this level. It is above 1 where earlier documents of the level could not be delivered.
    """
    undeliverable: Annotated[ShortText | None, Internal] = None
    """Reason why the document could not be delivered; null if it was delivered."""
    created_by: Annotated[Reference | None, Internal] = None
    updated_by: Annotated[Reference | None, Internal] = None

    @classmethod
    def of(
        cls, id_: str, number: str, invoice: InvoiceSummary, step: Step, *, moment: Moment
    ) -> tuple[Self, InvoiceSummary]:
        """The document of a level, and the invoice that has reached it."""
        before = invoice.dunning_so_far
        after = before.reached(
            step.rule.level, step.charges, on=step.on, due_date=step.due_date, interest=step.interest
        )
        document = cls(
            id=id_,
            number=number,
            invoice_id=invoice.id,
            invoice_number=invoice.number or "",
            customer_id=invoice.customer_id,
            customer_name=invoice.customer_name,
            rule_id=step.rule.id,
            level=step.rule.level,
            type=step.rule.type,
            language=invoice.language,
            currency=invoice.currency,
            issue_date=step.on,
            due_date=step.due_date,
            open=step.open,
            fee=step.fee,
            flat_fee=step.flat_fee,
            charges=step.charges,
            fees=after.fees,
            interest=step.interest,
            interest_periods=tuple(InterestPeriod.of(one) for one in step.accrued),
            total=step.open + after.fees_due,
            attach_invoice=step.rule.attach_invoice,
            attempt=before.undelivered + 1,
            pdf=StoredFile(id=twin("file", id_)),
            **moment.created,
        )
        return document, invoice.dunned(after, moment)

    def visible_to(self, caller: Caller) -> bool:
        """Customers see documents that were sent to them."""
        if caller.role is not Role.CUSTOMER:
            return True
        return self.sent_at is not None and self.customer_id is not None and self.customer_id == caller.customer_id

    def asks_for_payment(self, invoice: InvoiceSummary) -> bool:
        """Whether it is still valid: the invoice is open and dunned, and this is its last document."""
        dunning = invoice.dunning
        if self.status == "canceled" or invoice.status is not Status.OPEN or dunning is None:
            return False
        return not dunning.disabled and dunning.level == self.level

    def rendered(self, sha256: str, size: int, at: datetime) -> Self:
        """The document with its letter in place."""
        stored = self.pdf.model_copy(update={"status": "available", "sha256": sha256, "size": size})
        return self._now(at, pdf=stored)

    def require_letter(self) -> StoredFile:
        """The letter. Refuses access while it is not rendered."""
        if self.pdf.status != "available":
            raise FileNotReady
        return self.pdf

    def sent(self, at: datetime) -> Self:
        """The document after it reached the customer."""
        if self.undeliverable is not None:
            return self._now(at)
        return self._now(at, status="sent" if self.status == "open" else self.status, sent_at=self.sent_at or at)

    def settled(self, at: datetime, *, paid: bool) -> Self:
        """The document after its invoice and all fees were paid, or after some of it is due again."""
        if self.status == "canceled":
            return self
        return self._now(at, status="paid" if paid else "sent" if self.sent_at else "open")

    def canceled(self, invoice: InvoiceSummary, reason: str | None, *, moment: Moment) -> tuple[Self, InvoiceSummary]:
        """The canceled document, and its invoice: the fee is waived, the level stays, and dunning stops."""
        if self.status == "canceled":
            raise DocumentCanceled
        stopped = invoice.dunning_so_far.waived(self.level).set_to(DunningSettings(disabled=True, reason=reason))
        document = self._now(
            moment.at, status="canceled", canceled_at=moment.at, cancel_reason=reason, updated_by=moment.by.reference
        )
        return document, invoice.dunned(stopped, moment)

    def is_stuck(self, today: date) -> bool:
        """Whether it was not sent within the time for sending."""
        return self.status == "open" and today - self.issue_date >= timedelta(days=DAYS_TO_DELIVER)

    @property
    def leaves(self) -> Reached:
        """The facts from which the next level counts."""
        return Reached(self.issue_date, self.due_date, self.interest)

    def not_delivered(
        self,
        invoice: InvoiceSummary,
        previous: Self | None,
        why: str,
        *,
        retry_at: date | None,
        moment: Moment,
    ) -> tuple[Self, InvoiceSummary]:
        """The document canceled as undeliverable, and its invoice: the fee is waived and the level is not reached.

        `previous` is the document of the level before it. A later level that is already reached stays.
        """
        canceled = {"status": "canceled", "canceled_at": moment.at, "cancel_reason": UNDELIVERABLE}
        document = self._now(moment.at, **canceled, undeliverable=why, sent_at=None, updated_by=moment.by.reference)
        dunning = invoice.dunning_so_far.waived(self.level)
        if dunning.level == self.level:
            # If this document was the first to charge it, it is waived: another document may charge it.
            charged = dunning.flat_fee_charged and not self._charged_flat_fee
            dunning = dunning.before(previous.leaves if previous else None, undelivered=self.attempt, retry_at=retry_at)
            dunning = dunning.model_copy(update={"flat_fee_charged": charged})
        return document, invoice.dunned(dunning, moment)

    def next_attempt(self, today: date) -> date:
        """The day of the next document of the level: the wait doubles with each that could not be delivered."""
        return today + timedelta(days=min(2 ** (self.attempt - 1), LONGEST_WAIT_DAYS))

    @property
    def _charged_flat_fee(self) -> bool:
        return any(one.kind == "flat_fee" and one.level == self.level for one in self.charges)

    def _now(self, at: datetime, **fields: Any) -> Self:
        return self.model_copy(update={"updated_at": at, **fields})
