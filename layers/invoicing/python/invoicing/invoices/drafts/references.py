"""Earlier documents that a document refers to (EN 16931 BG-3), and the money that they asked for."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Annotated, Final

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from invoicing.core.currency import to_minor
from invoicing.core.errors import Invalid
from invoicing.core.ids import InvoiceId
from invoicing.core.model import Amount, Day, Percent, ShortText, Value
from invoicing.pricing.tax import TaxAmount, VatCategory, normal

MOST_REFERENCES = 50
MOST_DEPOSITS = 20
"""Each deposit changes in the transaction that issues its final invoice."""
_ROUNDING: Final = Decimal(1)
"""The official rules allow less than one unit of the currency between a tax and its rate (BR-CO-17)."""


def _not_zero(amount: Decimal) -> Decimal:
    if amount == 0:
        raise PydanticCustomError("prepaid", "The prepaid amount is above zero, or below for an earlier debt (BT-113)")
    return amount


class DocumentReference(Value):
    """A reference to an earlier document (EN 16931 BG-3)."""

    invoice_id: InvoiceId | None = None
    """Identifier of the referenced document; null for documents of other systems."""
    number: ShortText
    """Number of the referenced document (EN 16931 BT-25)."""
    issue_date: Day | None = None
    """Issue date of the referenced document (EN 16931 BT-26)."""


class PrepaidTax(Value):
    """The net and the tax of prepaid money for one category and rate."""

    category: Annotated[VatCategory, Field(examples=["S"])]
    """Tax category (UNTDID 5305)."""
    rate: Annotated[Percent, Field(examples=["19"])]
    """Tax rate in percent."""
    taxable: Annotated[Amount, Field(gt=0, examples=["100.00"])]
    """Net amount, above zero."""
    tax: Annotated[Amount, Field(ge=0, examples=["19.00"])]
    """Tax on the net amount."""


class PrepaidReference(DocumentReference):
    """A document that asked for prepaid money, such as a deposit invoice that another system issued."""

    amount: Annotated[Amount, Field(gt=0, examples=["119.00"])] | None = None
    """Part of the prepaid amount that the document asked for, including tax; by default the sum of `tax_breakdown`."""
    tax_breakdown: Annotated[tuple[PrepaidTax, ...], Field(max_length=20)] = ()
    """Net and tax of `amount` by category and rate, at most 20.

    A final invoice has to state them (§ 14 (5) UStG): they are printed, and a note in the XML. The reference then needs
    its `issue_date`.
    """

    @property
    def total(self) -> Decimal | None:
        """The part of the prepaid amount that is known to be of the document."""
        if self.amount is None and self.tax_breakdown:
            return sum((one.taxable + one.tax for one in self.tax_breakdown), Decimal(0))
        return self.amount


class Prepaid(Value):
    """Money that the customer paid before the invoice, or an earlier debt (EN 16931 BT-113)."""

    amount: Annotated[Amount, AfterValidator(_not_zero), Field(examples=["500.00"])]
    """Amount including tax that is deducted from the amount due (EN 16931 BT-113).

    Below zero it is an earlier debt, which the invoice asks for again until it is credited in full. If the debt is due
    on an invoice of this service, close that one as `settled_elsewhere`. An invoice with such a debt deducts no
    deposits.
    """
    date: Day | None = None
    """Date of the payment."""
    references: Annotated[tuple[PrepaidReference, ...], Field(max_length=MOST_REFERENCES)] = ()
    """Documents that asked for the amount, such as deposit invoices (EN 16931 BG-3), at most 50.

    The parts of `amount` that they state do not exceed it, and add up to it if all of them state one.
    """

    @property
    def deposits(self) -> tuple[PrepaidReference, ...]:
        """The deposit invoices of other systems, with their net and tax by rate."""
        return tuple(one for one in self.references if one.tax_breakdown)


class DepositReference(Value):
    """A deposit invoice that a final invoice deducts (§ 14 (5) UStG)."""

    invoice_id: Annotated[InvoiceId, Field(examples=["inv_01JD8X2V6PZ3QK7M5T9WRC4HBN"])]
    """Identifier of the deposit invoice: issued, with `purpose` `deposit`, of the same customer and currency.

    A customer who is not stored is the same by its identifiers, such as the VAT id, else by its name and address.
    """


class Deposit(DepositReference):
    """A deposit invoice that a final invoice deducts, with its amounts after credits (§ 14 (5) UStG)."""

    number: ShortText
    """Number of the deposit invoice (EN 16931 BT-25)."""
    issue_date: Day
    """Issue date of the deposit invoice (EN 16931 BT-26)."""
    net: Amount
    """Net amount of the deposit."""
    tax: Amount
    """Tax of the deposit."""
    total: Amount
    """Amount including tax, which the final invoice does not ask for again (EN 16931 BT-113)."""
    due: Amount
    """Amount that was still due on the deposit invoice when it was deducted."""
    tax_breakdown: tuple[TaxAmount, ...]
    """Net and tax of the deposit by category and rate."""


def require_parts(prepaid: Prepaid, deposits: Sequence[DepositReference], currency: str) -> None:
    """Refuse parts of prepaid money that do not add up: to the document's part, or to the prepaid amount."""
    if prepaid.amount < 0 and deposits:
        raise Invalid("An invoice with an earlier debt (BT-113) deducts no deposits.", pointer="/prepaid/amount")
    for place, reference in enumerate(prepaid.references):
        for pointer, message in _mistakes(reference, currency, f"/prepaid/references/{place}"):
            raise Invalid(message, pointer=pointer)
    parts = [one.total for one in prepaid.references]
    known = sum((part for part in parts if part is not None), Decimal(0))
    complete = bool(parts) and None not in parts
    if known > max(prepaid.amount, Decimal(0)) or (complete and known != prepaid.amount):
        message = f"The parts of the references are {known}, and the prepaid amount is {prepaid.amount} (BT-113)."
        raise Invalid(message, pointer="/prepaid/references")


def _mistakes(reference: PrepaidReference, currency: str, at: str) -> Iterator[tuple[str, str]]:
    if reference.amount is not None:
        to_minor(reference.amount, currency, pointer=f"{at}/amount")
    if not reference.tax_breakdown:
        return
    if reference.issue_date is None:
        yield f"{at}/issue_date", "A reference with a tax_breakdown requires its issue_date (BT-26)."
    known = set()
    for place, one in enumerate(reference.tax_breakdown):
        here = f"{at}/tax_breakdown/{place}"
        to_minor(one.taxable, currency, pointer=f"{here}/taxable")
        to_minor(one.tax, currency, pointer=f"{here}/tax")
        if abs(one.tax - one.taxable * one.rate / 100) >= _ROUNDING:
            yield f"{here}/tax", f"The tax (BT-117) is not {one.rate} % of {one.taxable}."
        if (one.category, normal(one.rate)) in known:
            yield here, "Each category and rate occurs only once (BT-118, BT-119)."
        known.add((one.category, normal(one.rate)))
    whole = sum((one.taxable + one.tax for one in reference.tax_breakdown), Decimal(0))
    if reference.amount not in (None, whole):
        message = f"The net and tax are {whole} together, and the amount is {reference.amount} (BT-113)."
        yield f"{at}/tax_breakdown", message
