"""Test data, which is valid unless a test overrides it."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from invoicing.core.identity import Role
from invoicing.core.ids import new_id
from invoicing.core.party import Address, BankAccount, Contact
from invoicing.tenants.model import Tenant, TenantBankAccount
from invoicing.users.model import ApiKey, User

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
"""The time of the tests unless they move the clock."""
MARK = {"reference": "400001234567890", "description": "##M.AR.K##"}
"""The supporting document that Greek documents in Peppol name."""


def tenant(**fields: Any) -> Tenant:
    """A German company."""
    given = {
        "id": new_id("ten", NOON),
        "version": 1,
        "created_at": NOON,
        "updated_at": NOON,
        "name": "Nordlicht Werkzeuge GmbH",
        "address": Address(line1="Hafenstraße 12", postal_code="20457", city="Hamburg", country="DE"),
        "vat_id": "DE123456788",
        "bank_accounts": (BankAccount(id="main", iban="DE75512108001245126199", bic="SOGEDEFFXXX"),),
        "contact": Contact(name="Buchhaltung", email="rechnung@nordlicht.example"),
        "time_zone": "Europe/Berlin",
        "language": "de",
        "email_sender": "rechnung@nordlicht.example",
        "email_identities": ("nordlicht.example",),
        "service_date_is_issue_date": True,
    }
    made = {**given, **fields}
    made["bank_accounts"] = tuple(TenantBankAccount(**dict(one)) for one in made["bank_accounts"])
    return Tenant(**made)


def user(role: Role = Role.ADMIN, **fields: Any) -> User:
    """A user of that company."""
    given = {
        "id": new_id("usr", NOON),
        "version": 1,
        "created_at": NOON,
        "updated_at": NOON,
        "email": f"{role}@nordlicht.example",
        "first_name": "Ada",
        "last_name": role.capitalize(),
        "role": role,
    }
    return User(**{**given, **fields})


def api_key(owner: User, **fields: Any) -> ApiKey:
    """The key of that user, used a moment ago."""
    given = {
        "id": new_id("key", NOON),
        "version": 1,
        "created_at": NOON,
        "updated_at": NOON,
        "user_id": owner.id,
        "name": "tests",
        "prefix": "ik_test_",
        "last_used_at": NOON,
    }
    return ApiKey(**{**given, **fields})


def user_json(**fields: Any) -> dict[str, Any]:
    """The request to create a user."""
    given = {"email": "bo@nordlicht.example", "first_name": "Bo", "last_name": "Buch", "role": "bookkeeper"}
    return {**given, **fields}


def customer_json(**fields: Any) -> dict[str, Any]:
    """The request to create a customer."""
    given = {
        "name": "Bäckerei Süß & Söhne",
        "emails": ["einkauf@suess.example"],
        "address": {"line1": "Marktplatz 3", "postal_code": "04109", "city": "Leipzig", "country": "DE"},
        "tax_id": "DE136695976",
        "payment_terms": {"days": 14, "discount_percent": "2", "discount_days": 7},
    }
    return {**given, **fields}


def line_json(**fields: Any) -> dict[str, Any]:
    """One line: 2 × 50.00 at 19 %."""
    given = {"name": "Bohrfutter", "quantity": "2", "unit_price": "50.00", "tax": {"category": "S", "rate": "19"}}
    return {**given, **fields}


def invoice_json(**fields: Any) -> dict[str, Any]:
    """The request to create a draft: 100.00 net, 119.00 gross."""
    return {"currency": "EUR", "lines": [line_json()], **fields}


def rule_json(**fields: Any) -> dict[str, Any]:
    """A level of dunning: a free reminder a week after the due date."""
    given = {"level": 1, "days_overdue": 7, "due_in_days": 7, "type": "reminder"}
    return {**given, **fields}


def order_json(**fields: Any) -> dict[str, Any]:
    """The request to create an order over 100.00 net, for a customer of the test."""
    return {"currency": "EUR", "lines": [line_json()], **fields}


def item_json(name: str, price: str, **fields: Any) -> dict[str, Any]:
    """An item of a subscription at 19 %, one piece a month in advance."""
    return {"line": {"name": name, "unit_price": price, "tax": {"category": "S", "rate": "19"}}, **fields}


def subscription_json(**fields: Any) -> dict[str, Any]:
    """The request to create a subscription from today, for a customer of the test: 49.00 a month and 5 seats."""
    items = [item_json("Wartung", "49.00"), item_json("Arbeitsplatz", "12.00", quantity="5")]
    return {"currency": "EUR", "items": items, **fields}


def outside_event(type_: str, detail: dict[str, Any], **envelope: Any) -> str:
    """The message of another service's event in a consumer's queue."""
    given = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "source": "orders",
        "detail-type": type_,
        "account": "000000000000",
        "time": "2026-03-10T12:00:00Z",
        "region": "eu-central-1",
        "resources": [],
        "detail": detail,
    }
    return json.dumps({**given, **envelope})


def product_json(**fields: Any) -> dict[str, Any]:
    """The request to create a product."""
    given = {"code": "SEAT", "name": {"en": "Seat", "de": "Platz"}, "tax": {"category": "S", "rate": "19"}}
    return {**given, **fields}


def price_json(**fields: Any) -> dict[str, Any]:
    """The request to create a monthly price of 12.00 for each unit."""
    given = {
        "name": "Monthly",
        "model": "unit",
        "interval": {"unit": "month", "count": 1},
        "amounts": {"EUR": {"unit_amount": "12.00"}},
    }
    return {**given, **fields}
