"""Sellers and buyers as documents name them."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from invoicing.core.email_address import Email
from invoicing.core.model import (
    ENTERED,
    CountryCode,
    Internal,
    Language,
    Percent,
    PrintedText,
    ShortText,
    UnitCode,
    Value,
    copied,
    days_after,
)
from invoicing.core.stored_file import Logo

MOST_DISCOUNT = Decimal(100)
"""The highest cash discount in percent; terms that were stored before this bound may have more."""


def _compact(value: Any) -> Any:
    """The form in which banks exchange an identifier: without spaces, in capitals."""
    return "".join(value.split()).upper() if isinstance(value, str) else value


def is_iban(text: str) -> bool:
    """Whether an IBAN has the length and structure of its country, and right check digits (ISO 13616).

    It is not checked whether the bank exists, because the registers in libraries lack new banks.
    """
    # Loaded here, as only requests are checked.
    from stdnum import iban

    return bool(iban.is_valid(text, check_country=False))


def _require_iban(text: str, info: ValidationInfo) -> str:
    if info.context is ENTERED and not is_iban(text):
        raise PydanticCustomError("iban", "Input should be an IBAN with correct check digits (BT-84, BT-91)")
    return text


def _written(example: str) -> WithJsonSchema:
    """The form that clients may send: with spaces and small letters."""
    return WithJsonSchema({"type": "string", "maxLength": 50, "examples": [example]}, mode="validation")


Iban = Annotated[
    str,
    BeforeValidator(_compact),
    Field(pattern=r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$", examples=["DE02120300000000202051"]),
    AfterValidator(_require_iban),
    _written("DE02 1203 0000 0000 2020 51"),
]
"""IBAN with valid check digits (ISO 13616). Spaces are removed."""
Bic = Annotated[
    str,
    BeforeValidator(_compact),
    Field(pattern=r"^[A-Z0-9]{8}([A-Z0-9]{3})?$", examples=["BYLADEM1001"]),
    _written("BYLADEM1001"),
]
"""BIC of 8 or 11 characters (ISO 9362). Spaces are removed."""
CreditorId = Annotated[
    str,
    BeforeValidator(_compact),
    Field(pattern=r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{4,31}$", examples=["DE98ZZZ09999999999"]),
    _written("DE98ZZZ09999999999"),
]
"""Up to 35 characters with valid check digits. Spaces are removed."""


class AddressLines(Value):
    """The lines of a postal address, without its country."""

    line1: Annotated[ShortText | None, Field(examples=["Am Deich 12"])] = None
    """Street and number, or post office box."""
    line2: ShortText | None = None
    """Additional address line, such as a building or floor."""
    line3: ShortText | None = None
    """Another address line (EN 16931 BT-162, BT-163, BT-164, BT-165)."""
    postal_code: Annotated[ShortText | None, Field(examples=["28199"])] = None
    """Postal code, as it is written in the country."""
    city: Annotated[ShortText | None, Field(examples=["Bremen"])] = None
    """Name of the town or city."""
    region: ShortText | None = None
    """State, province or region, where addresses of the country have one."""


class Address(AddressLines):
    """A postal address (EN 16931 BG-5, BG-8, BG-15)."""

    country: CountryCode
    """Country of the address."""


IdScheme = Annotated[str, Field(pattern=r"^[0-9]{4}$", examples=["0088"])]
"""Four-digit code of the ICD code list (ISO 6523), such as `0088` for GLN or `0060` for DUNS numbers."""


class PartyId(Value):
    """An identifier of a party, given by itself, its business partner or a register (EN 16931 BT-29, BT-46)."""

    id: ShortText
    """Identifier of the party."""
    scheme: IdScheme | None = None
    """Scheme of the identifier (ISO 6523); null for one that only the business partners know."""


def _require_country(country: str | None, info: ValidationInfo) -> str | None:
    """Refuse lines of an address without its country (EN 16931 BR-57)."""
    if country is None and any(info.data.get(name) for name in AddressLines.model_fields):
        raise PydanticCustomError("country", "An address requires its country (EN 16931 BT-80, BR-57)")
    return country


class Delivery(AddressLines):
    """The party and place that goods were delivered to (EN 16931 BG-13): at least one of address, party and place."""

    country: Annotated[CountryCode | None, AfterValidator(_require_country), Field(validate_default=True)] = None
    """Country of the address, which a delivery with any line of an address requires."""
    name: ShortText | None = None
    """Name of the party that received the goods (EN 16931 BT-70)."""
    location_id: ShortText | None = None
    """Identifier of the place of delivery (EN 16931 BT-71)."""
    location_id_scheme: IdScheme | None = None
    """Scheme of `location_id` (ISO 6523), such as `0088` for GLN."""

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.country is None and self.name is None and self.location_id is None:
            raise PydanticCustomError("delivery", "An address, a name or a location_id is required (BG-13)")
        return self

    @property
    def address(self) -> Address | None:
        """The address (EN 16931 BG-15); None where only the party or the place is named."""
        return None if self.country is None else copied(Address, self)


class Payee(Value):
    """The party that is paid in place of the seller, such as a factor (EN 16931 BG-10)."""

    name: ShortText
    """Name of the payee (EN 16931 BT-59)."""
    id: ShortText | None = None
    """Identifier of the payee (EN 16931 BT-60)."""
    id_scheme: IdScheme | None = None
    """Scheme of `id` (ISO 6523)."""
    legal_id: ShortText | None = None
    """Registration number of the payee (EN 16931 BT-61)."""
    legal_id_scheme: IdScheme | None = None
    """Scheme of `legal_id` (ISO 6523)."""


class TaxRepresentative(Value):
    """The representative of a seller for VAT (EN 16931 BG-11; article 204 of Directive 2006/112/EC)."""

    name: ShortText
    """Name of the representative (EN 16931 BT-62)."""
    vat_id: ShortText
    """VAT identification number of the representative (EN 16931 BT-63). Check digits of the Union are verified."""
    address: Address
    """Postal address of the representative (EN 16931 BG-12)."""


class ElectronicAddress(Value):
    """The address at which a party receives e-invoices (EN 16931 BT-34, BT-49)."""

    scheme: Annotated[str, Field(pattern=r"^[0-9A-Z]{2,4}$", examples=["9930"])]
    """Scheme of the identifier: a code of the EAS code list, such as `9930` for VAT ids in Germany or `EM` for e-mail.
    """
    id: ShortText
    """Identifier of the party in that scheme."""


class Contact(Value):
    """A contact person or department (EN 16931 BG-6, BG-9)."""

    name: ShortText | None = None
    """Name of the person or department."""
    phone: ShortText | None = None
    """Telephone number, preferably in international format."""
    email: Email | None = None
    """E-mail address of the contact."""


class BankAccount(Value):
    """A bank account that customers pay to (EN 16931 BG-17)."""

    id: ShortText
    """Identifier of the account, chosen by the tenant and unique among its accounts. `bank_account_id` refers to it."""
    name: Annotated[ShortText | None, Internal] = None
    """Label of the account for the tenant's own users; customers do not see it."""
    account_holder: Annotated[ShortText | None, Field(examples=["Kontor Nord GmbH"])] = None
    """Holder of the account, whom transfers name as the payee (EN 16931 BT-85); the tenant's name by default."""
    iban: Iban | None = None
    """IBAN of the account (EN 16931 BT-84). An account has an IBAN or an `account_number`."""
    bic: Bic | None = None
    """BIC of the bank (EN 16931 BT-86)."""
    account_number: Annotated[ShortText | None, Field(max_length=35, examples=["10020030"])] = None
    """Number of an account that has no IBAN (EN 16931 BT-84), up to 35 characters."""
    bank_code: Annotated[ShortText | None, Field(max_length=35, examples=["SE:BANKGIRO"])] = None
    """National code of the bank for an `account_number` (EN 16931 BT-86), up to 35 characters.

    Examples are a Danish registration number, a routing number, or `SE:BANKGIRO`.
    """

    @property
    def number(self) -> str:
        """The account as transfers name it (EN 16931 BT-84)."""
        return self.iban or self.account_number or ""

    @property
    def bank(self) -> str | None:
        """The bank as transfers name it (EN 16931 BT-86)."""
        return self.bic if self.iban else self.bank_code


