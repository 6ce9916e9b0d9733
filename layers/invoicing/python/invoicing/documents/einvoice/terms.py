"""A document in the business terms of EN 16931 (BT, groups BG), which both CII and UBL express."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from invoicing.core.einvoice import TaxPointCode
from invoicing.core.party import (
    Address,
    BankAccount,
    Delivery,
    ElectronicAddress,
    PartyId,
    Payee,
    TaxRepresentative,
)
from invoicing.invoices.drafts.references import DocumentReference
from invoicing.invoices.drafts.supporting import SupportingDocument
from invoicing.payments.model import Card, Mandate
from invoicing.pricing.line import ItemClassification, Period
from invoicing.pricing.tax import TaxAmount


class EmbeddedFile(NamedTuple):
    """A supporting document inside the XML (BG-24): its file name (BT-125-2) and description (BT-123).

    File names are unique; content types are those in `core.einvoice.ATTACHABLE`.
    """

    name: str
    content_type: str
    content: bytes
    description: str | None = None
    reference: str | None = None  # BT-122; by default the file name
    url: str | None = None  # BT-124

    @property
    def id(self) -> str:
        """The reference of the supporting document (BT-122)."""
        return self.reference or self.name


class Party(NamedTuple):
    """The seller (BG-4) or the buyer (BG-7), with its contact (BG-6, BG-9)."""

    name: str  # BT-27, BT-44
    address: Address | None  # BG-5, BG-8
    identifiers: tuple[PartyId, ...] = ()  # BT-29, BT-46
    legal_id: str | None = None  # BT-30, BT-47
    legal_id_scheme: str | None = None  # BT-30-1, BT-47-1
    trading_name: str | None = None  # BT-28, BT-45
    legal_information: str | None = None  # BT-33
    vat_id: str | None = None  # BT-31, BT-48
    tax_number: str | None = None  # BT-32
    endpoint: ElectronicAddress | None = None  # BT-34, BT-49
    contact: str | None = None  # BT-41, BT-56
    phone: str | None = None  # BT-42, BT-57
    email: str | None = None  # BT-43, BT-58


class Rated(NamedTuple):
    """A VAT category with its rate: BT-151/152 of a line, BT-95/96 of an allowance, BT-102/103 of a charge."""

    category: str
    rate: Decimal | None


class Adjustment(NamedTuple):
    """An allowance (BG-20, on a line BG-27) or charge (BG-21, BG-28)."""

    charge: bool
    amount: Decimal  # BT-92, BT-99, BT-136, BT-141
    base: Decimal | None  # BT-93, BT-100, BT-137, BT-142
    percent: Decimal | None  # BT-94, BT-101, BT-138, BT-143
    reason: str | None  # BT-97, BT-104, BT-139, BT-144
    code: str | None  # BT-98, BT-105, BT-140, BT-145
    tax: Rated | None = None  # of the document's only


class InvoiceLine(NamedTuple):
    """One line (BG-25)."""

    id: str  # BT-126
    name: str  # BT-153
    description: str | None  # BT-154
    item_id: str | None  # BT-155
    attributes: tuple[tuple[str, str], ...]  # BG-32: BT-160, BT-161
    quantity: Decimal  # BT-129
    unit: str  # BT-130, BT-150
    net: Decimal  # BT-131
    price: Decimal  # BT-146
    base_quantity: Decimal | None  # BT-149
    gross_price: Decimal | None  # BT-148
    price_discount: Decimal | None  # BT-147
    adjustments: tuple[Adjustment, ...]  # BG-27, BG-28
    tax: Rated  # BG-30
    period: Period | None  # BG-26
    note: str | None = None  # BT-127
    invoiced_object: "Identified | None" = None  # BT-128
    order_line: str | None = None  # BT-132
    accounting_reference: str | None = None  # BT-133
    buyer_item_id: str | None = None  # BT-156
    standard_item: "Identified | None" = None  # BT-157
    classifications: tuple[ItemClassification, ...] = ()  # BT-158
    origin: str | None = None  # BT-159


class Identified(NamedTuple):
    """An identifier with its scheme (BT-18, BT-128, BT-157)."""

    id: str
    scheme: str | None


class PaymentMeans(NamedTuple):
    """A way to pay it (BG-16)."""

    code: str  # BT-81
    text: str | None = None  # BT-82
    account: BankAccount | None = None  # BG-17: BT-84, BT-86
    account_holder: str | None = None  # BT-85
    card: Card | None = None  # BG-18: BT-87, BT-88
    mandate: Mandate | None = None  # BG-19: BT-89, BT-91


class DocumentTotals(NamedTuple):
    """The totals (BG-22)."""

    lines: Decimal  # BT-106
    allowances: Decimal | None  # BT-107
    charges: Decimal | None  # BT-108
    without_tax: Decimal  # BT-109
    tax: Decimal  # BT-110
    tax_in_tax_currency: Decimal | None  # BT-111
    with_tax: Decimal  # BT-112
    paid: Decimal  # BT-113
    rounding: Decimal  # BT-114
    due: Decimal  # BT-115


class BusinessTerms(NamedTuple):
    """A whole document."""

    specification: str  # BT-24
    process: str | None  # BT-23
    number: str  # BT-1
    issue_date: date  # BT-2
    type_code: str  # BT-3
    currency: str  # BT-5
    tax_currency: str | None  # BT-6
    due_date: date | None  # BT-9
    buyer_reference: str | None  # BT-10
    contract: str | None  # BT-12
    order: str | None  # BT-13
    payment_terms: str | None  # BT-20
    notes: tuple[tuple[str | None, str], ...]  # BG-1: BT-21, BT-22
    preceding: tuple[DocumentReference, ...]  # BG-3: BT-25, BT-26
    seller: Party  # BG-4
    buyer: Party  # BG-7
    delivered_on: date | None  # BT-72
    period: Period | None  # BG-14
    deliver_to: Delivery | None  # BG-15: BT-70, BT-71
    payee: Payee | None  # BG-10
    tax_representative: TaxRepresentative | None  # BG-11
    creditor_id: str | None  # BT-90
    remittance: str  # BT-83
    means: tuple[PaymentMeans, ...]  # BG-16
    adjustments: tuple[Adjustment, ...]  # BG-20, BG-21
    totals: DocumentTotals  # BG-22
    taxes: tuple[TaxAmount, ...]  # BG-23
    attachments: tuple[EmbeddedFile, ...]  # BG-24
    supporting: tuple[SupportingDocument, ...]  # BG-24: BT-122, BT-123, BT-124
    lines: tuple[InvoiceLine, ...]  # BG-25
    project: str | None = None  # BT-11
    sales_order: str | None = None  # BT-14
    receiving_advice: str | None = None  # BT-15
    despatch_advice: str | None = None  # BT-16
    tender: str | None = None  # BT-17
    invoiced_object: Identified | None = None  # BT-18
    accounting_reference: str | None = None  # BT-19
    tax_point_date: date | None = None  # BT-7
    tax_point_code: TaxPointCode | None = None  # BT-8
