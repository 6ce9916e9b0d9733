"""The statement of an account as a letter to its customer, and the mail that brings it."""

from invoicing.aws.files import store_once
from invoicing.core.stored_file import StoredFile
from invoicing.document_forms.stationery import stationery_for
from invoicing.document_forms.workflow import form_among
from invoicing.documents.pdf import render_statement
from invoicing.documents.statement_letter import Correspondence
from invoicing.http.request import Request
from invoicing.http.responses import FILES, Pdf
from invoicing.mail.model import AttachedStatement, OutgoingMail, Sending
from invoicing.reports.statements import ReadStatement
from invoicing.store.store import Store


def statement_pdf(store: Store, read: ReadStatement) -> Pdf:
    """The letter, in the language of the customer and with its form, else those of the tenant."""
    statement, tenant, customer = read
    language = customer.language or tenant.language
    form = form_among(store, [one for one in (customer.form_id, tenant.form_id) if one], language)
    between = Correspondence(tenant.seller, customer.buyer, language, form, tenant.today(store.session.now))
    logo, letterhead = stationery_for(tenant.id, form, between.seller)
    content = render_statement(statement, between, logo=logo, letterhead=letterhead)
    return Pdf(content, f"statement-{statement.first}-{statement.last}.pdf")


def stored_statement(request: Request, read: ReadStatement, sending: Sending) -> OutgoingMail:
    """A mail with the letter, which is stored first. Without its commit, the file is deleted after a while."""
    mail_id, file_id, at = request.new_id("mail"), request.new_id("file"), request.now
    letter, statement = statement_pdf(request.store, read).content, read.statement
    owner = {"customer_id": statement.customer_id, "mail_id": mail_id}
    sha256 = store_once(read.tenant.id, file_id, letter, FILES[Pdf], owner=owner)
    file = StoredFile(id=file_id, status="available", sha256=sha256, size=len(letter))
    attached = AttachedStatement(first=statement.first, last=statement.last, pdf=file)
    sending.require_small([file])
    return OutgoingMail.with_statement(mail_id, statement.customer_id, attached, sending, at=at)