def _require_discount(percent: Decimal | None, info: ValidationInfo) -> Decimal | None:
    if info.context is ENTERED and percent is not None and not 0 < percent <= MOST_DISCOUNT:
        raise PydanticCustomError("discount_percent", "Input should be more than 0 and at most 100 percent")
    return percent


def _require_days(discount_days: int | None, info: ValidationInfo) -> int | None:
    """Refuse a discount without days, days without a discount, and more discount days than days to pay."""
    if info.context is not ENTERED or "discount_percent" not in info.data:
        return discount_days
    if (discount_days is None) != (info.data["discount_percent"] is None):
        raise PydanticCustomError("discount_days", "Payment terms have discount_percent and discount_days, or neither")
    days = info.data.get("days")
    if discount_days is not None and days is not None and discount_days > days:
        raise PydanticCustomError("discount_days", "Input should be at most the days to pay")
    return discount_days


def _require_second_step(second_days: int | None, info: ValidationInfo) -> int | None:
    """Refuse a second cash discount that is incomplete, not later and lower than the first, or after the due date."""
    if info.context is not ENTERED or "second_discount_percent" not in info.data:
        return second_days
    percent, first = info.data["second_discount_percent"], info.data.get("discount_percent")
    if (second_days is None) != (percent is None):
        message = "A second cash discount has second_discount_percent and second_discount_days"
        raise PydanticCustomError("second_discount_days", message)
    if second_days is None or "discount_days" not in info.data:
        return second_days
    if first is None or percent >= first or second_days <= info.data["discount_days"]:
        message = "A second cash discount is later and lower than the first one"
        raise PydanticCustomError("second_discount_days", message)
    days = info.data.get("days")
    if days is not None and second_days > days:
        raise PydanticCustomError("second_discount_days", "Input should be at most the days to pay")
    return second_days


