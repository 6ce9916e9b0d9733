"""The fields of a draft that a client sends."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from invoicing.catalogue.price_line import ChangedOrPriceLine, NewOrPriceLine
from invoicing.core.einvoice import DocumentNotes, TaxPointCode
from invoicing.core.ids import CustomerId, FormId, OrderId
from invoicing.core.model import (
    Amount,
    CurrencyCode,
    Day,
    Internal,
    Language,
    LongText,
    Metadata,
    PrintedText,
    ShortText,
    UnitPrice,
    Value,
)
from invoicing.core.party import Address, Buyer, Delivery, Payee, PaymentTerms
from invoicing.customers.model import CustomAttributes
from invoicing.invoices.drafts.references import (
    MOST_DEPOSITS,
    MOST_REFERENCES,
    DepositReference,
    DocumentReference,
    Prepaid,
)
from invoicing.invoices.drafts.supporting import AttachmentReferences, SupportingDocuments
from invoicing.invoices.lifecycle import TypeCode
from invoicing.payments.model import Card, Mandate, MeansCode, Method
from invoicing.pricing.allowances import (
    Allowances,
    Discount,
    DocumentCharges,
    Shipping,
    require_no_repeated_shipping,
    require_no_repetition,
)
from invoicing.pricing.line import ChangedLine, NewLine, ObjectScheme, Period, require_object

MAX_LINES = 1_000


WebAddress = Annotated[str, Field(pattern=r"^https?://[^\s]+$", max_length=1_000, examples=["https://example.com/a"])]
"""Address of a web page, beginning with `http://` or `https://`, of up to 1,000 characters."""


class CustomObject(Value):
    """An object of another system that the document is linked to, such as a project or a deal."""

    type: Annotated[ShortText, Field(max_length=40, examples=["project"])]
    """Type of the object, 1 to 40 characters, chosen by the tenant."""
    id: Annotated[ShortText, Field(examples=["P-2026-17"])]
    """Identifier of the object in its system."""
    name: ShortText | None = None
    """Name of the object for the tenant's own users."""
    url: WebAddress | None = None
    """Page of the object in its system."""


Purpose = Literal["standard", "deposit"]
"""`deposit` for an invoice over money that is due before the supply (§ 14 (5) UStG), else `standard`."""
_EXAMPLE_LINES = [
    {
        "name": "Beratung",
        "quantity": "2.5",
        "unit": "HUR",
        "unit_price": "96.00",
        "tax": {"category": "S", "rate": "19"},
    },
]


_DEPOSIT_TYPES: Final = frozenset({None, "326", "386", "875"})
"""A deposit is a prepayment, or a partial invoice."""


def require_type_of_purpose(type_code: str | None, purpose: Purpose) -> None:
    """Refuse a type that does not fit the purpose of an invoice."""
    if purpose == "deposit" and type_code not in _DEPOSIT_TYPES:
        raise PydanticCustomError("type_code", "A deposit has the type_code 386, 326 or 875 (BT-3)")
    if purpose != "deposit" and type_code == "386":
        raise PydanticCustomError("type_code", "The type_code 386 (BT-3) requires the purpose deposit")


