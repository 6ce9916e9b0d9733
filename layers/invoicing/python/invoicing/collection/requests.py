"""Requests about payment methods of customers."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from invoicing.collection.alphabet import LONGEST_NAME, LONGEST_REFERENCE
from invoicing.collection.batching import MandateUse, SepaScheme
from invoicing.core.identifiers import is_bank_reference
from invoicing.core.model import ENTERED, Day, ShortText, Value
from invoicing.core.party import Bic, Iban
from invoicing.tenants.banking import SEPA_COUNTRIES


def _require_reference(text: str, info: ValidationInfo) -> str:
    if info.context is ENTERED and not is_bank_reference(text):
        raise PydanticCustomError(
            "reference", "Input should have letters, digits and + ? / - : ( ) . , ' only, without / at its start or //"
        )
    return text


def _require_sepa(iban: str, info: ValidationInfo) -> str:
    if info.context is ENTERED and iban[:2] not in SEPA_COUNTRIES:
        raise PydanticCustomError("iban", "Input should be an IBAN of a country that takes part in SEPA")
    return iban


_Iban = Annotated[Iban, AfterValidator(_require_sepa)]
_Holder = Annotated[ShortText, Field(max_length=LONGEST_NAME, examples=["Werft & Söhne AG"])]


class NewMandate(Value):
    """The mandate of a new payment method."""

    reference: Annotated[
        Annotated[ShortText, Field(max_length=LONGEST_REFERENCE), AfterValidator(_require_reference)] | None,
        Field(examples=["M-2026-0042"]),
    ] = None
    """Reference of the mandate, 1 to 35 characters, unique among the tenant's mandates without case and spaces.

    By default, the number series `mandate` gives one.
    """
    scheme: SepaScheme = "core"
    """Scheme of the direct debits. Only companies can use `b2b`, and their banks have to know the mandate."""
    type: MandateUse = "recurrent"
    """Use of the mandate."""
    signed_on: Day | None = None
    """Date of the holder's signature. Without it, the payment method is `pending`."""


class NewPaymentMethod(Value):
    """A new payment method of a customer."""

    type: Literal["sepa_debit"]
    """Type of the payment method."""
    iban: _Iban
    """IBAN of the account, in a country that takes part in SEPA."""
    bic: Bic | None = None
    """BIC of the bank, which is optional within SEPA."""
    holder: _Holder
    """Holder of the account, up to 70 characters."""
    default: bool = False
    """Whether it becomes the customer's default."""
    mandate: NewMandate = NewMandate()
    """Mandate of the holder."""


class UpdatePaymentMethod(Value):
    """The fields of a payment method that can be changed."""

    iban: _Iban
    """IBAN of the account. After a direct debit, the next one states the change."""
    bic: Bic | None = None
    """BIC of the bank."""
    holder: _Holder
    """Holder of the account, up to 70 characters."""
    default: bool = False
    """Whether it is the customer's default. It takes the place of the default before."""
    blocked: bool = False
    """Whether nothing is collected with it."""
    signed_on: Day | None = None
    """Date of the holder's signature. It cannot be removed after a direct debit."""
