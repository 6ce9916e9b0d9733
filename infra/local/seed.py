"""Enters the demo tenant, by the same code that enters real ones, and prints what its users need to know.

A process of its own, with the table and the endpoint in its environment: settings are read once in a process's life.
"""

import json
import secrets
import sys
from datetime import datetime

from invoicing import clock
from invoicing.adapters.dynamodb.credentials import create_tenant
from invoicing.domain.identity import Role
from invoicing.domain.ids import new_id
from invoicing.domain.party import Address, BankAccount, Contact, ElectronicAddress
from invoicing.domain.tenant import Tenant
from invoicing.domain.user import ApiKey, User, digest

_SENDER = "billing@kontor-nord.example"


def main() -> None:
    """A company in Hamburg, its administrator, and a key that is made up now and kept nowhere."""
    now = clock.now()
    secret = f"ik_local_{secrets.token_urlsafe(32)}"
    tenant = _tenant(now)
    user = User(
        id=new_id("usr", now),
        tenant_id=tenant.id,
        email="ada.berg@kontor-nord.example",
        first_name="Ada",
        last_name="Berg",
        role=Role.ADMIN,
        created_at=now,
        updated_at=now,
    )
    key = ApiKey(
        id=new_id("key", now),
        tenant_id=tenant.id,
        user_id=user.id,
        name="local",
        prefix=secret[:12],
        sha256=digest(secret),
        created_at=now,
        updated_at=now,
    )
    create_tenant(tenant, user, key)
    json.dump({"tenant_id": tenant.id, "user_id": user.id, "api_key": secret, "sender": _SENDER}, sys.stdout)


def _tenant(now: datetime) -> Tenant:
    return Tenant(
        id=new_id("ten", now),
        name="Kontor Nord GmbH",
        address=Address(line1="Speicherstraße 7", postal_code="20457", city="Hamburg", country="DE"),
        vat_id="DE123456789",
        tax_number="27/123/45678",
        legal_id="HRB 123456",
        contact=Contact(name="Ada Berg", phone="+49 40 123456", email=_SENDER),
        electronic_address=ElectronicAddress(scheme="9930", id="DE123456789"),
        bank_accounts=(BankAccount(id="main", name="Hauptkonto", iban="DE02120300000000202051", bic="BYLADEM1001"),),
        language="de",
        currency="EUR",
        time_zone="Europe/Berlin",
        email_sender=_SENDER,
        event_sources=("orders",),
        created_at=now,
        updated_at=now,
    )


if __name__ == "__main__":
    main()
