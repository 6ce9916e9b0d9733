"""Who is invoiced."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field

from invoicing.core.identifiers import require_sound
from invoicing.core.identity import ERASED, Caller, Reference
from invoicing.core.ids import UserId
from invoicing.core.model import (
    Aggregate,
    CurrencyCode,
    Instant,
    Internal,
    Language,
    LongText,
    Metadata,
    ShortText,
    Value,
)
from invoicing.core.party import Address, Buyer, EinvoiceFormat, PaymentTerms
from invoicing.customers.errors import CustomerErased, CustomerNotFound
from invoicing.numbering.model import CustomerGroup


class CustomAttribute(Value):
    """A named value that is shown, unlike metadata."""

    name: Annotated[ShortText, Field(max_length=40)]
    value: Annotated[str, Field(max_length=500)]


_NOT_PERSONAL = ("type", "language", "currency", "payment_terms", "einvoice_format", "owner_id", "dunning_disabled")

CustomAttributes = Annotated[tuple[CustomAttribute, ...], Field(max_length=50)]


class CustomerData(Buyer):
    """What is known and can be changed about a customer."""

    external_id: ShortText | None = None
    shipping_address: Address | None = None
    language: Language | None = None
    currency: CurrencyCode | None = None
    payment_terms: PaymentTerms | None = None
    buyer_reference: ShortText | None = None
    group: CustomerGroup | None = None
    einvoice_format: EinvoiceFormat | None = None
    owner_id: Annotated[UserId | None, Internal] = None
    dunning_disabled: bool = False
    archived_at: Instant | None = None
    note: LongText | None = None
    custom_attributes: Annotated[CustomAttributes, Internal] = ()
    metadata: Annotated[Metadata, Internal] = Field(default_factory=dict)


class Customer(CustomerData, Aggregate):
    """A customer of the tenant."""

    object: Literal["customer"] = "customer"
    created_by: Annotated[Reference | None, Internal]
    updated_by: Annotated[Reference | None, Internal]
    erased_at: Instant | None = None

    @classmethod
    def new(cls, id_: str, data: CustomerData, by: Caller, at: datetime) -> Self:
        """A customer as just entered."""
        require_sound(data)
        return cls(**dict(data), id=id_, created_at=at, updated_at=at, created_by=by.reference, updated_by=by.reference)

    def changed(self, data: CustomerData, by: Caller, at: datetime) -> Self:
        """The customer with other data. Issued documents keep what they say."""
        self.require_present()
        require_sound(data, self)
        return self.model_copy(update={**dict(data), "updated_at": at, "updated_by": by.reference})

    def erased(self, by: Caller, at: datetime) -> Self:
        """The customer without anything personal: what is left is what says nothing about who it was."""
        self.require_present()
        kept = {name: getattr(self, name) for name in _NOT_PERSONAL}
        nobody = CustomerData(name=ERASED, **kept)
        left = {**dict(nobody), "archived_at": self.archived_at or at, "erased_at": at}
        return self.model_copy(update={**left, "updated_at": at, "updated_by": by.reference})

    @property
    def forgets(self) -> bool:
        """Whether the personal data was erased."""
        return self.erased_at is not None

    @property
    def about_customer(self) -> str:
        """The customer itself."""
        return self.id

    def require_present(self) -> None:
        """Refuse to go on with a customer whose personal data was erased."""
        if self.erased_at is not None:
            raise CustomerErased

    def require_known(self) -> None:
        """Refuse to name on a document who is not known any more."""
        if self.erased_at is not None:
            raise CustomerNotFound("The customer's personal data was erased.", pointer="/customer_id")

    @property
    def data(self) -> CustomerData:
        """What can be changed."""
        return CustomerData(**{name: getattr(self, name) for name in CustomerData.model_fields})

    @property
    def buyer(self) -> Buyer:
        """The customer as documents freeze it."""
        return Buyer(**{name: getattr(self, name) for name in Buyer.model_fields})
