"""The mail that announces a direct debit to the customer."""

from invoicing.bank.model import masked
from invoicing.collection.model import comparable
from invoicing.collection.table import methods_by_mandate
from invoicing.documents.texts.debits import DEBIT_MAILS
from invoicing.documents.texts.wording import Wording
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import Invoice
from invoicing.mail.model import OutgoingMail
from invoicing.mail.words import chosen, mail_of
from invoicing.mail.workflow import Composed, page_in
from invoicing.payments.direct_debit import DebitNotice
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant


def announcement_mail(
    store: Store, outgoing: OutgoingMail, debit: DebitNotice, invoice: Invoice, tenant: Tenant, page_id: str
) -> Composed | None:
    """The mail in the language of the document; None if the debit will not take place.

    `page_id` is the id of the link to the invoice page that its text may contain.
    """
    method = methods_by_mandate(store, invoice.customer_id).get(comparable(debit.mandate_reference))
    notice = invoice.collection and invoice.collection.notice
    if invoice.status is not Status.OPEN or method is None or not notice or notice.mail_id != outgoing.id:
        return None
    words = Wording.of(invoice.language)
    facts = {
        "number": invoice.number or "",
        "seller": tenant.name,
        "name": invoice.customer_name or "",
        "amount": words.money(debit.amount, invoice.currency),
        "date": words.date(debit.collected_on),
        "account": masked(method.iban) or "",
        "mandate": debit.mandate_reference,
        "creditor_id": debit.creditor_id,
    }
    text = chosen(outgoing, None, DEBIT_MAILS[words.texts.language])
    page = page_in(text, store, outgoing, page_id)
    if page is not None:
        facts["page"] = page.url
    return Composed(mail_of(outgoing, tenant, text, facts), [], [page] if page else [])
