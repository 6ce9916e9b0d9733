"""The payment part of an invoice, credit note or cancellation: method, amount, due date, terms and accounts."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from invoicing.core.model import days_after
from invoicing.core.party import PaymentTerms
from invoicing.documents.credit_words import settlement_sentences
from invoicing.documents.letterhead import account_rows, code_of, grouped, identified
from invoicing.documents.texts.wording import Wording
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import Invoice
from invoicing.issuing.einvoice import holder_of, remittable_to
from invoicing.issuing.self_billing import is_self_billed, with_roles

_ASKS_FOR_MONEY = ("bank_transfer", "sepa_direct_debit")
"""The payment methods whose sentence asks for money or announces its collection; a credit note has no such sentence."""


def payment_of(invoice: Invoice, words: Wording) -> dict[str, Any]:
    """The payment of an invoice, or the settlement of a credit note or cancellation."""
    return _payment(invoice, words) if invoice.type == "invoice" else _credited(invoice, words)


def _payment(invoice: Invoice, words: Wording) -> dict[str, Any]:
    """The payment method, amount and due date."""
    draft, holder = invoice.status is Status.DRAFT, holder_of(invoice)
    if not draft and not invoice.due:
        done = [words.label("paid_in_full"), *_stated(invoice, words), *_terms_in_words(invoice)]
        return {"title": words.label("payment"), "sentences": done, "accounts": [], "code": None}
    method = invoice.payment_method or "bank_transfer"
    accounts = remittable_to(with_roles(invoice)) if method == "bank_transfer" else []
    reference = invoice.payment_reference or invoice.number
    if is_self_billed(invoice):
        theirs = account_rows(accounts, holder_of(with_roles(invoice)), reference, words)
        ours = [*_paid_by_us(invoice, words), *_stated(invoice, words), *_terms(invoice, words)]
        return {"title": words.label("payment"), "sentences": ours, "accounts": theirs, "code": None}
    return {
        "title": words.label("payment"),
        "sentences": [*_how(invoice, method, words), *_stated(invoice, words), *_terms(invoice, words)],
        "accounts": [*account_rows(accounts, holder, reference, words), *_drawn_on(invoice, words)],
        # A draft must not be paid, so it has no code.
        "code": None if draft else code_of(accounts, holder, invoice.due, invoice.currency, reference),
    }


def _credited(invoice: Invoice, words: Wording) -> dict[str, Any]:
    """The settlement of the amount of a credit note or cancellation, and the payment details that it states."""
    method, seller = invoice.payment_method, with_roles(invoice)
    holder = holder_of(seller)
    by_transfer = method == "bank_transfer" or (method is None and invoice.payment_means_code is not None)
    accounts = remittable_to(seller) if by_transfer else []
    how = [] if method in (None, *_ASKS_FOR_MONEY) else [words.label(method)]
    sentences = [*settlement_sentences(invoice, words), *how, *_stated(invoice, words), *_terms(invoice, words)]
    return {
        "title": words.label("settlement"),
        "sentences": sentences,
        "accounts": [
            *account_rows(accounts, holder, invoice.payment_reference or invoice.number, words),
            *_drawn_on(invoice, words),
        ],
        # Nothing is to be paid by the customer.
        "code": None,
    }


def _asked(invoice: Invoice) -> Decimal:
    """The amount to pay. A draft owes nothing yet: `due` is set when it is issued."""
    asked = invoice.due if invoice.status is not Status.DRAFT else invoice.payable
    return invoice.total if asked is None else asked


def _paid_by_us(invoice: Invoice, words: Wording) -> Iterator[str]:
    """The payment of a self-billed invoice, which its issuer makes."""
    amount, due = words.money(_asked(invoice), invoice.currency), invoice.due_date
    by = {"amount": amount, "date": words.date(due)} if due else {"amount": amount}
    yield words.label("we_pay_by" if due else "we_pay", **by)


def _how(invoice: Invoice, method: str, words: Wording) -> Iterator[str]:
    amount, due = words.money(_asked(invoice), invoice.currency), invoice.due_date
    if method == "bank_transfer":
        yield words.label("pay_by", amount=amount, date=words.date(due)) if due else words.label("pay", amount=amount)
    elif method == "sepa_direct_debit" and due:
        yield words.label("sepa_direct_debit_by", amount=amount, date=words.date(due))
    else:
        yield words.label(method, amount=amount)


def _drawn_on(invoice: Invoice, words: Wording) -> Iterator[list[list[str]]]:
    """The mandate that a direct debit names to the payer before it is collected, or the card."""
    mandate, card, seller = invoice.mandate, invoice.card, invoice.seller
    if mandate and invoice.payment_method == "sepa_direct_debit":
        creditor, iban = seller.creditor_id if seller else None, grouped(mandate.iban) if mandate.iban else None
        rows = {words.label("mandate"): mandate.reference, words.label("creditor_id"): creditor, "IBAN": iban}
        yield [[name, value] for name, value in rows.items() if value]
    if card and invoice.payment_method == "card":
        yield [[words.label("card_digits"), ", ".join(one for one in (card.last_digits, card.holder) if one)]]


def _stated(invoice: Invoice, words: Wording) -> Iterator[str]:
    """The payee if that is not the seller, and the payment means in the company's own words."""
    if payee := invoice.payee:
        ids = identified(payee.id, payee.id_scheme), identified(payee.legal_id, payee.legal_id_scheme)
        yield words.label("payee", payee=", ".join(filter(None, (payee.name, *ids))))
    if invoice.payment_means_text:
        yield invoice.payment_means_text


def _terms(invoice: Invoice, words: Wording) -> Iterator[str]:
    yield from _structured_terms(invoice, words)
    yield from _terms_in_words(invoice)


def _terms_in_words(invoice: Invoice) -> Iterator[str]:
    if invoice.payment_terms_text:
        yield invoice.payment_terms_text


def _structured_terms(invoice: Invoice, words: Wording) -> Iterator[str]:
    terms = invoice.payment_terms or PaymentTerms()
    if not invoice.due_date and terms.days:
        yield words.label("within", days=str(terms.days))
    for percent, days in terms.discounts:
        saved = words.percent(percent)
        if invoice.issue_date:
            until = days_after(invoice.issue_date, days)
            yield words.label("early", percent=saved, date=words.date(until))
        else:
            yield words.label("early_terms", percent=saved, days=str(days))
