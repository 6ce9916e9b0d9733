"""Sellers and buyers as documents name them."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from invoicing.core.email_address import Email
from invoicing.core.model import ENTERED, CountryCode, Percent, ShortText, Value, days_after

MOST_DISCOUNT = Decimal(100)
"""The highest cash discount in percent; terms that were stored before this bound may have more."""


def _compact(value: Any) -> Any:
    """The form in which banks exchange an identifier: without the blanks that people read it with, in capitals."""
    return "".join(value.split()).upper() if isinstance(value, str) else value


def is_iban(text: str) -> bool:
    """Whether an IBAN has the length and structure of its country, and right check digits (ISO 13616).

    Whether the bank exists is not asked: the registers in libraries lack new banks.
    """
    # Loaded here, as only what clients send is checked.
    from stdnum import iban

    return bool(iban.is_valid(text, check_country=False))


def _require_iban(text: str, info: ValidationInfo) -> str:
    if info.context is ENTERED and not is_iban(text):
        raise PydanticCustomError("iban", "Input should be an IBAN with correct check digits")
    return text


def _written(example: str) -> WithJsonSchema:
    """What a client may send: blanks and small letters are taken out of it."""
    return WithJsonSchema({"type": "string", "maxLength": 50, "examples": [example]}, mode="validation")


Iban = Annotated[
    str,
    BeforeValidator(_compact),
    Field(pattern=r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$", examples=["DE02120300000000202051"]),
    AfterValidator(_require_iban),
    _written("DE02 1203 0000 0000 2020 51"),
]
Bic = Annotated[
    str,
    BeforeValidator(_compact),
    Field(pattern=r"^[A-Z0-9]{8}([A-Z0-9]{3})?$", examples=["BYLADEM1001"]),
    _written("BYLADEM1001"),
]
CreditorId = Annotated[
    str,
    BeforeValidator(_compact),
    Field(pattern=r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{4,31}$", examples=["DE98ZZZ09999999999"]),
    _written("DE98ZZZ09999999999"),
]
"""The SEPA creditor identifier, which direct debits name (BT-90)."""


class Address(Value):
    """A postal address (EN 16931 BG-5, BG-8, BG-15)."""

    line1: Annotated[ShortText | None, Field(examples=["Am Deich 12"])] = None
    line2: ShortText | None = None
    postal_code: Annotated[ShortText | None, Field(examples=["28199"])] = None
    city: Annotated[ShortText | None, Field(examples=["Bremen"])] = None
    region: ShortText | None = None
    country: CountryCode


class ElectronicAddress(Value):
    """Where e-invoices go (BT-34, BT-49): an identifier in a scheme of the EAS code list."""

    scheme: Annotated[str, Field(pattern=r"^[0-9A-Z]{2,4}$", examples=["9930"])]
    id: ShortText


class Contact(Value):
    """Whom to ask (BG-6, BG-9)."""

    name: ShortText | None = None
    phone: ShortText | None = None
    email: Email | None = None


class BankAccount(Value):
    """An account that customers pay to (BG-17).

    `name` is the company's own label for it. Transfers name the `account_holder` (BT-85), by default the company.
    """

    id: ShortText
    name: ShortText | None = None
    account_holder: Annotated[ShortText | None, Field(examples=["Kontor Nord GmbH"])] = None
    iban: Iban
    bic: Bic | None = None


def _require_discount(percent: Decimal | None, info: ValidationInfo) -> Decimal | None:
    if info.context is ENTERED and percent is not None and not 0 < percent <= MOST_DISCOUNT:
        raise PydanticCustomError("discount_percent", "Input should be more than 0 and at most 100 percent")
    return percent


def _require_days(discount_days: int | None, info: ValidationInfo) -> int | None:
    """Refuse a discount without days, days without a discount, and more days than there are to pay."""
    if info.context is not ENTERED or "discount_percent" not in info.data:
        return discount_days
    if (discount_days is None) != (info.data["discount_percent"] is None):
        raise PydanticCustomError("discount_days", "Payment terms have discount_percent and discount_days, or neither")
    days = info.data.get("days")
    if discount_days is not None and days is not None and discount_days > days:
        raise PydanticCustomError("discount_days", "Input should be at most the days to pay")
    return discount_days


class PaymentTerms(Value):
    """How long a customer has, and what paying early saves. Days count from the issue date."""

    days: Annotated[int, Field(ge=0, le=365)] | None = None
    discount_percent: Annotated[Percent | None, AfterValidator(_require_discount)] = None
    discount_days: Annotated[
        Annotated[int, Field(ge=1, le=365)] | None,
        AfterValidator(_require_days),
        Field(validate_default=True),
    ] = None

    def due_on(self, issued: date) -> date | None:
        """The due date of what is issued on a day; none where the terms set no number of days."""
        return None if self.days is None else days_after(issued, self.days)


EinvoiceFormat = Literal["none", "zugferd", "xrechnung", "peppol"]
"""What a document is sent as beside its PDF: nothing, Factur-X inside it, or XML of its own."""


class Buyer(Value):
    """The customer of a document, as frozen in it (BG-7)."""

    type: Literal["company", "person"] = "company"
    name: Annotated[ShortText, Field(examples=["Werft & Söhne AG"])]
    first_name: ShortText | None = None
    last_name: ShortText | None = None
    emails: Annotated[tuple[Email, ...], Field(max_length=10, examples=[["buyer@example.com"]])] = ()
    phone: ShortText | None = None
    address: Address | None = None
    tax_id: ShortText | None = None
    legal_id: ShortText | None = None
    leitweg_id: ShortText | None = None
    electronic_address: ElectronicAddress | None = None


class Logo(Value):
    """The picture at the head of a company's letters: a PNG of so many pixels, stored under its hash."""

    id: Annotated[str, Field(examples=["file_01JD8X2V6PZ3QK7M5T9WRC4HBN"])]
    sha256: str
    size: int
    width: int
    height: int


class SellerData(Value):
    """What is known about a company that issues documents."""

    name: ShortText
    address: Address
    vat_id: ShortText | None = None
    tax_number: ShortText | None = None
    legal_id: ShortText | None = None
    contact: Contact | None = None
    electronic_address: ElectronicAddress | None = None
    bank_accounts: Annotated[tuple[BankAccount, ...], Field(max_length=10)] = ()
    creditor_id: CreditorId | None = None


class Seller(SellerData):
    """The tenant as frozen in a document (BG-4)."""

    logo: Logo | None = None


XmlFormat = Literal["zugferd", "xrechnung_cii", "xrechnung_ubl", "peppol"]
"""ZUGFeRD is Factur-X (CII, profile EN 16931); XRechnung has both syntaxes; Peppol BIS Billing is UBL."""