class DraftContent(Value):
    """The fields of a draft that lists do not show."""

    customer: Buyer | None = None
    """Customer who is not stored. Only one of `customer` and `customer_id` is allowed."""
    customer_address: Address | None = None
    """Postal address of the customer on this document, in place of the stored one."""
    ship_to: Delivery | None = None
    """Party and postal address that the goods were delivered to (EN 16931 BG-13, BG-15)."""
    payee: Payee | None = None
    """Party that is paid in place of the company, such as a factor (EN 16931 BG-10)."""
    price_tax_inclusive: bool = False
    delivery_date: Day | None = None
    """Date of the delivery, where it is stated beside or in place of `service_period` (EN 16931 BT-72)."""
    service_period: Period | None = None
    """Period in which the service was delivered (EN 16931 BG-14)."""
    contract_reference: ShortText | None = None
    """Reference of the contract (EN 16931 BT-12)."""
    buyer_reference: ShortText | None = None
    """Reference that the customer requires, such as a Leitweg-ID (EN 16931 BT-10)."""
    project_reference: ShortText | None = None
    """Project that the document belongs to (EN 16931 BT-11)."""
    tender_reference: ShortText | None = None
    """Call for tender, or its lot (EN 16931 BT-17)."""
    object_id: Annotated[ShortText | None, Field(examples=["4711-0815"])] = None
    """Object that is invoiced, such as a meter, a subscription or a vehicle (EN 16931 BT-18)."""
    object_scheme: ObjectScheme | None = None
    """Scheme of `object_id` (EN 16931 BT-18-1)."""
    sales_order_id: ShortText | None = None
    """Sales order of the seller (EN 16931 BT-14)."""
    despatch_reference: ShortText | None = None
    """Despatch advice or delivery note (EN 16931 BT-16)."""
    receiving_reference: ShortText | None = None
    """Receiving advice of the customer (EN 16931 BT-15)."""
    accounting_reference: ShortText | None = None
    """Account or cost center that the customer books the document on (EN 16931 BT-19)."""
    business_process: Annotated[ShortText | None, Field(examples=["B1"])] = None
    """Business process (EN 16931 BT-23), in place of the usual one of the format, or of the tenant's.

    Peppol has one process only.
    """
    tax_point_date: Day | None = None
    """Date on which the tax is due, where it differs from the issue date (EN 16931 BT-7)."""
    tax_point_code: TaxPointCode | None = None
    """Event that makes the tax due (EN 16931 BT-8); not together with `tax_point_date` (BR-CO-03)."""
    notes: DocumentNotes = ()
    """Notes on the document, at most 20 (EN 16931 BG-1). An issued document has the tenant's notes too.

    Peppol allows one note, so there they are joined.
    """
    payment_terms_text: PrintedText | None = None
    """Payment terms in words, beside those of `payment_terms` (EN 16931 BT-20).

    An invoice that has them needs no due date, if its `payment_terms` have no `days`.
    """
    payment_reference: ShortText | None = None
    """Reference that the customer is asked to name in the payment (EN 16931 BT-83); the number by default."""
    references: Annotated[tuple[DocumentReference, ...], Field(max_length=MOST_REFERENCES)] = ()
    """Earlier documents that this document refers to, at most 50 (EN 16931 BG-3)."""
    supporting_documents: SupportingDocuments = ()
    """Documents that support this one and are published elsewhere, at most 50 (EN 16931 BG-24)."""
    tax_currency: CurrencyCode | None = None
    """Currency of the tax total for the tax authorities, where it differs from `currency` (EN 16931 BT-6)."""
    exchange_rate: UnitPrice | None = None
    """Units of `tax_currency` for one unit of `currency`."""
    discount: Discount | None = None
    shipping: Shipping | None = None
    allowances: Allowances = ()
    """Allowances on the document (EN 16931 BG-20), at most 50. Responses list the `discount` here too."""
    charges: DocumentCharges = ()
    """Charges on the document (EN 16931 BG-21), at most 50. Responses list `shipping` here too."""
    prepaid: Prepaid | None = None
    """Money that was paid before the invoice, such as a deposit (EN 16931 BT-113). Allowed on invoices only."""
    title: ShortText | None = None
    """Title that the document has beside the name of its type, such as its subject; a note in its XML (BT-22)."""
    form_id: Annotated[FormId | None, Internal] = None
    """Identifier of the document form; the customer's by default, else the tenant's."""
    introduction: PrintedText | None = None
    """Text above the lines. If it is null, the document is issued with the standard text of its form."""
    note: PrintedText | None = None
    """Text below the lines (EN 16931 BT-22). If it is null, the standard text of the form is used."""
    closing: PrintedText | None = None
    """Text at the end of the document. If it is null, the standard text of the form is used."""
    internal_note: Annotated[LongText | None, Internal] = None
    """Note for the tenant's own users; the customer does not see it."""
    mandate: Mandate | None = None
    """SEPA direct debit mandate for the payment method `sepa_direct_debit`."""
    card: Card | None = None
    """Card for the payment method `card`."""
    payment_means_code: MeansCode | None = None
    """Code of the payment means (EN 16931 BT-81), one that fits `payment_method`; its usual code by default."""
    payment_means_text: ShortText | None = None
    """Payment means in words (EN 16931 BT-82)."""
    custom_attributes: Annotated[CustomAttributes, Internal] = ()
    custom_objects: Annotated[tuple[CustomObject, ...], Internal, Field(max_length=20)] = ()
    """Objects of other systems that the document is linked to, at most 20. They are not printed."""
    metadata: Annotated[Metadata, Internal] = Field(default_factory=dict)


