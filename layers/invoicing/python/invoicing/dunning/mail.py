"""The mails that remind of a due date, and those with a reminder or dunning letter."""

from invoicing.aws.email import Mail, MailFile
from invoicing.aws.files import read
from invoicing.core.stored_file import document_name
from invoicing.dunning.before_due import reminds
from invoicing.dunning.document import DunningDocument
from invoicing.dunning.rule import DunningRule
from invoicing.dunning.words import words_before_due, words_of
from invoicing.invoices.model import Invoice
from invoicing.invoices.table import customer_of
from invoicing.mail.model import OutgoingMail
from invoicing.mail.words import chosen, mail_of
from invoicing.mail.workflow import attachments
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant


def reminder_mail(
    store: Store, outgoing: OutgoingMail, invoice: Invoice, tenant: Tenant
) -> tuple[Mail, list[MailFile]] | None:
    """The reminder before the due date; None if the customer has nothing to pay until then."""
    today = tenant.today(store.session.now)
    rule = next((one for one in store.all(DunningRule) if one.id == outgoing.rule_id and one.enabled), None)
    if rule is None or not reminds(invoice, customer_of(store, invoice), today):
        return None
    own, default, facts = words_before_due(rule, invoice, tenant)
    return mail_of(outgoing, tenant, chosen(outgoing, own, default), facts), attachments(store, invoice, outgoing)


def dunning_mail(
    store: Store, outgoing: OutgoingMail, document: DunningDocument, invoice: Invoice, tenant: Tenant
) -> tuple[Mail, list[MailFile]]:
    """The mail with the letter, and with the invoice if that was requested."""
    letter = document.require_letter()
    content = read(store.tenant_id, letter.id, letter.sha256 or "")
    files = [MailFile(document_name(document.number, "pdf"), content, "application/pdf")]
    own, default, facts = words_of(store, document, tenant)
    mail = mail_of(outgoing, tenant, chosen(outgoing, own, default), facts)
    return mail, files + attachments(store, invoice, outgoing)
