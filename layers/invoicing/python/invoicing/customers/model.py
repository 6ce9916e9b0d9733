"""Customers: the companies and persons that documents are issued to."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field

from invoicing.core.einvoice import EinvoiceFormat
from invoicing.core.email_address import Email
from invoicing.core.identifiers import delivery_mistakes, require_identifiers, require_sound
from invoicing.core.identity import ERASED, Moment, Reference
from invoicing.core.ids import FormId, UserId
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
    copied,
    values_of,
)
from invoicing.core.party import Buyer, Delivery, PaymentTerms
from invoicing.customers.errors import CustomerIsErased, CustomerNotFound
from invoicing.customers.vat_check import VatCheck, vies_id
from invoicing.numbering.model import CustomerGroup


class CustomAttribute(Value):
    """A named value on an object, for the tenant's own purposes."""

    name: Annotated[ShortText, Field(max_length=40)]
    """Name of the attribute, 1 to 40 characters."""
    value: Annotated[str, Field(max_length=500)]
    """Value of the attribute, up to 500 characters."""


MailPurpose = Literal["invoices", "dunning", "statements"]
"""The purpose of a mail: `invoices` includes credit notes and cancellations, `dunning` is about late payment."""
_Addresses = Annotated[tuple[Email, ...], Field(max_length=5, examples=[["accounting@example.com"]])]


class Recipients(Value):
    """The recipients of mails by purpose. The customer's `emails` receive the mails of a purpose without recipients."""

    invoices: _Addresses = ()
    """Recipients of invoices, credit notes and cancellations, at most 5."""
    dunning: _Addresses = ()
    """Recipients of reminders and dunning letters, at most 5."""
    statements: _Addresses = ()
    """Recipients of statements of account, at most 5."""


_NOT_PERSONAL = ("type", "language", "currency", "payment_terms", "einvoice_format", "owner_id", "dunning_disabled")

CustomAttributes = Annotated[tuple[CustomAttribute, ...], Field(max_length=50)]
"""Up to 50 named values."""


class CustomerData(Buyer):
    """The fields of a customer that can be created and changed."""

    external_id: ShortText | None = None
    shipping_address: Delivery | None = None
    """Postal address that goods are delivered to, where it differs from `address`."""
    language: Language | None = None
    """Language of the customer's documents and mails; the tenant's by default."""
    currency: CurrencyCode | None = None
    """Currency of the customer's new documents; the tenant's by default."""
    recipients: Recipients | None = None
    """Recipients of mails by purpose; `emails` where a purpose has none."""
    payment_terms: PaymentTerms | None = None
    """Payment terms of the customer's invoices; the tenant's by default."""
    buyer_reference: ShortText | None = None
    """Reference that the customer requires on invoices (EN 16931 BT-10)."""
    group: CustomerGroup | None = None
    """Customer group. Documents of its customers are numbered in the group's own series, where the tenant has one."""
    einvoice_format: EinvoiceFormat | None = None
    """Format of the customer's e-invoices; the tenant's by default."""
    form_id: FormId | None = None
    """Identifier of the document form of the customer's documents; the tenant's by default."""
    owner_id: Annotated[UserId | None, Internal] = None
    """Identifier of the user who is responsible for the customer. A `member` sees the documents of owned customers."""
    dunning_disabled: bool = False
    """Whether the customer's invoices are excluded from dunning."""
    archived_at: Instant | None = None
    """When the customer was archived; null for active customers."""
    note: LongText | None = None
    """Note about the customer for the tenant's own users."""
    custom_attributes: Annotated[CustomAttributes, Internal] = ()
    metadata: Annotated[Metadata, Internal] = Field(default_factory=dict)


class Customer(CustomerData, Aggregate):
    """A customer of the tenant."""

    object: Literal["customer"] = "customer"
    created_by: Annotated[Reference | None, Internal]
    updated_by: Annotated[Reference | None, Internal]
    erased_at: Instant | None = None
    """When the customer's personal data was erased; null otherwise."""
    vat_check: Annotated[VatCheck | None, Internal] = None
    """Check of `tax_id` in VIES; null where the stage checks none, or VIES does not know such ids."""

    @classmethod
    def new(cls, id_: str, data: CustomerData, moment: Moment) -> Self:
        """A new customer."""
        require_sound(data)
        require_identifiers(delivery_mistakes("/shipping_address", data.shipping_address))
        return cls(
            **dict(data),
            id=id_,
            **moment.created,
        )

    def changed(self, data: CustomerData, moment: Moment) -> Self:
        """The customer with other data. Issued documents do not change."""
        self.require_present()
        require_sound(data, self)
        require_identifiers(delivery_mistakes("/shipping_address", data.shipping_address))
        changed = self.model_copy(update={**dict(data), **moment.updated})
        return changed if self.vat_check is None else changed.with_vat_check(changed._check_of_its_id)

    def with_vat_check(self, check: VatCheck | None) -> Self:
        """The customer with another check of its VAT id, or none."""
        return self.model_copy(update={"vat_check": check})

    def unchecked_vat_id(self, at: datetime) -> str | None:
        """The VAT id that is to be checked now, as VIES knows it; None if there is none."""
        check = self._check_of_its_id
        if check is not None and (check.retry_at is None or check.retry_at > at):
            return None
        return vies_id(self.tax_id)

    def awaits(self, check: VatCheck) -> bool:
        """Whether a check is about its present VAT id, which has no result yet."""
        known = self._check_of_its_id
        return vies_id(self.tax_id) == check.vat_id and (known is None or known.is_pending)

    @property
    def _check_of_its_id(self) -> VatCheck | None:
        """The check of its present VAT id. Code from before checks leaves that of an earlier one."""
        check = self.vat_check
        return check if check is not None and check.vat_id == vies_id(self.tax_id) else None

    def erased(self, moment: Moment) -> Self:
        """The customer without personal data."""
        self.require_present()
        kept = values_of(self, _NOT_PERSONAL)
        nobody = CustomerData(name=ERASED, **kept)
        left = {**dict(nobody), "archived_at": self.archived_at or moment.at, "erased_at": moment.at}
        left["vat_check"] = None
        return self.model_copy(update={**left, **moment.updated})

    @property
    def forgets(self) -> bool:
        """Whether the personal data was erased."""
        return self.erased_at is not None

    def mailed_to(self, purpose: MailPurpose) -> tuple[str, ...]:
        """The recipients of a mail."""
        own: tuple[str, ...] = getattr(self.recipients, purpose, ())
        return own or self.emails

    @property
    def addresses(self) -> frozenset[str]:
        """All its e-mail addresses."""
        own = (address for some in dict(self.recipients or ()).values() for address in some)
        return frozenset((*self.emails, *own))

    @property
    def about_customer(self) -> str:
        """The customer itself."""
        return self.id

    def require_present(self) -> None:
        """Refuse a change of a customer whose personal data was erased."""
        if self.erased_at is not None:
            raise CustomerIsErased

    def require_known(self) -> None:
        """Refuse a new document for a customer whose personal data was erased."""
        if self.erased_at is not None:
            raise CustomerNotFound("The customer's personal data was erased.", pointer="/customer_id")

    @property
    def data(self) -> CustomerData:
        """The fields that can be changed."""
        return copied(CustomerData, self)

    @property
    def buyer(self) -> Buyer:
        """The copy of the customer on issued documents."""
        return copied(Buyer, self)
