"""The mail that confirms a payment or refund of a document to its customer."""

from invoicing.documents.deposit_words import document_name
from invoicing.documents.texts.model import Message, ReceiptMail
from invoicing.documents.texts.wording import Wording
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import Invoice
from invoicing.issuing.self_billing import is_self_billed
from invoicing.mail.model import OutgoingMail
from invoicing.mail.words import chosen, mail_of
from invoicing.mail.workflow import Composed, page_in
from invoicing.payments.model import Payment
from invoicing.store.store import Store
from invoicing.tenants.mail_text import fill
from invoicing.tenants.model import Tenant


def receipt_mail(
    store: Store, outgoing: OutgoingMail, invoice: Invoice, tenant: Tenant, page_id: str
) -> Composed | None:
    """The mail in the language of the document; None if the payment was reversed.

    `page_id` is the id of the link to the invoice page that its text may contain.
    """
    payment = store.get(Payment, invoice.id, outgoing.payment_id or "")
    if payment.reversed_at is not None:
        return None
    words = Wording.of(invoice.language)
    facts = {
        "title": document_name(invoice, words),
        "number": invoice.number or "",
        "seller": tenant.name,
        "name": invoice.customer_name or "",
        "amount": words.money(payment.amount, payment.currency),
        "date": words.date(payment.date),
        "due": words.money(invoice.due, invoice.currency),
    }
    if payment.cash_discount is not None:
        facts["cash_discount"] = words.money(payment.cash_discount, payment.currency)
    text = chosen(outgoing, None, _default(words.texts.receipt_mail, payment, invoice))
    page = page_in(text, store, outgoing, page_id)
    if page is not None:
        facts["page"] = page.url
    return Composed(mail_of(outgoing, tenant, text, facts), [], [page] if page else [])


def _default(texts: ReceiptMail, payment: Payment, invoice: Invoice) -> Message:
    about = {
        "happened": _happened(texts, payment, invoice),
        "discount": texts.discount if payment.cash_discount is not None else "",
        "left": _left(texts, payment, invoice),
    }
    # The sentence about the payment itself has a place for the discount.
    return Message(texts.subject, fill(fill(texts.text, about), about))


def _happened(texts: ReceiptMail, payment: Payment, invoice: Invoice) -> str:
    """The sentence about the payment. The tenant pays refunds and self-billed invoices."""
    if payment.method == "credit":
        return texts.offset
    from_customer = (payment.type == "payment") is not is_self_billed(invoice)
    return texts.received if from_customer else texts.paid


def _left(texts: ReceiptMail, payment: Payment, invoice: Invoice) -> str:
    """The sentence about the rest that is due on the document after a payment."""
    if payment.type != "payment":
        return ""
    if invoice.due > 0:
        return texts.open if invoice.status is Status.OPEN else ""
    return texts.settled if invoice.status is Status.PAID and not invoice.dunning_so_far.fees_due else ""
