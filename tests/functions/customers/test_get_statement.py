"""GET /customers/{customer_id}/statement"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from invoicing.core.identity import Role
from invoicing.http import responses
from invoicing.reports import statements
from tests.aws import AwsCalls
from tests.conftest import Clock
from tests.functions.reports.test_list_open_items import record
from tests.gateway import Client
from tests.unit.test_pdf import text_of
from tests.uploads import keys


def entries(api: Client, invoice: dict[str, Any], query: str = "") -> list[tuple[str, str, str]]:
    """The changes of the only account: type, amount and balance."""
    record(api)
    statement = api.get(f"/customers/{invoice['customer_id']}/statement?{query}").ok()
    [account] = statement["accounts"]
    return [(one["type"], one["amount"], one["balance"]) for one in account["entries"]]


def test_each_change_leads_to_the_next_balance(api: Client, issued: dict[str, Any], at: Clock) -> None:
    path = f"/invoices/{issued['id']}"
    for way, body, status in (
        ("payments", {"amount": "50.00", "cash_discount": "2.38"}, 201),
        ("credit", {"amount": "10.00"}, 201),
        ("close", {"reason": "write_off"}, 200),
    ):
        at.now += timedelta(hours=1)
        api.post(f"{path}/{way}", body).ok(status)
    found = entries(api, issued)
    assert found[0] == ("document", "119.00", "119.00")
    assert found[1:3] == [("payment", "-50.00", "69.00"), ("cash_discount", "-2.38", "66.62")]
    assert ("credit", "-10.00", "56.62") in found
    assert (found[-1][0], found[-1][2]) == ("write_off", "0.00")


def test_a_later_statement_opens_with_the_balance_before(api: Client, issued: dict[str, Any], at: Clock) -> None:
    at.now += timedelta(days=30)
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "19.00"}).ok(201)
    record(api)
    statement = api.get(f"/customers/{issued['customer_id']}/statement").ok()
    assert (statement["from"], statement["to"]) == ("2026-04-01", "2026-04-09")
    [account] = statement["accounts"]
    assert (account["opening_balance"], account["closing_balance"]) == ("119.00", "100.00")
    [entry] = account["entries"]
    assert (entry["date"], entry["number"], entry["type"]) == ("2026-04-09", issued["number"], "payment")
    assert entries(api, issued, "from=2026-03-01&to=2026-03-31") == [("document", "119.00", "119.00")]


def test_a_credit_note_alone_reduces_the_balance(api: Client, issued: dict[str, Any], at: Clock) -> None:
    at.now += timedelta(hours=1)
    body = {"customer_id": issued["customer_id"], "amount": "-20.00", "description": "Gutschrift"}
    note = api.post("/invoices/adjustments", {**body, "tax": {"category": "S", "rate": "19"}}).ok(201)
    at.now += timedelta(hours=1)
    api.post(f"/invoices/{note['id']}/payments", {"type": "refund", "amount": "3.80"}).ok(201)
    assert entries(api, issued)[1:] == [("document", "-23.80", "95.20"), ("payment", "3.80", "99.00")]


def test_later_changes_do_not_refuse_an_old_month(
    api: Client, issued: dict[str, Any], at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "MOST_CHANGES", 1)
    for _ in range(3):
        at.now += timedelta(days=30)
        api.post(f"/invoices/{issued['id']}/payments", {"amount": "19.00"}).ok(201)
    assert entries(api, issued, "from=2026-03-01&to=2026-03-31") == [("document", "119.00", "119.00")]
    path = f"/customers/{issued['customer_id']}/statement?from=2026-03-01"
    for name, most in (("MOST_CHANGES", 3), ("MOST_READ", 3)):
        monkeypatch.setattr(statements, name, most)
        answer = api.get(path)
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "?from")


@pytest.mark.parametrize(
    ("query", "pointer"), [("to=2026-03-11", "?to"), ("from=2026-03-10&to=2026-03-09", "?from"), ("day=1", "?day")]
)
def test_wrong_days_are_refused(api: Client, issued: dict[str, Any], query: str, pointer: str) -> None:
    answer = api.get(f"/customers/{issued['customer_id']}/statement?{query}")
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, pointer)


def test_an_unknown_customer_is_not_found(api: Client) -> None:
    assert api.get("/customers/cus_01JD8X2V6PZ3QK7M5T9WRC4HBN/statement").code == "CUSTOMER_NOT_FOUND"


def test_a_member_sees_the_statements_of_owned_customers(
    api: Client, issued: dict[str, Any], sign_in: Callable[..., Client]
) -> None:
    member, path = sign_in(Role.MEMBER), f"/customers/{issued['customer_id']}"
    assert member.get(f"{path}/statement").code == "ACCESS_DENIED"
    api.patch(path, {"owner_id": member.user.id if member.user else None}).ok()
    assert member.get(f"{path}/statement").status == 200


PDF = {"Accept": "application/pdf"}


def test_the_statement_is_a_letter_by_accept(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    path = f"/customers/{issued['customer_id']}/statement"
    record(api)
    with aws.only("get_statement") as calls:
        answer = api.get(path, headers=PDF)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert "statement-2026-03-01-2026-03-10.pdf" in answer.headers["Content-Disposition"]
    text = text_of(answer.text.encode("latin-1"))
    assert "Kontoauszug" in text
    assert f"Rechnung{issued['number']}" in text
    assert set(calls.names) == {"dynamodb:Query", "dynamodb:GetItem"}
    assert api.get(path, headers={"Accept": "application/json, application/pdf"}).ok()["object"] == "statement"


def test_the_letter_has_the_form_of_the_customer(api: Client, issued: dict[str, Any]) -> None:
    form = api.post("/document-forms", {"name": "Eigene", "footer": "Nur hier"}).ok(201)
    api.patch(f"/customers/{issued['customer_id']}", {"form_id": form["id"], "language": "fr"}).ok()
    letter = api.get(f"/customers/{issued['customer_id']}/statement", headers=PDF)
    text = text_of(letter.text.encode("latin-1"))
    assert "Nurhier" in text
    assert "Relevédecompte" in text


def test_a_letter_too_large_for_a_response_is_redirected_to(
    api: Client, issued: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(responses, "MOST_BYTES", 1_000)
    answer = api.get(f"/customers/{issued['customer_id']}/statement", headers=PDF)
    assert (answer.status, answer.text) == (303, "")
    assert any(key in answer.headers["Location"] for key in keys(api.tenant_id))
