"""Invoices, credit notes and cancellations: their fields and state changes.

An invoice is stored in two parts. The summary is small and changes with each payment; the content (every field that
`Invoice` adds to `InvoiceSummary`) is written while the invoice is a draft and never after.
"""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Self

from invoicing.core.currency import from_minor
from invoicing.core.einvoice import EinvoiceFormat
from invoicing.core.errors import Invalid
from invoicing.core.identifiers import require_sound
from invoicing.core.identity import Caller, Moment
from invoicing.core.model import Amount, Internal, copied, values_of
from invoicing.core.party import Seller
from invoicing.core.stored_file import StoredFile
from invoicing.customers.model import Customer, MailPurpose
from invoicing.document_forms.design import IssuedForm
from invoicing.invoices.derived import DocumentWarning, Kpis
from invoicing.invoices.drafts.fields import SETTLEMENT, document_terms, draft_fields
from invoicing.invoices.drafts.model import ChangedInvoice, DraftContent, DraftData, NewInvoice
from invoicing.invoices.drafts.references import Deposit, PrepaidReference
from invoicing.invoices.drafts.supporting import Attachment
from invoicing.invoices.dunning import Dunning
from invoicing.invoices.errors import FileNotReady, NoRecipient
from invoicing.invoices.fields import CreditSettlement, InvoiceHead, Origin
from invoicing.invoices.lifecycle import Action, Status, require
from invoicing.numbering.model import series_of
from invoicing.payments.direct_debit import InvoiceCollection
from invoicing.payments.model import PaymentInstructions, require_details, require_means
from invoicing.pricing.line import ChangedLine, Line
from invoicing.pricing.payable import due_of, payable_terms, require_payable_terms, shown_payable, split_tax_of
from invoicing.pricing.prices import entries_listed, with_sources
from invoicing.pricing.tax import TaxAmount

if TYPE_CHECKING:
    from invoicing.tenants.model import Tenant

OF_ORDERS = {"order", "event", "correction"}
"""The origins of documents to which their order refers."""


class InvoiceSummary(InvoiceHead):
    """An invoice, credit note or cancellation without its lines, texts and party details."""

    @classmethod
    @cache
    def head(cls) -> frozenset[str]:
        """The fields that change after the issue, and those that lists show."""
        return frozenset(InvoiceSummary.model_fields)

    def shown(self, today: date) -> Self:
        """The invoice as of today: `overdue` is a fact about the due date, never a stored status."""
        late = self.due_date is not None and self.due_date < today
        overdue = late and self.status is Status.OPEN and self.type == "invoice"
        facts: dict[str, Any] = {"overdue": overdue, **shown_payable(self)}
        if self.type == "invoice" and self.status is not Status.DRAFT:
            facts |= {"dunning": self.dunning_so_far}
        return self.model_copy(update=facts)

    @property
    def dunning_so_far(self) -> Dunning:
        """Its dunning; most invoices store none."""
        return self.dunning or Dunning.none(self.currency)

    def visible_to(self, caller: Caller) -> bool:
        """Whether the caller may see this document."""
        return caller.may_see(
            created_by=self.created_by,
            owner_id=self.owner_id,
            customer_id=self.customer_id,
            draft=self.status is Status.DRAFT,
        )

    def sent(self, at: datetime) -> Self:
        """The invoice after it reached the customer."""
        return self.model_copy(update={"sent_at": self.sent_at or at, "updated_at": at, "updated_by": None})

    def with_collection(self, collection: InvoiceCollection, at: datetime) -> Self:
        """The invoice with another state of its direct debit, which the service records."""
        return self.model_copy(update={"collection": collection, "updated_at": at, "updated_by": None})

    def dunned(self, dunning: Dunning, moment: Moment) -> Self:
        """The invoice with another state of its dunning."""
        return self.model_copy(update={"dunning": dunning, **moment.updated})

    def following(self, customer: Customer, at: datetime) -> Self:
        """The document with a current copy of its customer's data: the owner, and on drafts the name and series."""
        copies: dict[str, Any] = {"owner_id": customer.owner_id}
        if self.status is Status.DRAFT:
            copies |= {"customer_name": customer.name, "series": series_of(self.type, customer.group)}
        if all(getattr(self, name) == value for name, value in copies.items()):
            return self
        return self.model_copy(update={**copies, "updated_at": at, "updated_by": None})

    def require_file(self, kind: str) -> StoredFile:
        """One of its files. Refuses files that are not rendered yet."""
        file = self.files.get(kind)
        if file is None or file.status != "available":
            raise FileNotReady
        return file

    def rendered(self, file: str, sha256: str, size: int, at: datetime) -> Self:
        """The invoice with one of its files in place."""
        stored = self.files[file].model_copy(update={"status": "available", "sha256": sha256, "size": size})
        return self.model_copy(update={"files": {**self.files, file: stored}, "updated_at": at, "updated_by": None})


