"""A sample document, which shows a form."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from invoicing.core.currency import from_minor, to_minor
from invoicing.core.identity import Moment
from invoicing.core.ids import new_id
from invoicing.core.party import Address, Buyer
from invoicing.document_forms.design import FormDocument
from invoicing.document_forms.model import DocumentForm
from invoicing.documents.texts.model import texts_of
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.invoices.drafts.references import Deposit
from invoicing.invoices.model import Invoice
from invoicing.issuing.finalizing import Parties, designed, previewed
from invoicing.pricing.line import NewLine, Period
from invoicing.pricing.tax import Tax
from invoicing.tenants.model import Tenant

_OF_TYPE: Final[dict[str, dict[str, Any]]] = {
    "deposit": {"purpose": "deposit"},
    "final": {},
    "self_billed": {"type_code": "389"},
}
"""The fields of samples that are invoices of a type."""


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
    if type_ == "final":
        draft = draft.deducting((_deposit(draft, today),), tenant)
    shown = previewed(draft, Parties(tenant, None), today=today).model_copy(update=_OF_TYPE.get(type_, {"type": type_}))
    return shown.model_copy(update=designed(shown, form.issued(language)))


def _deposit(draft: Invoice, day: date) -> Deposit:
    """A deposit of a tenth of the draft."""
    part = [
        one.model_copy(update={name: _tenth(getattr(one, name), draft.currency) for name in ("taxable", "tax")})
        for one in draft.tax_breakdown
    ]
    nothing = from_minor(0, draft.currency)
    net, tax = sum((one.taxable for one in part), nothing), sum((one.tax for one in part), nothing)
    return Deposit(
        invoice_id=draft.id,
        number="1",
        issue_date=day,
        net=net,
        tax=tax,
        total=net + tax,
        due=nothing,
        tax_breakdown=tuple(part),
    )


def _tenth(amount: Decimal, currency: str) -> Decimal:
    return from_minor(to_minor(amount, currency, pointer="") // 10, currency)
