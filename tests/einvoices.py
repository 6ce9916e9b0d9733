"""Documents for e-invoices, between companies with all fields that the formats require."""

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from invoicing.core.einvoice import FORMATS, XmlFormat
from invoicing.core.errors import Invalid
from invoicing.core.identity import Caller, Moment
from invoicing.core.ids import new_id
from invoicing.core.party import Contact, ElectronicAddress
from invoicing.customers.model import Customer, CustomerData
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.invoices.errors import InvalidState
from invoicing.invoices.model import Invoice
from invoicing.issuing.finalizing import Parties, finalized
from invoicing.pricing.errors import DiscountExceedsAmount, NegativeTotal
from invoicing.settlement.credit import Credited
from invoicing.settlement.credit_note import cancellation, credit_note
from invoicing.settlement.errors import CreditExceedsInvoice, NothingToCredit
from tests import builders
from tests.builders import NOON, line_json
from tests.unit.credits import asked
from tests.unit.test_totals import generated

GERMAN_FORMATS: tuple[XmlFormat, ...] = tuple(
    name for name, row in FORMATS.items() if not {"france", "romania"} & set(row.rules)
)
"""The formats that companies of any country can use, and those of Germany."""
TENANT = builders.tenant(
    legal_id="HRB 12345",
    creditor_id="DE98ZZZ09999999999",
    tax_number="48/123/45678",
    contact=Contact(name="Buchhaltung", phone="+49 40 123456", email="rechnung@nordlicht.example"),
    electronic_address=ElectronicAddress(scheme="9930", id="DE123456788"),
)
BY = Caller.system(TENANT.id)
MOMENT = Moment(BY, NOON, "UTC")
BUYER: dict[str, Any] = {
    "name": "Bäckerei Süß & Söhne <KG>",
    "first_name": "Max",
    "last_name": "Süß",
    "phone": "+49 341 98765",
    "emails": ["einkauf@suess.example"],
    "address": {"line1": "Marktplatz 3", "line2": "Hof", "postal_code": "04109", "city": "Leipzig", "country": "DE"},
    "shipping_address": {"line1": "Rampe 2", "postal_code": "04157", "city": "Leipzig", "country": "DE"},
    "tax_id": "DE136695976",
    "leitweg_id": "04011000-1234512345-06",
    "payment_terms": {"days": 14, "discount_percent": "2", "discount_days": 7},
}
INVOICE: dict[str, Any] = {
    "currency": "EUR",
    "language": "de",
    "service_period": {"start": "2026-02-01", "end": "2026-02-28"},
    "purchase_order_id": "PO-77",
    "contract_reference": "V-2026-3",
    "introduction": "Wie besprochen.",
    "note": "Zweite Zeile\nmit Umbruch & Zeichen <>",
    "lines": [line_json()],
}


def issued(*, buyer: dict[str, Any] | None = None, tenant: Any = TENANT, deducts: Any = (), **fields: Any) -> Invoice:
    """An invoice that was issued at noon, with the given fields instead of the usual ones."""
    customer_data = CustomerData.model_validate_json(json.dumps({**BUYER, **(buyer or {})}))
    customer = Customer.new(new_id("cus", NOON), customer_data, MOMENT)
    new = NewInvoice.model_validate_json(json.dumps({**INVOICE, **fields}))
    draft = Invoice.draft(new_id("inv", NOON), new, customer=customer, tenant=tenant, moment=MOMENT)
    if deducts:
        draft = draft.deducting(tuple(deducts), tenant)
    day = NOON.date()
    return finalized(
        draft,
        "INV-2026-000001",
        Parties(tenant, customer),
        issue_date=day,
        due_date=day + timedelta(days=14),
        moment=Moment(BY, NOON, "UTC"),
    )


