"""GET /bank-statements/{statement_id}"""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from invoicing.core.identity import Role
from invoicing.tenants.model import Tenant
from tests.bank import Month, Movement, camt_of, imported, mt940_of
from tests.gateway import Client
from tests.world import signed_in

MONTH = Month([Movement(date(2026, 3, day), Decimal("10.00"), f"Tag {day}") for day in (2, 3, 4)])
PARTS = [MONTH.part(number, number + 1, str(number)) for number in range(3)]


@pytest.mark.parametrize("days", [0, 100])
def test_a_missing_statement_is_a_gap_until_it_arrives(api: Client, days: int) -> None:
    [first] = imported(api, camt_of(PARTS[0]))
    [late] = PARTS[2].movements
    [last] = imported(api, camt_of(PARTS[2]._replace(movements=[late._replace(day=late.day + timedelta(days))])))
    assert (first["gap"], last["gap"]) == (None, {"expected_opening": "1010.00"})
    imported(api, camt_of(PARTS[1]))
    assert api.get(f"/bank-statements/{last['id']}").ok()["gap"] is None


def test_a_statement_that_does_not_add_up_is_marked(api: Client) -> None:
    content = camt_of(MONTH).replace(b'<Amt Ccy="EUR">1030.00', b'<Amt Ccy="EUR">1031.00')
    [statement] = imported(api, content)
    assert (statement["balanced"], statement["problems"][0]["code"]) == (False, "UNBALANCED")
    assert (statement["status"], statement["new"]) == ("done", 3)


def test_only_writers_of_payment_files_see_whole_ibans(api: Client, tenant: Tenant) -> None:
    [statement] = imported(api, camt_of(MONTH))
    path = f"/bank-statements/{statement['id']}"
    assert api.get(path).ok()["account"]["iban"] == "DE75512108001245126199"
    assert signed_in(tenant, Role.AUDITOR).get(path).ok()["account"]["iban"] == "DE75…6199"


def test_german_numbers_of_an_account_are_its_iban(api: Client) -> None:
    [statement] = imported(api, mt940_of(MONTH))
    assert statement["account"] == {"iban": "DE75512108001245126199", "number": None, "currency": "EUR"}
    other = mt940_of(MONTH._replace(iban="DE02120300000000202051"))
    [statement] = imported(api, other, bank_account_id="main")
    assert statement["account"] == {"iban": None, "number": "12030000/0000202051", "currency": "EUR"}
