"""Issuing a draft: its number, its frozen parties and texts, and every check before the number is used."""

from datetime import date
from typing import Any, Final, NamedTuple

from invoicing.core.einvoice import FORMATS, MOST_DOCUMENT_NOTES, EinvoiceFormat, xml_format_of
from invoicing.core.errors import DateNotAllowed, Invalid
from invoicing.core.identity import Moment
from invoicing.core.model import values_of
from invoicing.core.party import Buyer, PaymentTerms
from invoicing.core.stored_file import files_of
from invoicing.customers.model import Customer
from invoicing.document_forms.design import STANDARD_TEXTS, IssuedForm
from invoicing.invoices.dunning import Dunning
from invoicing.invoices.lifecycle import Action, Status, require
from invoicing.invoices.model import Invoice
from invoicing.issuing.errors import CustomerMissing, DueDateMissing, NothingToInvoice
from invoicing.issuing.gate import require_issuable
from invoicing.issuing.legal_content import with_declared_service_date
from invoicing.issuing.self_billing import form_document, is_self_billed
from invoicing.numbering.rf import LONGEST, characters_of, reference_of
from invoicing.payments.direct_debit import DebitNotice, InvoiceCollection
from invoicing.pricing.payable import due_of, payable_terms, shown_payable, split_tax_of
from invoicing.pricing.prices import require_line_ids
from invoicing.tenants.model import Tenant

_OF_A_CREDIT: Final = ("paid", "credited", "refund_due")
"""The sums that a credit note has when it is issued: the customer has its amount to use."""


class Parties(NamedTuple):
    """The tenant and the customer of a document that is issued, and the form that it has."""

    tenant: Tenant
    customer: Customer | None
    form: IssuedForm | None = None


def finalized(
    draft: Invoice,
    number: str,
    parties: Parties,
    *,
    issue_date: date,
    due_date: date | None = None,
    moment: Moment,
) -> Invoice:
    """The issued invoice, with its number and frozen parties and texts. Refuses a draft before a number is used.

    `due_date`: the due date that the request names, instead of the draft's or the one by the payment terms.
    """
    tenant, customer, form = parties
    require(draft, Action.FINALIZE)
    if customer is not None:
        customer.require_known()
    buyer = customer.buyer if customer else draft.customer
    if not draft.lines:
        raise NothingToInvoice(pointer="/lines")
    require_line_ids(draft.lines, draft.lines)
    if buyer is None:
        raise CustomerMissing(pointer="/customer_id")
    tenant.require_issue_date(issue_date, tenant.today(moment.at))
    terms = _terms(draft, customer, tenant)
    format_ = (customer and customer.einvoice_format) or tenant.einvoice_format
    owed = draft.type == "credit_note"
    due_on = due_date or _due_on(draft, terms, issue_date)
    steps = {} if owed else tenant.cash_rounding
    split_tax = split_tax_of(draft.tax_breakdown, draft.currency)
    asked = payable_terms(draft.total, draft, steps, draft.currency, split_tax=split_tax)
    if draft.prepaid is not None and draft.prepaid.amount < 0 == draft.total:
        raise Invalid("An invoice over zero asks for no earlier debt (BT-113).", pointer="/prepaid/amount")
    settled = asked["payable"] <= 0
    if due_on is None and not (settled or owed or draft.payment_terms_text):
        raise DueDateMissing(pointer="/due_date")
    if due_on is not None and due_on < issue_date:
        raise DateNotAllowed("The due date is before the issue date.", pointer="/due_date")
    issued = draft.model_copy(
        update={
            "number": number,
            "status": Status.PAID if settled else Status.OPEN,
            "payment_status": "paid" if settled else "unpaid",
            **_frozen(draft, tenant, customer, buyer),
            **_of_the_tenant(draft, tenant, format_),
            **designed(draft, form),
            "issue_date": issue_date,
            "due_date": due_on,
            "payment_terms": terms,
            **asked,
            **(dict.fromkeys(_OF_A_CREDIT, asked["payable"]) if owed else due_of(asked["payable"])),
            "pay_by": draft.payment_instructions,
            "payment_reference": _reference(draft, number, tenant),
            "files": files_of(draft.id, format_),
            "einvoice_format": format_,
            "dunning": None if owed else Dunning.issued_to(buyer.type, draft.dunning, draft.currency),
            "finalized_at": moment.at,
            **moment.updated,
        }
    )
    issued = with_declared_service_date(issued, tenant).model_copy(update={"collection": _collection(issued)})
    require_issuable(issued, xml_format_of(format_))
    return issued


