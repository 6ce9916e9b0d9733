"""The fields of documents: those that lists show and later changes alter, and how a credit is settled."""

from typing import Annotated, Literal

from pydantic import Field

from invoicing.core.identity import Reference
from invoicing.core.ids import BillingRunId, CustomerId, InvoiceId, OrderId, PeriodId, SubscriptionId
from invoicing.core.model import Amount, CurrencyCode, Day, Instant, Internal, Language, Parted, ShortText, Value
from invoicing.core.party import PaymentTerms
from invoicing.core.stored_file import StoredFile
from invoicing.invoices.drafts.model import Purpose
from invoicing.invoices.dunning import Dunning
from invoicing.invoices.lifecycle import DocumentType, Status, TypeCode
from invoicing.payments.direct_debit import InvoiceCollection
from invoicing.payments.model import Method, Paid

Origin = Literal["api", "adjustment", "order", "duplicate", "correction", "event", "subscription"]
"""By a request (`api`, `adjustment`, `order`, `duplicate`, `correction`), by an `event` of another system, or by the
billing of a `subscription`."""
PaymentStatus = Literal["unpaid", "partially_paid", "paid", "refunded"]
"""One of `unpaid`, `partially_paid`, `paid`, or `refunded` if everything paid was returned."""


class BilledPeriod(Value):
    """A period of a subscription that an invoice bills."""

    subscription_id: SubscriptionId
    """Identifier of the subscription, `sub_` followed by a ULID."""
    period: PeriodId
    """Identifier of the period within the subscription."""


class EarlierCredit(Value):
    """An earlier document that credited a part of the same invoice."""

    number: ShortText
    """Number of the earlier document."""
    issue_date: Day
    """Issue date of the earlier document."""
    amount: Amount
    """Amount that it credited."""


class CreditSettlement(Value):
    """How a credited amount is settled.

    The parts add up to the document's total with its rounding, without the tax of a split payment.
    """

    set_off: Amount
    """Part that reduces the amount due on the invoice."""
    refund: Amount
    """Part that is paid back to the customer."""
    cash_discount: Amount
    """Part that was never paid because of a cash discount."""
    deposits: Amount | None = None
    """Part that is covered by deposits of the invoice, which can be deducted again; null if there is none."""
    earlier: tuple[EarlierCredit, ...] = ()
    """Earlier credits of the same invoice."""


