"""POST /bank-statements"""

import io
import zipfile
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from invoicing.tenants.model import Tenant
from tests import builders
from tests.bank import (
    IBAN,
    PROFILE,
    Month,
    Movement,
    batch_of,
    camt_of,
    csv_of,
    deliver_import,
    feed,
    imported,
    mt940_of,
    random_month,
    transactions,
    upload,
)
from tests.forms import send_form
from tests.gateway import Client
from tests.races import meanwhile
from tests.uploads import keys
from tests.world import with_key

DAY = date(2026, 3, 2)
COFFEE = Movement(DAY, Decimal("-4.50"), "Kaffee")
PAID = Movement(DAY, Decimal("119.00"), "INV-2026-000001", end_to_end_id="E2E-1")


def test_a_booked_entry_becomes_a_transaction(api: Client) -> None:
    [statement] = imported(api, camt_of(Month([PAID, COFFEE])))
    shown = {name: statement[name] for name in ("format", "number", "from", "to", "balanced", "status", "new", "gap")}
    assert shown == {
        "format": "camt.053", "number": "1", "from": "2026-03-02", "to": "2026-03-02", "balanced": True,
        "status": "done", "new": 2, "gap": None,
    }  # fmt: skip
    first, second = sorted(transactions(api), key=lambda one: one["direction"])
    assert (first["amount"], first["remittance"], first["end_to_end_id"]) == ("119.00", "INV-2026-000001", "E2E-1")
    assert (second["direction"], second["amount"], second["unallocated"]) == ("debit", "4.50", "4.50")


def test_accounts_are_masked_without_the_right_to_collect(api: Client, tenant: Tenant) -> None:
    without = with_key(tenant, builders.user(), scopes=frozenset({"bank:write"}))
    content = camt_of(Month([PAID]))
    for client, iban, status in ((without, "DE75…6199", 202), (without, "DE75…6199", 200), (api, IBAN, 200)):
        assert [one["account"]["iban"] for one in upload(client, content, status=status)] == [iban]


def test_a_csv_file_is_read_by_the_profile_of_its_account(api: Client, tenant: Tenant) -> None:
    accounts = [one.model_dump(mode="json") | {"csv_profile": PROFILE} for one in tenant.bank_accounts]
    api.patch("/tenant", {"bank_accounts": accounts}).ok()
    response = send_form(
        api, "/bank-statements", {"bank_account_id": "main"}, [("x.csv", csv_of(Month([PAID])), "text/csv")]
    )
    [statement] = response.ok(202)["data"]
    assert response.headers["Location"] == f"/v1/bank-statements/{statement['id']}"
    assert statement["booked"] == 1


def test_the_same_file_is_the_same_statement(api: Client) -> None:
    content = camt_of(Month([PAID]))
    [first] = upload(api, content)
    [again] = upload(api, content, 200)
    assert again["id"] == first["id"]


def test_two_uploads_of_a_file_at_once_are_one_statement(api: Client, tenant: Tenant) -> None:
    content = camt_of(Month([PAID]))
    with meanwhile(lambda: upload(api, content)):
        [statement] = upload(api, content, 200)
    assert [one["id"] for one in api.get("/bank-statements").ok()["data"]] == [statement["id"]]
    assert sorted(key.split("/")[1] for key in keys(tenant.id)) == sorted(one["id"] for one in statement["files"])


def test_a_zip_has_the_statements_of_all_its_files(api: Client) -> None:
    month = random_month(Random(1), 22)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(22):
            archive.writestr(f"{number}.xml", camt_of(month.part(number, number + 1, str(number))))
        archive.writestr("readme.txt", "x")
    response = send_form(api, "/bank-statements", {}, [("month.zip", packed.getvalue(), "application/zip")]).ok(202)
    assert [one["position"] for one in response["data"]] == list(range(22))
    assert [one["place"] for one in response["problems"]] == ["readme.txt"]
    for statement in response["data"]:
        assert deliver_import(statement) == []
    assert len(transactions(api)) == 22