class PaymentTerms(Value):
    """Payment terms: the number of days to pay, and up to two cash discounts. Days count from the issue date."""

    days: Annotated[int, Field(ge=0, le=365)] | None = None
    """Number of days from the issue date to the due date, from 0 to 365. Null sets no due date."""
    discount_percent: Annotated[Percent | None, AfterValidator(_require_discount)] = None
    """Cash discount for early payment in percent of the total, above 0 and at most 100. Requires `discount_days`."""
    discount_days: Annotated[
        Annotated[int, Field(ge=1, le=365)] | None,
        AfterValidator(_require_days),
        Field(validate_default=True),
    ] = None
    """Number of days from the issue date in which the cash discount applies, from 1 to 365 and at most `days`."""

    second_discount_percent: Annotated[Percent | None, AfterValidator(_require_discount)] = None
    """Lower cash discount for a payment after `discount_days`, in percent. Requires `second_discount_days`."""
    second_discount_days: Annotated[
        Annotated[int, Field(ge=1, le=365)] | None,
        AfterValidator(_require_second_step),
        Field(validate_default=True),
    ] = None
    """Number of days from the issue date in which the second cash discount applies: after `discount_days`."""

    @property
    def discounts(self) -> tuple[tuple[Decimal, int], ...]:
        """The cash discounts in percent, each with its days; the earlier and higher one first."""
        steps = (
            (self.discount_percent, self.discount_days),
            (self.second_discount_percent, self.second_discount_days),
        )
        return tuple((percent, days) for percent, days in steps if percent is not None and days is not None)

    def due_on(self, issued: date) -> date | None:
        """The due date of a document issued on a day; None if the terms set no number of days."""
        return None if self.days is None else days_after(issued, self.days)


class Supplier(Value):
    """Data of a customer as the seller of self-billed invoices (EN 16931 BG-4), which its data as a buyer lacks."""

    tax_number: ShortText | None = None
    """National tax number of the supplier."""
    party_ids: Annotated[tuple[PartyId, ...], Field(max_length=9)] = ()
    """Identifiers of the supplier beside its `party_id`, at most 9."""
    legal_information: Annotated[PrintedText | None, Field(max_length=500)] = None
    """Legal information about the supplier, such as its capital or managing directors, up to 500 characters."""
    tax_representative: TaxRepresentative | None = None
    """Representative of the supplier for VAT (EN 16931 BG-11)."""
    bank_accounts: Annotated[tuple[BankAccount, ...], Field(max_length=10)] = ()
    """Bank accounts that the tenant pays to, at most 10 (EN 16931 BG-17)."""


