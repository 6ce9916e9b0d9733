"""One-off adjustments: an amount with a description. A negative amount creates a credit note for the customer."""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from invoicing.core.currency import to_minor
from invoicing.core.einvoice import DocumentNotes
from invoicing.core.identity import Moment
from invoicing.core.ids import CustomerId
from invoicing.core.model import Amount, CurrencyCode, Metadata, ShortText, Value
from invoicing.customers.model import Customer
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.invoices.drafts.references import DocumentReference
from invoicing.invoices.errors import TaxMissing
from invoicing.invoices.model import Invoice
from invoicing.numbering.model import series_of
from invoicing.pricing.line import NewLine, Period
from invoicing.pricing.payable import SELF_BILLED_CREDIT
from invoicing.pricing.tax import Tax

if TYPE_CHECKING:
    from invoicing.tenants.model import Tenant


def _not_zero(amount: Decimal) -> Decimal:
    if amount == 0:
        raise PydanticCustomError("amount", "The amount of an adjustment cannot be zero")
    return amount


class AdjustmentData(Value):
    """A one-off charge or credit, issued as a document with a single line."""

    customer_id: CustomerId
    amount: Annotated[Amount, AfterValidator(_not_zero), Field(examples=["-25.00"])]
    """Amount of the adjustment, net unless `price_tax_inclusive` is true. A negative amount creates a credit note; zero
    is refused."""
    description: Annotated[ShortText, Field(examples=["Kulanz"])]
    """Description of the adjustment, which becomes the name of the line."""
    metadata: Metadata = Field(default_factory=dict)
    currency: CurrencyCode | None = None
    """Currency of the amount; the customer's by default, else the tenant's."""
    tax: Annotated[Tax | None, Field(examples=[{"category": "S", "rate": "19"}])] = None
    """Tax of the adjustment; the tenant's default tax if it is omitted."""
    price_tax_inclusive: bool = False
    references: Annotated[tuple[DocumentReference, ...], Field(max_length=50)] = ()
    """Earlier documents that the adjustment refers to, at most 50."""
    service_period: Period | None = None
    """Period in which the service was delivered."""
    business_process: Annotated[ShortText | None, Field(examples=["M1"])] = None
    """Business process (EN 16931 BT-23), in place of the usual one of the format; France requires one."""
    type_code: Annotated[Literal["261", "389"] | None, Field(examples=["261"])] = None
    """Type of a self-billed document, on which the customer is the supplier (EN 16931 BT-3).

    `389` for an amount that the tenant owes it, and `261` for a negative amount, which is a credit note.
    """
    notes: DocumentNotes = ()
    """Notes on the document, at most 20 (EN 16931 BG-1), such as those that France requires."""
    finalize: bool = True
    """Whether to issue the document at once. `false` creates a draft."""

    @model_validator(mode="after")
    def _has_the_type_of_its_amount(self) -> Self:
        if self.type_code is not None and (self.type_code == SELF_BILLED_CREDIT) != (self.amount < 0):
            raise PydanticCustomError("type_code", "The type_code (BT-3) is 261 for a negative amount, else 389")
        return self

    @property
    def series(self) -> str:
        """The series it is numbered in."""
        return "invoice" if self.amount > 0 else "credit_note"


def adjustment(id_: str, data: AdjustmentData, *, customer: Customer, tenant: "Tenant", moment: Moment) -> Invoice:
    """The draft of an adjustment; amounts are positive in a credit note too."""
    tax = data.tax or tenant.default_tax
    if tax is None:
        raise TaxMissing(pointer="/tax")
    currency = data.currency or customer.currency or tenant.currency
    to_minor(data.amount, currency, pointer="/amount")
    new = NewInvoice(
        customer_id=data.customer_id,
        currency=currency,
        price_tax_inclusive=data.price_tax_inclusive,
        references=data.references,
        service_period=data.service_period,
        business_process=data.business_process,
        notes=data.notes,
        metadata=data.metadata,
        type_code=data.type_code if data.amount > 0 else None,
        lines=(NewLine(name=data.description, unit_price=abs(data.amount), tax=tax),),
    )
    draft = Invoice.draft(id_, new, customer=customer, tenant=tenant, moment=moment, origin="adjustment")
    if data.amount > 0:
        return draft
    return draft.model_copy(
        update={"type": "credit_note", "type_code": data.type_code, "series": series_of("credit_note", customer.group)}
    )
