"""The mail with the statement of a customer's account."""

from invoicing.aws.email import Mail, MailFile
from invoicing.aws.files import read
from invoicing.core.stored_file import document_name
from invoicing.customers.model import Customer
from invoicing.documents.texts.wording import Wording
from invoicing.mail.model import AttachedStatement, OutgoingMail
from invoicing.mail.words import chosen, mail_of
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant


def statement_mail(
    store: Store, outgoing: OutgoingMail, statement: AttachedStatement, tenant: Tenant
) -> tuple[Mail, list[MailFile]]:
    """The mail in the language of the customer, with the statement."""
    customer = store.get(Customer, outgoing.subject_id)
    words = Wording.of(customer.language or tenant.language)
    facts = {
        "seller": tenant.name,
        "name": customer.name,
        "first": words.date(statement.first),
        "last": words.date(statement.last),
    }
    content = read(store.tenant_id, statement.pdf.id, statement.pdf.sha256 or "")
    name = document_name(f"{words.label('statement')} {statement.first} {statement.last}", "pdf")
    mail = mail_of(outgoing, tenant, chosen(outgoing, None, words.texts.statement_mail), facts)
    return mail, [MailFile(name, content, "application/pdf")]