class InvoiceHead(Parted):
    """The fields of a document that lists show, and that payments and other later changes can alter."""

    id: InvoiceId
    """Unique identifier of the document: `inv_` followed by a ULID."""
    object: Literal["invoice"] = "invoice"
    type: DocumentType = "invoice"
    """Type of the document."""
    purpose: Purpose = "standard"
    """Purpose of an invoice: `deposit` for money that is due before the supply, else `standard`."""
    type_code: TypeCode | None = None
    """Type by UNTDID 1001 (EN 16931 BT-3), if it is not the usual one of `type` and `purpose`."""
    status: Status = Status.DRAFT
    """Status of the document."""
    payment_status: PaymentStatus = "unpaid"
    """How much of the document is paid."""
    overdue: bool = False
    """Whether the due date has passed in the tenant's time zone and an amount is due."""
    number: str | None = None
    """Number of the document (EN 16931 BT-1), given when it is finalized; null for drafts."""
    series: str = "invoice"
    """Name of the number series."""
    language: Language
    """Language of the document."""
    external_id: ShortText | None = None
    customer_id: CustomerId | None = None
    """Identifier of the stored customer; null where the document names a customer that is not stored."""
    customer_name: ShortText | None = None
    """Name of the customer."""
    owner_id: Annotated[str | None, Internal] = None
    """Identifier of the user who is responsible for the customer."""
    currency: CurrencyCode
    """Currency of all amounts."""
    issue_date: Day | None = None
    """Issue date (EN 16931 BT-2); null for drafts that do not have one yet."""
    due_date: Day | None = None
    """Due date (EN 16931 BT-9). An invoice without one has payment terms in words, and is never overdue or dunned.

    That of a credit note is the day on which it is refunded or set off; it is never overdue.
    """
    payment_terms: PaymentTerms | None = None
    """Payment terms of the document."""
    order_id: OrderId | None = None
    """Identifier of the order that the document invoices."""
    subscription_ids: tuple[SubscriptionId, ...] = ()
    """Identifiers of the subscriptions that the document bills."""
    subscription_periods: tuple[BilledPeriod, ...] = ()
    """Periods of the subscriptions that the document bills."""
    purchase_order_id: ShortText | None = None
    payment_method: Method | None = None
    """How the customer is asked to pay (EN 16931 BT-81)."""
    dunning: Dunning | None = None
    """Dunning of the invoice; null for drafts and other types of documents."""
    collection: Annotated[InvoiceCollection | None, Internal] = None
    """Direct debit of the invoice; null if it names no mandate and none was announced."""
    bank_account_id: ShortText | None = None
    """Identifier of the tenant's bank account that the customer is asked to pay to."""
    subtotal: Amount
    """Sum of the net amounts of the lines (EN 16931 BT-106)."""
    discount_amount: Amount
    """Net amount of the allowances of the document, its discount among them (EN 16931 BT-107)."""
    shipping_cost: Amount
    """Net amount of the charges of the document, shipping among them (EN 16931 BT-108)."""
    tax: Amount
    """Total tax (EN 16931 BT-110)."""
    total: Amount
    """Total including tax (EN 16931 BT-112): `subtotal` - `discount_amount` + `shipping_cost` + `tax`."""
    prepaid_amount: Amount | None = None
    """Amount including tax that was paid or asked for before the invoice, its deposits among them (EN 16931 BT-113).

    `split_tax` is a part of it.
    """
    split_tax: Amount | None = None
    """Tax of a split payment (category `B`), which the customer pays to the state; null if there is none."""
    prepaid_refunded: Amount | None = None
    """Part of the prepaid amount that went back to the customer."""
    deposits_released: Amount | None = None
    """Amount of the deposits that were released when the invoice was canceled; null if none was."""
    rounding: Amount | None = None
    """Rounding of the amount due, negative if it is rounded down (EN 16931 BT-114)."""
    payable: Amount | None = None
    """Amount that the customer is asked to pay.

    `total` - `prepaid_amount` + `prepaid_refunded` + `deposits_released` + `rounding`. When it is issued, that is the
    amount due (EN 16931 BT-115). The rounding, and an earlier debt, end when the whole
    total is credited.
    """
    paid: Amount
    """Payments less refunds and reversals."""
    credited: Amount
    """Amount of the credit notes and the cancellation of the invoice, without the tax of a split payment."""
    cash_discount_taken: Amount
    """Cash discount that counts as settled, after credits."""
    written_off: Amount
    """Amount that was written off when the invoice was closed."""
    due: Amount
    """Amount that is still due."""
    refund_due: Amount
    """Amount that is owed to the customer."""
    refunded: Amount
    """Amount that was paid back to the customer."""
    canceled_amount: Amount
    """Part of `credited` that the cancellation accounts for."""
    cash_discount_granted: Amount
    """Cash discount that payments have kept back, before credits."""
    last_payment: Paid | None = None
    """Last payment; null if there is none."""
    files: dict[str, StoredFile] = Field(default_factory=dict)
    """Files of the document by kind, `pdf` and `xml`; empty for drafts."""
    origin: Origin = "api"
    """How the document was created."""
    created_by: Annotated[Reference | None, Internal] = None
    updated_by: Annotated[Reference | None, Internal] = None
    finalized_at: Instant | None = None
    """When the document was finalized; null for drafts."""
    sent_at: Instant | None = None
    """When the document first reached the customer; null if it did not."""
    overdue_at: Instant | None = None
    """When the invoice was reported as overdue; null if it was not."""
    canceled_at: Instant | None = None
    """When the document was canceled; null if it was not."""
    closed_at: Instant | None = None
    """When the invoice was closed; null if it was not."""
    close_reason: str | None = None
    """Reason why the invoice was closed; `credited` if it was credited before any payment."""
    reactivated_at: Instant | None = None
    """When the invoice was last reactivated; null if it never was."""
    cancellation_id: InvoiceId | None = None
    """Identifier of the cancellation document; null if there is none."""
    credit_note_ids: tuple[InvoiceId, ...] = ()
    """Identifiers of the credit notes for the invoice."""
    correction_id: InvoiceId | None = None
    """Identifier of the corrected invoice that replaces this one; null if there is none."""
    final_invoice_id: InvoiceId | None = None
    """Identifier of the final invoice that deducts this deposit invoice; null if none does."""
    corrects_id: InvoiceId | None = None
    """Identifier of the canceled invoice that this one replaces; null if there is none."""
    billing_run_id: Annotated[BillingRunId | None, Internal] = None
    """Identifier of the billing run that created or finalized the document; null if none did."""
