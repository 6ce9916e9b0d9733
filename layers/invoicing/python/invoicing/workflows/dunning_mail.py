"""The mail that brings a reminder or dunning letter."""

from invoicing.adapters.dynamodb.store import Store
from invoicing.adapters.email import Attachment
from invoicing.adapters.files import read
from invoicing.domain.dunning_document import DunningDocument
from invoicing.domain.invoice import Invoice
from invoicing.domain.mail import Mail, OutgoingMail
from invoicing.domain.stored_file import document_name
from invoicing.domain.tenant import Tenant
from invoicing.workflows.dunning_words import words_of
from invoicing.workflows.mail import chosen, mail_of
from invoicing.workflows.mailing import attachments


def dunning_mail(
    store: Store, outgoing: OutgoingMail, document: DunningDocument, invoice: Invoice, tenant: Tenant
) -> tuple[Mail, list[Attachment]]:
    """The mail with the letter, and with the invoice itself where the mail was asked to bring that too."""
    letter = document.require_letter()
    content = read(store.tenant_id, letter.id, letter.sha256 or "")
    files = [Attachment(document_name(document.number, "pdf"), content, "application/pdf")]
    own, ours, facts = words_of(store, document, tenant)
    mail = mail_of(outgoing, tenant, chosen(outgoing, own, ours), facts)
    return mail, files + attachments(store, invoice, outgoing)
