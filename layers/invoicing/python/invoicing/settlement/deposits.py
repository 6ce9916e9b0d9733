"""Deposit invoices, and the final invoice that deducts them (§ 14 (5) UStG).

The final invoice is about the whole supply: its tax is that of all of it. The payable amounts of the deposit invoices,
after their credits, are deducted from its own (EN 16931 BT-113), whether they are paid by then or still due on the
deposit invoices.

A deposit is deducted by at most one invoice: issuing writes `final_invoice_id` into the deposit invoice, in the same
commit and under its version. From then on the deposit cannot be credited. Only a cancellation of that invoice releases
it, and only while none of its deposits was or became due for refund (`released_by`). A deposit that is not released can
still be paid: by the customer, or with the `refund_due` of its final invoice.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from invoicing.core.currency import from_minor
from invoicing.core.party import Buyer
from invoicing.customers.same_buyer import is_same_buyer
from invoicing.invoices.drafts.references import Deposit
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.pricing.tax import normal
from invoicing.settlement.errors import DepositDeducted

if TYPE_CHECKING:
    from invoicing.settlement.credit import Credited


def deposit_of(invoice: Invoice, so_far: "Iterable[Credited]") -> Deposit:
    """The amounts of a deposit invoice that credits have left."""
    nothing = from_minor(0, invoice.currency)
    net: dict[tuple[str, Decimal], Decimal] = {}
    tax: dict[tuple[str, Decimal], Decimal] = {}
    for credited in so_far:
        for rate in () if credited.void else credited.rates:
            key = (rate.category, normal(rate.rate))
            net[key], tax[key] = net.get(key, nothing) + rate.net, tax.get(key, nothing) + rate.tax
    left = []
    for one in invoice.tax_breakdown:
        key = (one.category, normal(one.rate))
        amounts = {"taxable": one.taxable - net.get(key, nothing), "tax": one.tax - tax.get(key, nothing)}
        if any(amounts.values()):
            left.append(one.model_copy(update=amounts))
    return Deposit(
        invoice_id=invoice.id,
        number=invoice.number or "",
        issue_date=invoice.issue_date or invoice.created_at.date(),
        net=sum((one.taxable for one in left), nothing),
        tax=sum((one.tax for one in left), nothing),
        total=sum((one.taxable + one.tax for one in left), nothing),
        due=invoice.due,
        tax_breakdown=tuple(left),
    )


def refusal(deposit: Invoice, final: Invoice) -> str | None:
    """The reason why an invoice cannot deduct a deposit invoice; None if it can."""
    if deposit.type != "invoice" or deposit.purpose != "deposit":
        return "The document is not a deposit invoice."
    if deposit.status is Status.CLOSED and deposit.credited < deposit.total:
        return "The deposit invoice is closed; reactivate it first."
    if deposit.status not in (Status.OPEN, Status.PAID):
        return f"The deposit invoice is {deposit.status}."
    if not is_for_same_customer(deposit, final):
        return "The deposit invoice is not for the customer of the invoice."
    if deposit.currency != final.currency:
        return f"The deposit invoice is in {deposit.currency}."
    if deposit.credited >= deposit.total:
        return "The deposit invoice is credited in full."
    if deposit.final_invoice_id not in (None, final.id):
        return "Another invoice deducts the deposit invoice."
    return None


def is_for_same_customer(one: Invoice, other: Invoice) -> bool:
    """Whether two documents are for the same customer: the stored one, else the same buyer."""
    if one.customer_id is not None or other.customer_id is not None:
        return one.customer_id == other.customer_id
    buyer, another = _buyer_of(one), _buyer_of(other)
    return buyer is not None and another is not None and is_same_buyer(buyer, another)


def _buyer_of(invoice: Invoice) -> Buyer | None:
    """The buyer who is not stored, with the address of the document, which its issue freezes."""
    if invoice.customer is None or invoice.customer_address is None:
        return invoice.customer
    return invoice.customer.model_copy(update={"address": invoice.customer_address})


def require_not_deducted(invoice: InvoiceSummary) -> None:
    """Refuse to credit a deposit that a final invoice deducts: its amounts are part of that invoice."""
    if invoice.final_invoice_id is not None:
        raise DepositDeducted


def refundable(final: InvoiceSummary, unpaid: Decimal) -> Decimal:
    """The part of `refund_due` that the customer has paid, on the invoice or on its deposits.

    `unpaid` is the amount of the deposits that nobody has paid: it can only be applied to them.
    """
    if not unpaid:
        return final.refund_due
    nothing = from_minor(0, final.currency)
    prepaid = (final.prepaid_amount or nothing) - (final.prepaid_refunded or nothing)
    return min(final.refund_due, max(final.paid + prepaid - unpaid, nothing))


def released_by(invoice: Invoice) -> Decimal | None:
    """The amount of the deposits that a cancellation of their final invoice releases; None if there is none.

    They are not released after a part of their money was refunded to the customer, or became due for refund by a credit
    note: then the rest is due for refund too.
    """
    if not invoice.deposits or invoice.prepaid_refunded:
        return None
    amount = sum((one.total for one in invoice.deposits), from_minor(0, invoice.currency))
    others = (invoice.prepaid_amount or amount) - amount
    if invoice.credited and invoice.refund_due > invoice.paid + others:
        return None
    return amount
