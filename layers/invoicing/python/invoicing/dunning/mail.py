"""The mails that remind of a due date, and those with a reminder or dunning letter."""

from invoicing.aws.email import MailFile
from invoicing.aws.files import read
from invoicing.core.stored_file import document_name
from invoicing.dunning.before_due import reminds
from invoicing.dunning.document import DunningDocument
from invoicing.dunning.rule import DunningRule
from invoicing.dunning.words import Words, words_before_due, words_of
from invoicing.invoices.model import Invoice
from invoicing.invoices.table import customer_of
from invoicing.mail.model import OutgoingMail
from invoicing.mail.words import chosen, mail_of
from invoicing.mail.workflow import Composed, attachments, page_in
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant


def reminder_mail(
    store: Store, outgoing: OutgoingMail, invoice: Invoice, tenant: Tenant, page_id: str
) -> Composed | None:
    """The reminder before the due date; None if the customer has nothing to pay until then.

    `page_id` is the id of the link to the invoice page that its text may contain.
    """
    today = tenant.today(store.session.now)
    rule = next((one for one in store.all(DunningRule) if one.id == outgoing.rule_id and one.enabled), None)
    if rule is None or not reminds(invoice, customer_of(store, invoice), today):
        return None
    words = words_before_due(rule, invoice, tenant)
    composed = _worded(store, outgoing, words, tenant, page_id)
    return composed._replace(files=attachments(store, invoice, outgoing))


def dunning_mail(
    store: Store, outgoing: OutgoingMail, document: DunningDocument, invoice: Invoice, tenant: Tenant, page_id: str
) -> Composed:
    """The mail with the letter, and with the invoice if that was requested."""
    letter = document.require_letter()
    content = read(store.tenant_id, letter.id, letter.sha256 or "")
    files = [MailFile(document_name(document.number, "pdf"), content, "application/pdf")]
    composed = _worded(store, outgoing, words_of(store, document, tenant), tenant, page_id)
    return composed._replace(files=files + attachments(store, invoice, outgoing))


def _worded(store: Store, outgoing: OutgoingMail, words: Words, tenant: Tenant, page_id: str) -> Composed:
    """The mail without files, and the link to the invoice page if its text contains one."""
    text = chosen(outgoing, words.own, words.default)
    page = page_in(text, store, outgoing, page_id)
    facts = {**words.facts, "page": page.url} if page else words.facts
    return Composed(mail_of(outgoing, tenant, text, facts), [], [page] if page else [])
