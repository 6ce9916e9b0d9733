"""Warnings about a document: likely mistakes that no rule forbids."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from invoicing.invoices.lifecycle import Status
from invoicing.issuing.einvoice import remittable_to
from invoicing.issuing.legal_content import (
    LEGAL_INFORMATION_MISSING,
    WITHOUT_LEGAL_INFORMATION,
    lacks_legal_information,
)
from invoicing.issuing.printing import unprintable_texts

if TYPE_CHECKING:
    from invoicing.invoices.model import Invoice
from invoicing.invoices.derived import DocumentWarning


def warnings_of(invoice: "Invoice") -> Iterator[DocumentWarning]:
    """The warnings about the current state of a document."""
    if invoice.status is Status.DRAFT:
        for one in unprintable_texts(invoice):
            yield DocumentWarning(pointer=one.pointer, code=one.code, message=one.message)
        yield from _unpaid_deposits(invoice)
    elif invoice.seller and lacks_legal_information(invoice.seller):
        yield DocumentWarning(
            pointer="/seller/legal_information", code=LEGAL_INFORMATION_MISSING, message=WITHOUT_LEGAL_INFORMATION
        )
    by_transfer = invoice.payment_method in (None, "bank_transfer") and invoice.type_code != "389"
    if invoice.type == "invoice" and invoice.due > 0 and by_transfer and not remittable_to(invoice):
        yield DocumentWarning(
            pointer="/seller/bank_accounts",
            code="NO_PAYMENT_MEANS",
            message="The invoice names no bank account and no other payment method, so the customer cannot pay it.",
        )


def _unpaid_deposits(invoice: "Invoice") -> Iterator[DocumentWarning]:
    """A final invoice deducts the payments received before the supply (§ 14 (5) sentence 2 UStG)."""
    for place, deposit in enumerate(invoice.deposits):
        if deposit.due > 0:
            yield DocumentWarning(
                pointer=f"/deposits/{place}",
                code="DEPOSIT_UNPAID",
                message=f"{deposit.due} is still due on deposit invoice {deposit.number}, and is asked for there only.",
            )