class Buyer(Value):
    """The customer as a document shows it (EN 16931 BG-7)."""

    type: Literal["company", "person"] = "company"
    """Type of customer: `company` for businesses and authorities, `person` for consumers. It decides on late payment
    fees."""
    name: Annotated[ShortText, Field(examples=["Werft & Söhne AG"])]
    """Full legal name (EN 16931 BT-44)."""
    first_name: ShortText | None = None
    """First name of the person or contact."""
    last_name: ShortText | None = None
    """Last name of the person or contact."""
    emails: Annotated[tuple[Email, ...], Field(max_length=10, examples=[["buyer@example.com"]])] = ()
    """Addresses that documents are mailed to, at most 10."""
    phone: ShortText | None = None
    """Telephone number of the customer."""
    address: Address | None = None
    """Postal address of the customer."""
    tax_id: ShortText | None = None
    """VAT identification number (EN 16931 BT-48), such as `DE123456788`. Check digits of the Union are verified."""
    legal_id: ShortText | None = None
    """Registration number, such as an entry in the commercial register (EN 16931 BT-47)."""
    legal_id_scheme: IdScheme | None = None
    """Scheme of `legal_id` (ISO 6523), such as `0184` for Danish CVR numbers. Peppol requires it in some countries."""
    trading_name: ShortText | None = None
    """Name that the customer is known by, where it differs from `name` (EN 16931 BT-45)."""
    party_id: PartyId | None = None
    """Identifier of the customer, such as its GLN (EN 16931 BT-46)."""
    leitweg_id: ShortText | None = None
    """Leitweg-ID of a German public authority, which XRechnung requires as the buyer reference (EN 16931 BT-10)."""
    electronic_address: ElectronicAddress | None = None
    """Address at which the customer receives e-invoices (EN 16931 BT-49)."""
    supplier: Supplier | None = None
    """Data for self-billed invoices (`type_code` 389), on which the customer is the seller. Others do not have it."""


class SellerData(Value):
    """The legal data of the company that issues documents."""

    name: ShortText
    """Full legal name of the company (EN 16931 BT-27)."""
    address: Address
    """Postal address of the company."""
    vat_id: ShortText | None = None
    """VAT identification number of the company (EN 16931 BT-31). Check digits of the Union are verified."""
    tax_number: ShortText | None = None
    """National tax number of the company (EN 16931 BT-32). Companies in Norway's register of business enterprises state
    the word `Foretaksregisteret` (NO-R-002)."""
    legal_id: ShortText | None = None
    """Registration number of the company, such as an entry in the commercial register (EN 16931 BT-30)."""
    legal_id_scheme: IdScheme | None = None
    """Scheme of `legal_id` (ISO 6523), such as `0184` for Danish CVR numbers. Peppol requires it in some countries."""
    trading_name: ShortText | None = None
    """Name that the company is known by, where it differs from `name` (EN 16931 BT-28)."""
    party_ids: Annotated[tuple[PartyId, ...], Field(max_length=10)] = ()
    """Identifiers of the company, such as its GLN or its number as a supplier (EN 16931 BT-29), at most 10."""
    legal_information: Annotated[
        PrintedText | None,
        Field(max_length=500, examples=["Geschäftsführer: Ada Nord\nAmtsgericht Bremen, HRB 4711"]),
    ] = None
    """Information that letters of the company must show, up to 500 characters (EN 16931 BT-33).

    German companies name their seat, register court and number, and managing directors (§ 35a GmbHG, § 80 AktG).
    """
    tax_representative: TaxRepresentative | None = None
    """Representative of the company for VAT (EN 16931 BG-11)."""
    contact: Contact | None = None
    """Contact that documents name for questions (EN 16931 BG-6)."""
    electronic_address: ElectronicAddress | None = None
    """Address at which the company receives electronic messages about its invoices (EN 16931 BT-34)."""
    bank_accounts: Annotated[tuple[BankAccount, ...], Field(max_length=10)] = ()
    """Bank accounts that customers can pay to, at most 10."""
    units: dict[UnitCode, dict[Language, ShortText]] = Field(default_factory=dict, max_length=50)
    """Names of units by code and language, at most 50, which documents print in place of their own names."""
    creditor_id: CreditorId | None = None
    """Identifier of the company as a SEPA creditor, which direct debits require (EN 16931 BT-90)."""


class Seller(SellerData):
    """The tenant as a document shows it (EN 16931 BG-4)."""

    logo: Logo | None = None
    """Logo on the document; null where the tenant had none when the document was issued."""
