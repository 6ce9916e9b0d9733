"""Earlier documents that a document refers to (EN 16931 BG-3), and the money that they asked for."""

from typing import Annotated

from pydantic import Field

from invoicing.core.ids import InvoiceId
from invoicing.core.model import Amount, Day, ShortText, Value
from invoicing.pricing.tax import TaxAmount

MOST_DEPOSITS = 20
"""Each deposit changes in the transaction that issues its final invoice."""


class DocumentReference(Value):
    """A reference to an earlier document (EN 16931 BG-3)."""

    invoice_id: InvoiceId | None = None
    """Identifier of the referenced document; null for documents of other systems."""
    number: ShortText
    """Number of the referenced document (EN 16931 BT-25)."""
    issue_date: Day | None = None
    """Issue date of the referenced document (EN 16931 BT-26)."""


class Prepaid(Value):
    """Money that the customer paid before the invoice (EN 16931 BT-113)."""

    amount: Annotated[Amount, Field(gt=0, examples=["500.00"])]
    """Amount including tax, above zero, that is deducted from the amount due (EN 16931 BT-113)."""
    date: Day | None = None
    """Date of the payment."""
    references: Annotated[tuple[DocumentReference, ...], Field(max_length=50)] = ()
    """Documents that asked for the amount, such as deposit invoices (EN 16931 BG-3), at most 50."""


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
