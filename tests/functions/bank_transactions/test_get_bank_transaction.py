"""GET /bank-transactions/{transaction_id}"""

from datetime import date
from decimal import Decimal

from invoicing.core.identity import Role
from invoicing.tenants.model import Tenant
from tests.bank import PAYERS, Month, Movement, camt_of, imported, transactions
from tests.events import details
from tests.gateway import Client
from tests.world import signed_in


def test_whole_ibans_are_shown_to_writers_of_payment_files(api: Client, tenant: Tenant) -> None:
    imported(api, camt_of(Month([Movement(date(2026, 3, 2), Decimal("119.00"), "INV-1")])))
    [found] = transactions(api)
    path = f"/bank-transactions/{found['id']}"
    assert api.get(path).ok()["counterparty"] == {"name": "Werft & Söhne AG", "iban": PAYERS[0], "bic": None}
    assert signed_in(tenant, Role.AUDITOR).get(path).ok()["counterparty"]["iban"] == "DE02…2051"
    [event] = details("bank_transaction.received")
    assert event["data"]["object"]["counterparty"]["iban"] == "DE02…2051"
