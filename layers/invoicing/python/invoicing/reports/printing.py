"""The statement of an account as a letter to its customer."""

from invoicing.document_forms.stationery import stationery_for
from invoicing.document_forms.workflow import form_among
from invoicing.documents.pdf import render_statement
from invoicing.documents.statement_letter import Correspondence
from invoicing.http.responses import Pdf
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