def _collection(issued: Invoice) -> InvoiceCollection | None:
    """The direct debit that an issued invoice announces, because it names mandate, creditor id, amount and day."""
    mandate, seller = issued.mandate, issued.seller
    if issued.type != "invoice" or issued.payment_method != "sepa_direct_debit" or mandate is None:
        return None
    notice = None
    if seller and seller.creditor_id and issued.due_date and issued.due > 0 and not is_self_billed(issued):
        notice = DebitNotice(
            mandate_reference=mandate.reference,
            creditor_id=seller.creditor_id,
            amount=issued.due,
            collected_on=issued.due_date,
        )
    return InvoiceCollection(mandate_reference=mandate.reference, notice=notice)


def previewed(draft: Invoice, parties: Parties, *, today: date) -> Invoice:
    """The draft as it would look if it were issued today. Missing data is left out, because nothing is stored."""
    tenant, customer, form = parties
    require(draft, Action.PREVIEW)
    buyer = customer.buyer if customer else draft.customer
    terms = _terms(draft, customer, tenant)
    issued_on = draft.issue_date or today
    frozen = _frozen(draft, tenant, customer, buyer) if buyer else {"seller": tenant.seller}
    dates = {"issue_date": issued_on, "due_date": _due_on(draft, terms, issued_on)}
    format_ = (customer and customer.einvoice_format) or tenant.einvoice_format
    stated = {**_of_the_tenant(draft, tenant, format_), **designed(draft, form)}
    shown = draft.model_copy(update={**frozen, **stated, **dates, "payment_terms": terms})
    shown = with_declared_service_date(shown, tenant)
    asked = shown_payable(shown)
    return shown.model_copy(update={**asked, **due_of(asked["payable"])})


def _terms(draft: Invoice, customer: Customer | None, tenant: Tenant) -> PaymentTerms | None:
    """The payment terms of a document. Those of the customer and the tenant are about invoices only."""
    if draft.payment_terms is not None or draft.type == "credit_note":
        return draft.payment_terms
    return (customer and customer.payment_terms) or tenant.payment_terms


def _reference(draft: Invoice, number: str, tenant: Tenant) -> str | None:
    """The reference that the payer is asked to name; None for the number itself, as for suppliers."""
    is_own = draft.payment_reference is not None or draft.type != "invoice" or is_self_billed(draft)
    if is_own or tenant.payment_reference_format == "number":
        return draft.payment_reference
    if (size := len(characters_of(number))) > LONGEST:
        message = f"The number has {size} letters and digits, and RF references have at most {LONGEST} (ISO 11649)."
        raise Invalid(message, pointer="/payment_reference")
    return reference_of(number)


def _due_on(draft: Invoice, terms: PaymentTerms | None, issued: date) -> date | None:
    return draft.due_date or (terms.due_on(issued) if terms else None)


def designed(draft: Invoice, form: IssuedForm | None) -> dict[str, Any]:
    """The form of a document that is issued, and its standard texts where the document has none of its own."""
    texts = values_of(draft, STANDARD_TEXTS)
    return {"form": form, **(form.completed(form_document(draft), texts) if form else texts)}


def _frozen(draft: Invoice, tenant: Tenant, customer: Customer | None, buyer: Buyer) -> dict[str, Any]:
    """The current seller, buyer and delivery address, which the issued document freezes."""
    if draft.customer_address is not None:
        buyer = buyer.model_copy(update={"address": draft.customer_address})
    if not is_self_billed(draft):
        buyer = buyer.model_copy(update={"supplier": None})
    return {
        "seller": tenant.seller,
        "customer": buyer,
        "customer_name": buyer.name,
        "ship_to": draft.ship_to or (customer and customer.shipping_address),
        "buyer_reference": draft.buyer_reference or (customer and customer.buyer_reference),
    }


def _of_the_tenant(draft: Invoice, tenant: Tenant, format_: EinvoiceFormat) -> dict[str, Any]:
    """The notes, process and tax point that the tenant states on each document, where the draft has none of its own."""
    subjects = {note.subject_code for note in draft.notes}
    notes = (*draft.notes, *(note for note in tenant.notes if note.subject_code not in subjects))
    if len(notes) > MOST_DOCUMENT_NOTES:
        message = f"A document has at most {MOST_DOCUMENT_NOTES} notes, those of the tenant among them (BG-1)."
        raise Invalid(message, pointer="/notes")
    xml_format = xml_format_of(format_)
    process = draft.business_process
    if xml_format is None or FORMATS[xml_format].process is None:
        process = process or tenant.business_process
    code = draft.tax_point_code
    # The tax of a self-billed invoice is the supplier's.
    if draft.tax_point_date is None and draft.tax and not is_self_billed(draft):
        code = code or tenant.tax_point_code
    return {"notes": notes, "business_process": process, "tax_point_code": code}