class DraftData(DraftContent):
    """The fields of a draft that can be created and changed, without its lines."""

    customer_id: Annotated[CustomerId | None, Field(examples=["cus_01JD8X2V6PZ3QK7M5T9WRC4HBN"])] = None
    """Identifier of the stored customer. Only one of `customer` and `customer_id` is allowed."""
    external_id: ShortText | None = None
    purpose: Purpose = "standard"
    """Purpose of an invoice: `deposit` for money that is due before the supply (EN 16931 type code 386)."""
    type_code: TypeCode | None = None
    """Type of an invoice by UNTDID 1001 (EN 16931 BT-3); by default `380`, and `386` for deposits.

    `389` is self-billed: the customer is the supplier and the tenant the buyer. XRechnung and Peppol allow some only.
    A credit note has none of them; the one of a self-billed supply has `261`.
    """
    deposits: Annotated[tuple[DepositReference, ...], Field(max_length=MOST_DEPOSITS)] = ()
    """Deposit invoices that a final invoice deducts, at most 20 (§ 14 (5) UStG). Allowed on invoices only."""
    language: Language | None = None
    """Language of the document; the customer's by default, else the tenant's."""
    currency: Annotated[CurrencyCode | None, Field(examples=["EUR"])] = None
    """Currency of all amounts; the customer's by default, else the tenant's."""
    issue_date: Day | None = None
    """Issue date (EN 16931 BT-2). If it is omitted, the document is dated with the day on which it is finalized."""
    due_date: Day | None = None
    """Due date (EN 16931 BT-9), not before the issue date. It takes precedence over the payment terms."""
    payment_terms: PaymentTerms | None = None
    """Payment terms; the customer's by default, else the tenant's."""
    order_id: OrderId | None = None
    """Identifier of the order that the document invoices."""
    purchase_order_id: ShortText | None = None
    payment_method: Method | None = None
    """How the customer is asked to pay (EN 16931 BT-81)."""
    bank_account_id: ShortText | None = None
    """Identifier of the tenant's bank account that the customer is asked to pay to; any of them by default."""
    rounding: Amount | None = None
    """Rounding of the amount due (EN 16931 BT-114), negative to round down. Allowed on invoices only.

    Without it, the `cash_rounding` of the tenant applies; 0.00 leaves the amount unrounded.
    """

    @model_validator(mode="after")
    def _states_nothing_twice(self) -> Self:
        require_no_repetition(self.discount, self.allowances)
        require_no_repeated_shipping(self.shipping, self.charges)
        require_type_of_purpose(self.type_code, self.purpose)
        require_object(self.object_id, self.object_scheme)
        if self.tax_point_date is not None and self.tax_point_code is not None:
            raise PydanticCustomError(
                "tax_point", "Only one of tax_point_date and tax_point_code is allowed (BT-7, BT-8, BR-CO-03)"
            )
        return self


class RequestedInvoice(DraftData):
    """A draft to create. The totals are computed from its lines."""

    lines: Annotated[tuple[NewOrPriceLine, ...], Field(max_length=MAX_LINES, examples=[_EXAMPLE_LINES])] = ()
    """Lines of the document, at most 1,000. A line can name a price of the catalogue in place of a price of its own."""


class NewInvoice(RequestedInvoice):
    """A draft to create, with all lines filled in."""

    lines: Annotated[tuple[NewLine, ...], Field(max_length=MAX_LINES)] = ()


class RequestedChange(DraftData):
    """The fields of a draft after a change."""

    attachments: AttachmentReferences = ()
    """Files of the document's notes that its XML and PDF contain, at most 20 with 10 MB together (EN 16931 BG-24).

    They are checked again when the document is issued, and from then on their notes cannot be deleted. Duplicates and
    corrections have none, because notes belong to one document.
    """

    lines: Annotated[tuple[ChangedOrPriceLine, ...], Field(max_length=MAX_LINES, examples=[_EXAMPLE_LINES])] = ()
    """Lines of the document, at most 1,000. A line with an `id` replaces the line with this id; one without is added.

    A line can name a price of the catalogue in place of a price of its own.
    """


class ChangedInvoice(RequestedChange):
    """The fields of a draft after a change, with all lines filled in."""

    lines: Annotated[tuple[ChangedLine, ...], Field(max_length=MAX_LINES)] = ()
