"""GET /bank-transactions/{transaction_id}"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from invoicing.core.identity import Role
from invoicing.tenants.model import Tenant
from tests.bank import PAYERS, Month, Movement, camt_of, feed, imported, transactions
from tests.builders import customer_json
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


def suggested(api: Client, amount: str, text: str, name: str) -> Any:
    body = feed(Month([Movement(date(2026, 3, 2), Decimal(amount), text, name)]), len(transactions(api)))
    id_ = api.post("/bank-transactions", body).ok()["data"][0]["transaction_id"]
    return api.get(f"/bank-transactions/{id_}").ok()


@pytest.mark.parametrize(
    ("amount", "name", "found"),
    [
        ("119.00", "BAECKEREI SUESS UND SOEHNE", ["name_alike", "amount_due"]),
        ("118.00", "BAECKEREI SUESS UND SOEHNE", []),
        ("119.00", "Reederei AG", []),
    ],
)
def test_an_amount_and_a_name_alike_are_possible(
    api: Client, issued: dict[str, Any], amount: str, name: str, found: list[str]
) -> None:
    shown = suggested(api, amount, "Danke", name)["suggestions"]
    assert [reason for one in shown for reason in one["why"]] == found
    assert {one["confidence"] for one in shown} <= {"possible"}
    assert {part["invoice_id"] for one in shown for part in one["documents"]} <= {issued["id"]}


def test_a_name_of_many_customers_identifies_none(api: Client, issued: dict[str, Any]) -> None:
    assert issued["customer_id"]
    for _ in range(5):
        api.post("/customers", customer_json()).ok(201)
    assert suggested(api, "119.00", "Danke", "Bäckerei Süß")["suggestions"] == []