_TAXES: dict[str, list[dict[str, Any]]] = {
    "S": [{"category": "S", "rate": rate} for rate in ("19", "7", "5.5", "20")],
    "Z": [{"category": "Z"}],
    "E": [{"category": "E", "exemption_reason": "§ 19 UStG"}, {"category": "E", "exemption_code": "VATEX-EU-132-1B"}],
    "AE": [{"category": "AE"}],
    "K": [{"category": "K"}],
    "G": [{"category": "G"}],
    "O": [{"category": "O"}],
    "L": [{"category": "L", "rate": "7"}],
    "M": [{"category": "M", "rate": "4"}],
}
CATEGORIES = tuple(_TAXES)
_CURRENCIES = ("EUR", "EUR", "EUR", "USD", "JPY")
_MANDATE = {"reference": "M-2026-42", "iban": "DE02120300000000202051", "signed_on": "2026-01-01"}
_WAYS_TO_PAY: tuple[dict[str, Any], ...] = (
    {},
    {},
    {"payment_method": "bank_transfer", "bank_account_id": "main"},
    {"payment_method": "sepa_direct_debit", "mandate": _MANDATE},
    {"payment_method": "card", "card": {"last_digits": "4242", "holder": "Max Süß"}},
    {"payment_method": "cash"},
    {"payment_method": "paypal"},
    {"payment_method": "other"},
    {"payment_means_code": "42", "payment_means_text": "Überweisung"},
    {"payment_method": "card", "payment_means_code": "54", "card": {"last_digits": "4242"}},
    {"payment_method": "sepa_direct_debit", "payment_means_code": "49", "mandate": _MANDATE},
    {
        "payee": {"name": "Factor AG", "id": "F-1", "legal_id": "HRB 1"},
        "ship_to": {"name": "Lager", "location_id": "L-1", "postal_code": "04157", "city": "Leipzig", "country": "DE"},
        "supporting_documents": [{"reference": "S-1", "description": "Stunden", "url": "https://example.com/s"}],
    },
)


def documents(seed: int) -> Iterator[Invoice]:
    """A generated invoice and its credits, up to its cancellation."""
    dice = random.Random(seed)
    invoice = _invoice(dice, CATEGORIES[seed % len(CATEGORIES)])
    yield invoice
    so_far: list[Credited] = []
    day = NOON.date()
    for number in range(dice.randint(0, 2)):
        try:
            made = credit_note(invoice, so_far, asked(dice, invoice), f"CN-{number}", day=day, moment=MOMENT)
        except (CreditExceedsInvoice, NothingToCredit, Invalid, InvalidState):
            continue
        note, invoice, credited = made
        so_far.append(credited)
        yield note
    if invoice.credited < invoice.total:
        yield cancellation(invoice, so_far, "CAN-1", day=day, moment=MOMENT).document


def _invoice(dice: random.Random, category: str) -> Invoice:
    """A generated invoice with a category. Invoices with a negative total are generated again."""
    while True:
        try:
            return issued(
                buyer={"einvoice_format": "xrechnung", "language": dice.choice(["de", "en", "fr-CH", "nl"])},
                **_said(dice, category),
            )
        except (NegativeTotal, DiscountExceedsAmount):
            continue


def _said(dice: random.Random, category: str) -> dict[str, Any]:
    alone = category == "O"
    others = [] if alone else dice.sample([one for one in CATEGORIES if one != "O"], dice.randint(0, 2))
    taxes = [tax for name in (category, *others) for tax in _TAXES[name]]
    currency = dice.choice(_CURRENCIES)
    said: dict[str, Any] = generated(dice, 8, currency, taxes)
    said["lines"][0]["tax"] = _TAXES[category][0]
    for line in said["lines"]:
        line["unit"] = dice.choice(["C62", "HUR", "KGM", "H87"])
        if dice.random() < 0.3:
            more = {"description": "Zeile 1\nZeile 2 <&>", "item_id": "A-1", "serial_number": "SN-9"}
            line |= {**more, "period": {"start": "2026-02-03", "end": "2026-02-20"}}
    if dice.random() < 0.2:
        said |= {"tax_currency": dice.choice(["EUR", "GBP", "DKK"]), "exchange_rate": "1.2345"}
    if dice.random() < 0.3:
        said["service_period"] = {"start": "2026-02-14", "end": "2026-02-14"}
        for line in said["lines"]:
            line.pop("period", None)
    if dice.random() < 0.3:
        said["references"] = [{"number": "INV-0"}, {"number": "INV-00", "issue_date": "2025-12-31"}]
    return {**said, **dice.choice(_WAYS_TO_PAY), "title": "Abschlag"}
