"""A sample document, which shows a form."""

from decimal import Decimal

from invoicing.core.identity import Moment
from invoicing.core.ids import new_id
from invoicing.core.party import Address, Buyer
from invoicing.document_forms.design import FormDocument
from invoicing.document_forms.model import DocumentForm
from invoicing.documents.texts.model import texts_of
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.invoices.model import Invoice
from invoicing.issuing.finalizing import Parties, designed, previewed
from invoicing.pricing.line import NewLine, Period
from invoicing.pricing.tax import Tax
from invoicing.tenants.model import Tenant


def sample_of(form: DocumentForm, tenant: Tenant, type_: FormDocument, language: str, *, moment: Moment) -> Invoice:
    """A draft of the tenant to a fictitious customer, in the design of a form."""
    texts, today = texts_of(language), tenant.today(moment.at)
    tax = tenant.default_tax or Tax(category="S", rate=Decimal(19))
    home = Address(city=texts.label("sample_city"), country=tenant.address.country)
    service, article = (texts.label(name) for name in ("sample_service", "sample_article"))
    data = NewInvoice(
        customer=Buyer(name=texts.label("sample_customer"), address=home),
        language=language,
        service_period=Period(start=today, end=today),
        lines=(
            NewLine(name=service, quantity=Decimal(3), unit="HUR", unit_price=Decimal(90), tax=tax),
            NewLine(name=article, unit_price=Decimal("24.5"), tax=tax),
        ),
    )
    draft = Invoice.draft(new_id("inv", moment.at), data, customer=None, tenant=tenant, moment=moment)
    shown = previewed(draft, Parties(tenant, None), today=today).model_copy(update={"type": type_})
    return shown.model_copy(update=designed(shown, form.issued(language)))
