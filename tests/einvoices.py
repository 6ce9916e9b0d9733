"""Documents to write as e-invoices: between companies that have all that any format asks for."""

import json
from datetime import timedelta
from typing import Any

from invoicing.domain.customer import Customer, CustomerData
from invoicing.domain.draft import NewInvoice
from invoicing.domain.identity import Caller
from invoicing.domain.ids import new_id
from invoicing.domain.invoice import Invoice
from invoicing.domain.party import Contact, ElectronicAddress
from tests import builders
from tests.builders import NOON, line_json

TENANT = builders.tenant(
    legal_id="HRB 12345",
    tax_number="48/123/45678",
    contact=Contact(name="Buchhaltung", phone="+49 40 123456", email="rechnung@nordlicht.example"),
    electronic_address=ElectronicAddress(scheme="9930", id="DE123456788"),
)
BY = Caller.system(TENANT.id)
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


def issued(*, buyer: dict[str, Any] | None = None, tenant: Any = TENANT, **fields: Any) -> Invoice:
    """An invoice, issued at noon, with other fields than the usual ones."""
    customer_data = CustomerData.model_validate_json(json.dumps({**BUYER, **(buyer or {})}))
    customer = Customer.new(new_id("cus", NOON), customer_data, BY, NOON)
    new = NewInvoice.model_validate_json(json.dumps({**INVOICE, **fields}))
    draft = Invoice.draft(new_id("inv", NOON), new, customer=customer, tenant=tenant, by=BY, at=NOON)
    day = NOON.date()
    return draft.finalized(
        "INV-2026-000001",
        tenant=tenant,
        customer=customer,
        issue_date=day,
        due_date=day + timedelta(days=14),
        today=day,
        by=BY,
        at=NOON,
    )