class Invoice(InvoiceSummary, DraftContent):
    """An invoice, credit note or cancellation."""

    seller: Seller | None = None
    """Company that issued the document, as of the issue date; null for drafts."""
    form: Annotated[IssuedForm | None, Internal] = None
    """Document form that the document was issued with; null for drafts, and for the plain design."""
    pay_by: PaymentInstructions | None = None
    """Payment instructions that the issued files show; null for drafts."""
    lines: tuple[Line, ...] = ()
    """Lines of the document."""
    tax_breakdown: tuple[TaxAmount, ...] = ()
    """Tax by category and rate (EN 16931 BG-23)."""
    kpis: Annotated[Kpis | None, Internal] = None
    """Key figures of the document; null in responses to portal users."""
    deposits: tuple[Deposit, ...] = ()
    """Deposit invoices that this invoice deducts, with their net and tax per rate (§ 14 (5) UStG)."""
    attachments: tuple[Attachment, ...] = ()
    """Files of the document's notes that its XML and PDF contain (EN 16931 BG-24); set by a change of the draft."""
    warnings: Annotated[tuple[DocumentWarning, ...], Internal] = ()
    """Likely mistakes in the document, which do not prevent its issue."""
    credit_reason: str | None = None
    """Reason for the credit note; null for other documents."""
    einvoice_format: EinvoiceFormat = "none"
    """Format that the document was issued in."""
    paid_at_issue: Amount | None = None
    """Amount that was paid on an earlier invoice and moved to this one (EN 16931 BT-113); null if there is none."""
    credit_settlement: CreditSettlement | None = None
    """How a credited amount is settled; null for invoices."""

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """An invoice from its row, which may have been written by an earlier version."""
        return super().model_validate_json(_with_paid_at_issue(json_data), **options)

    @classmethod
    def draft(
        cls,
        id_: str,
        data: NewInvoice,
        *,
        customer: Customer | None,
        tenant: "Tenant",
        moment: Moment,
        origin: Origin = "api",
    ) -> "Invoice":
        """A new draft. Currency and language default to those of the customer, then of the tenant."""
        if data.customer is not None:
            require_sound(data.customer, at="/customer")
        require_payable_terms(data, "invoice")
        if origin == "api":
            require_details(copied(PaymentInstructions, data))
        return Invoice(
            **draft_fields(data, data.lines, customer=customer, tenant=tenant, at=moment.at),
            series=series_of("invoice", customer.group if customer else None),
            id=id_,
            origin=origin,
            **moment.created,
        )

    def changed(self, data: ChangedInvoice, *, customer: Customer | None, tenant: "Tenant", moment: Moment) -> Self:
        """The draft as it is after a change."""
        require(self, Action.UPDATE)
        if self.origin in OF_ORDERS and data.order_id != self.order_id:
            raise Invalid("The order_id of an invoice created from an order cannot be changed.", pointer="/order_id")
        if data.customer is not None:
            require_sound(data.customer, self.customer, at="/customer")
        require_details(copied(PaymentInstructions, data), self.payment_instructions)
        terms = document_terms(data, customer, tenant)
        lines = with_sources(data.lines, self.lines if terms.prices_as(self) else ())
        filled = draft_fields(data, lines, customer=customer, tenant=tenant, at=moment.at)
        require_payable_terms(data, self.type)
        filled |= {"series": series_of(self.type, customer.group if customer else None)}
        return self.model_copy(update={**filled, **moment.updated})

    @classmethod
    @cache
    def content(cls) -> frozenset[str]:
        """The fields that are written while it is a draft. Key figures and warnings are derived on reading."""
        return super().content() - {"kpis", "warnings"}

    @classmethod
    def aside(cls) -> frozenset[str]:
        """The fields that can change when the content cannot: the internal note and the payment details."""
        return frozenset({"internal_note", "mandate", "card", "payment_means_code", "payment_means_text"})

    @property
    def data(self) -> ChangedInvoice:
        """The fields of a draft that a client can change."""
        fields = values_of(self, DraftData.model_fields)
        lines = tuple(ChangedLine(**line.stated, id=line.id) for line in self.lines)
        return ChangedInvoice(**fields, attachments=tuple(one.source for one in self.attachments), lines=lines)

    def deducting(self, deposits: tuple[Deposit, ...], tenant: "Tenant") -> Self:
        """The draft with the deposits that it deducts; it asks for that much less."""
        after = self.model_copy(update={"deposits": deposits})
        split_tax = split_tax_of(self.tax_breakdown, self.currency)
        asked = payable_terms(self.total, after, tenant.cash_rounding, self.currency, split_tax=split_tax)
        return after.model_copy(update={**asked, "rounding": self.rounding})

    def noted(self, texts: Mapping[str, str | None], *, moment: Moment) -> Self:
        """The document with other texts. The internal note can change at any time, the rest only on a draft."""
        if texts.keys() - {"internal_note"}:
            require(self, Action.UPDATE)
        return self.model_copy(update={**texts, **moment.updated})

    def payable_by(self, instructions: PaymentInstructions, *, tenant: "Tenant", moment: Moment) -> Self:
        """The document with another payment method. Rendered files keep the first one."""
        require(self, Action.SET_PAYMENT_METHOD)
        tenant.require_bank_account(instructions.bank_account_id)
        require_means(instructions.payment_method, instructions.payment_means_code)
        collection = self.collection
        if self.status is not Status.DRAFT and (collection or instructions.mandate):
            named = instructions.mandate and instructions.mandate.reference
            collection = (collection or InvoiceCollection()).model_copy(update={"mandate_reference": named})
        return self.model_copy(update={**dict(instructions), "collection": collection, **moment.updated})

    @property
    def deducted(self) -> tuple[Deposit | PrepaidReference, ...]:
        """The deposits that it deducts, with their net and tax by rate; those of other systems come last."""
        return (*self.deposits, *(self.prepaid.deposits if self.prepaid else ()))

    @property
    def listed(self) -> Self:
        """The document with every allowance and charge listed with its amount, shorthands too, for display only."""
        return self.model_copy(update=entries_listed(self.lines, self, self.currency))

    @property
    def payment_instructions(self) -> PaymentInstructions:
        """The current payment details of the document."""
        return copied(PaymentInstructions, self)

    @property
    def as_issued(self) -> Self:
        """The document as its files show it, without payments and changes of payment details since its issue."""
        nothing = from_minor(0, self.currency)
        paid = self.paid_at_issue or nothing
        split_tax = split_tax_of(self.tax_breakdown, self.currency)
        asked = payable_terms(self.total, self, {}, self.currency, split_tax=split_tax)
        due = due_of(asked["payable"] - paid) if self.type == "invoice" else {}
        settled = {**dict.fromkeys(SETTLEMENT, nothing), **asked, "paid": paid, **due}
        return self.model_copy(update={**settled, **dict(self.pay_by or ())})

    def recipients(self, customer: Customer | None, purpose: MailPurpose = "invoices") -> tuple[str, ...]:
        """The addresses for mails of the document: the current ones of the customer for this purpose.

        They are not part of the frozen document. For a buyer who is not a stored customer, they are those of the
        document.
        """
        if customer is not None:
            return customer.mailed_to(purpose)
        return self.customer.emails if self.customer else ()

    def require_mailable(self, tenant: "Tenant", customer: Customer | None, pointer: str = "/send") -> None:
        """Refuse to mail a document without a sender or recipient. `pointer` is the field that asks for the mail."""
        tenant.require_sender(pointer)
        if not self.recipients(customer):
            raise NoRecipient(pointer=pointer)


_PREPAID_TEXT = re.compile(r'"prepaid":\s*"')


def _with_paid_at_issue(row: str | bytes | bytearray) -> str | bytes | bytearray:
    """The row of an invoice in its current form.

    `prepaid` used to be the amount that a correction took over as a payment.
    """
    text = row if isinstance(row, str) else row.decode()
    if not _PREPAID_TEXT.search(text):
        return row
    stored = json.loads(text)
    if isinstance(stored.get("prepaid"), str):
        stored |= {"paid_at_issue": stored["prepaid"], "prepaid": None}
    return json.dumps(stored)
