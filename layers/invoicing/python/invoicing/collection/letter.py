"""The mandate as a letter of the tenant to its customer, to be signed or as it was signed."""

from typing import Any, Final

from invoicing.bank.model import masked
from invoicing.collection.errors import CreditorIdMissing
from invoicing.collection.model import PaymentMethod
from invoicing.customers.model import Customer
from invoicing.document_forms.stationery import stationery_for
from invoicing.document_forms.workflow import form_among
from invoicing.documents.address import address_lines
from invoicing.documents.letterhead import closing_of, grouped, letterhead
from invoicing.documents.pdf import render_mandate
from invoicing.documents.statement_letter import Correspondence
from invoicing.documents.texts.wording import Wording
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant

_SCHEMES: Final = {"core": ("mandate_core", "refund_core"), "b2b": ("mandate_b2b", "refund_b2b")}
_USES: Final = {"recurrent": "recurrent", "one_off": "one_off"}


def mandate_pdf(store: Store, method: PaymentMethod, tenant: Tenant, customer: Customer) -> bytes:
    """The mandate in the language of the customer and with its form, else those of the tenant."""
    language = customer.language or tenant.language
    form = form_among(store, [one for one in (customer.form_id, tenant.form_id) if one], language)
    between = Correspondence(tenant.seller, customer.buyer, language, form, tenant.today(store.session.now))
    logo, pages = stationery_for(tenant.id, form, between.seller)
    made = mandate_letter(method, between, whole="collection:write" in store.session.caller.scopes)
    return render_mandate(made, between.day, logo=logo, letterhead=pages)


def mandate_letter(method: PaymentMethod, between: Correspondence, *, whole: bool) -> dict[str, Any]:
    """The letter as it is printed, with the whole IBAN or with a masked one."""
    words, seller, mandate = Wording.of(between.language), between.seller, method.mandate
    creditor_id = mandate.creditor_id or seller.creditor_id
    if creditor_id is None:
        raise CreditorIdMissing
    title, refund = _SCHEMES[mandate.scheme]
    home, iban = seller.address.country, method.iban or ""
    ours, theirs = (", ".join(address_lines(one.address, home, words)) for one in (seller, between.customer))
    payer = [
        [words.label("account"), method.holder],
        [words.label("party_address"), theirs],
        ["IBAN", grouped(iban) if whole else masked(iban) or ""],
        ["BIC", method.bic or ""],
    ]
    return {
        **letterhead(seller, between.customer, words, between.form),
        "title": words.label(title),
        "watermark": None,
        "facts": [
            [words.label("mandate"), mandate.reference],
            [words.label("creditor_id"), creditor_id],
            [words.label("mandate_use"), words.label(_USES[mandate.type])],
        ],
        "paragraphs": [words.label("consent", seller=seller.name), words.label(refund)],
        "parts": [
            [words.label("creditor"), [[words.label("party_name"), seller.name], [words.label("party_address"), ours]]],
            [words.label("payer"), [row for row in payer if row[1]]],
        ],
        "signature": [words.label("signed_at"), words.label("signature")],
        "signed": words.label("signed_on", date=words.date(mandate.signed_on)) if mandate.signed_on else None,
        "closing": closing_of(None, seller, between.form),
        "payment": None,
    }