def test_an_unknown_account_is_refused(api: Client) -> None:
    other = camt_of(Month([PAID], iban="DE02120300000000202051"))
    for fields in ({}, {"bank_account_id": "main"}):
        response = send_form(api, "/bank-statements", fields, [("x.xml", other, "text/xml")])
        assert (response.status, response.code) == (422, "UNKNOWN_ACCOUNT")
    response = send_form(api, "/bank-statements", {"bank_account_id": "none"}, [("x.xml", other, "text/xml")])
    assert response.code == "BANK_ACCOUNT_NOT_FOUND"


def test_a_month_is_the_same_in_all_formats(api: Client) -> None:
    """One order of many: the others are in tests/unit/test_bank_once.py."""
    month = random_month(Random(1), 10)
    files: list[tuple[bytes, dict[str, Any]]] = []
    for one in (month.part(4, 10, "2"), month, month.part(0, 4, "1"), month.part(2, 9, "7")):
        of_csv = {"csv_profile": PROFILE, "bank_account_id": "main"}
        files += [(mt940_of(one), {}), (csv_of(one), of_csv), (camt_of(one), {})]
    for number, (content, fields) in enumerate(files):
        if number in (3, 7):
            api.post("/bank-transactions", feed(month)).ok()
        imported(api, content, **fields)
    found = [(one["booked_on"], one["direction"], one["amount"], one["remittance"], one["counterparty"]["iban"],
              one["end_to_end_id"] or "") for one in transactions(api)]  # fmt: skip
    expected = [
        (
            f"{one.day}",
            "credit" if one.amount > 0 else "debit",
            f"{abs(one.amount)}",
            one.text,
            one.iban,
            one.end_to_end_id,
        )
        for one in month.movements
    ]
    assert sorted(found) == sorted(expected)
    assert {one["suspect_of"] for one in transactions(api)} == {None}


@pytest.mark.parametrize("order", [(0, 1, 0, 2), (1, 0, 2, 1), (2, 0, 1)])
def test_the_details_of_a_batch_count_once(api: Client, order: tuple[int, ...]) -> None:
    """MT940 and the feed have it whole, camt has the payments: a whole one that came first is suspect."""
    payments = [PAID, PAID._replace(amount=Decimal("100.00"), text="INV-2026-000002", end_to_end_id="E2E-2")]
    month = Month([batch_of(payments), batch_of([PAID._replace(amount=Decimal("50.00"))], charges=Decimal("5.00"))])
    for number, which in enumerate(order, 1):
        if which == 2:
            api.post("/bank-transactions", feed(month)).ok()
        else:
            imported(api, (mt940_of, camt_of)[which](month._replace(number=f"{number}")))
    found = transactions(api)
    counted = [one for one in found if one["suspect_of"] is None]
    assert sorted(Decimal(one["amount"]) for one in counted) == [50, 100, 119]
    assert {one["suspect_of"] for one in found} <= {None, *(one["id"] for one in counted)}
    assert len(found) == (3 if order[0] == 1 else 5)
    assert {one["remittance"] for one in counted} == {"INV-2026-000001", "INV-2026-000002"}


def test_a_twin_in_the_next_statement_is_another_transaction(api: Client) -> None:
    month = Month([PAID, COFFEE, COFFEE])
    morning, evening = month.part(0, 2, "1"), month.part(2, 3, "2")
    for content in (camt_of(evening), camt_of(morning), mt940_of(evening), mt940_of(morning), camt_of(month)):
        imported(api, content)
    assert len(transactions(api)) == 3


def test_a_body_without_a_file_is_refused(api: Client) -> None:
    refused = api.post("/bank-statements", {})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, "/file")
    refused = send_form(api, "/bank-statements", {}, [("x.xml", b"<a/>", "text/xml")])
    assert (refused.status, refused.code) == (422, "UNREADABLE_STATEMENT")
