"""POST /invoices/{invoice_id}/payments: B30, E11."""

import math
from decimal import Decimal
from typing import Any

import pytest

from invoicing.core.event import Recorded
from invoicing.core.identity import Caller
from invoicing.core.party import PaymentTerms
from invoicing.invoices.events import InvoiceUpdated
from invoicing.invoices.model import InvoiceSummary
from invoicing.store import retry as retrying
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant
from tests.aws import AwsCalls
from tests.builders import NOON, customer_json, invoice_json
from tests.conftest import Clock
from tests.events import deliver, details
from tests.gateway import Client
from tests.races import meanwhile


def pay(api: Client, invoice: dict[str, str], amount: str, **fields: object) -> dict[str, Any]:
    found: dict[str, Any] = api.post(f"/invoices/{invoice['id']}/payments", {"amount": amount, **fields}).ok(201)
    return found


@pytest.mark.parametrize(
    ("terms", "pointer"),
    [
        ({"discount_percent": "250", "discount_days": 7}, "discount_percent"),
        ({"discount_percent": "0", "discount_days": 7}, "discount_percent"),
        ({"days": 10, "discount_percent": "2", "discount_days": 60}, "discount_days"),
        ({"days": 10, "discount_percent": "2"}, "discount_days"),
        ({"days": 10, "discount_days": 5}, "discount_days"),
    ],
)
def test_impossible_payment_terms_are_refused(api: Client, terms: dict[str, Any], pointer: str) -> None:
    for method, path, body in (("POST", "/invoices", invoice_json()), ("POST", "/customers", customer_json())):
        answer = api(method, path, {**body, "payment_terms": terms})
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, f"/payment_terms/{pointer}")
    assert api.patch("/tenant", {"payment_terms": {"days": None, **terms}}).status == 400


def test_a_cash_discount_is_limited_by_the_payment_terms(api: Client, tenant: Tenant) -> None:
    terms = {"days": 14, "discount_percent": "2", "discount_days": 7}
    draft = api.post("/invoices", invoice_json(customer={"name": "Eine AG"}, payment_terms=terms)).ok(201)["id"]
    issued = api.post(f"/invoices/{draft}/finalize").ok()
    path, most = f"/invoices/{issued['id']}/payments", {"amount": "0.01", "cash_discount": "118.99"}
    assert api.post(path, most).code == "CASH_DISCOUNT_NOT_ALLOWED"
    store = Store(Session(Caller.system(tenant.id), NOON))
    before_the_bound = store.get(InvoiceSummary, issued["id"]).model_copy(
        update={"payment_terms": PaymentTerms(days=14, discount_percent=Decimal(250), discount_days=60)}
    )
    store.commit(Recorded(before_the_bound, InvoiceUpdated()))
    assert api.post(path, most).code == "CASH_DISCOUNT_NOT_ALLOWED"
    assert api.get(f"/invoices/{issued['id']}").ok()["due"] == "119.00"


def test_a_part_and_the_rest_make_an_invoice_paid(api: Client, at: Clock, issued: dict[str, str]) -> None:
    at.now = at.now.replace(minute=1)
    payment = pay(api, issued, "19.00", method="card", reference="R1")
    assert (payment["date"], payment["currency"], payment["method"]) == ("2026-03-10", "EUR", "card")
    assert payment["allocations"] == [{"to": "invoice", "amount": "19.00"}]
    part = api.get(f"/invoices/{issued['id']}").ok()
    assert (part["status"], part["payment_status"], part["paid"], part["due"]) == (
        "open",
        "partially_paid",
        "19.00",
        "100.00",
    )
    at.now = at.now.replace(minute=2)
    pay(api, issued, "100.00")
    paid = api.get(f"/invoices/{issued['id']}").ok()
    assert (paid["status"], paid["payment_status"], paid["due"]) == ("paid", "paid", "0.00")
    keys = [entry["action_key"] for entry in api.get(f"/invoices/{issued['id']}/comments").ok()["data"]]
    assert keys == ["STATUS", "PAYMENT", "PAYMENT", *keys[3:]]
    assert set(keys[3:]) == {"FINALIZE", "CREATE"}


def test_it_takes_two_round_trips_and_writes_no_lines(api: Client, issued: dict[str, str], aws: AwsCalls) -> None:
    with aws.only("record_payment") as calls:
        pay(api, issued, "19.00")
    assert calls.names == {"dynamodb:BatchGetItem": 1, "dynamodb:TransactWriteItems": 1}
    written = [one["Put"]["Item"]["SK"]["S"] for one in calls.calls[1].params["TransactItems"] if "Put" in one]
    assert not [sort for sort in written if sort.startswith("#BODY")]


def test_an_overpayment_must_be_accepted(api: Client, issued: dict[str, str]) -> None:
    answer = api.post(f"/invoices/{issued['id']}/payments", {"amount": "119.01"})
    assert (answer.status, answer.code) == (422, "PAYMENT_EXCEEDS_DUE")
    pay(api, issued, "150.00", accept_overpayment=True)
    after = api.get(f"/invoices/{issued['id']}").ok()
    assert (after["status"], after["due"], after["refund_due"]) == ("paid", "0.00", "31.00")


def test_an_amount_too_long_to_be_read_again_is_refused(api: Client, issued: dict[str, str]) -> None:
    most = "999999999999999.99"
    pay(api, issued, most, accept_overpayment=True)
    answer = api.post(f"/invoices/{issued['id']}/payments", {"amount": most, "accept_overpayment": True})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/amount")
    assert api.get(f"/invoices/{issued['id']}").ok()["paid"] == most


def test_refunds_are_limited_to_the_overpaid_amount(api: Client, issued: dict[str, str]) -> None:
    pay(api, issued, "150.00", accept_overpayment=True)
    answer = api.post(f"/invoices/{issued['id']}/payments", {"amount": "31.01", "type": "refund"})
    assert (answer.status, answer.code) == (422, "REFUND_EXCEEDS_CREDIT")
    pay(api, issued, "31.00", type="refund")
    after = api.get(f"/invoices/{issued['id']}").ok()
    assert (after["paid"], after["refund_due"], after["payment_status"]) == ("119.00", "0.00", "paid")


def test_an_early_payment_gets_the_cash_discount(api: Client, issued: dict[str, str], at: Clock) -> None:
    too_much = api.post(f"/invoices/{issued['id']}/payments", {"amount": "116.61", "cash_discount": "2.39"})
    assert (too_much.status, too_much.code) == (422, "CASH_DISCOUNT_NOT_ALLOWED")
    pay(api, issued, "116.62", cash_discount="2.38")
    after = api.get(f"/invoices/{issued['id']}").ok()
    assert (after["status"], after["paid"], after["cash_discount_taken"]) == ("paid", "116.62", "2.38")


def test_a_late_payment_gets_no_cash_discount(api: Client, issued: dict[str, str], at: Clock) -> None:
    at.now = at.now.replace(day=18)
    answer = api.post(f"/invoices/{issued['id']}/payments", {"amount": "116.62", "cash_discount": "2.38"})
    assert answer.code == "CASH_DISCOUNT_NOT_ALLOWED"
    pay(api, issued, "116.62", cash_discount="2.38", date="2026-03-17")


def test_an_external_id_is_recorded_once(api: Client, issued: dict[str, str]) -> None:
    pay(api, issued, "1.00", external_id="bank-1")
    answer = api.post(f"/invoices/{issued['id']}/payments", {"amount": "1.00", "external_id": "bank-1"})
    assert (answer.status, answer.code) == (409, "DUPLICATE_EXTERNAL_ID")
    assert api.get(f"/invoices/{issued['id']}").ok()["paid"] == "1.00"


def test_a_repeated_payment_is_one_payment(api: Client, issued: dict[str, str]) -> None:
    body, headers = {"amount": "119.00"}, {"Idempotency-Key": "p"}
    first, again = (api.post(f"/invoices/{issued['id']}/payments", body, headers=headers) for _ in range(2))
    assert (again.ok(201), again.headers["Idempotency-Replayed"]) == (first.ok(201), "true")
    assert len(api.get(f"/invoices/{issued['id']}/payments").ok()["data"]) == 1


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({}, "VALIDATION_ERROR", "/amount"),
        ({"amount": 119}, "INVALID_TYPE", "/amount"),
        ({"amount": "0.00"}, "VALIDATION_ERROR", "/amount"),
        ({"amount": "-1.00"}, "VALIDATION_ERROR", "/amount"),
        ({"amount": "1.000"}, "VALIDATION_ERROR", "/amount"),
        ({"amount": "1.00", "date": "2026-03-11"}, "DATE_NOT_ALLOWED", "/date"),
        ({"amount": "1.00", "method": "shells"}, "VALIDATION_ERROR", "/method"),
    ],
)
def test_mistakes_are_refused_with_a_pointer(
    api: Client, issued: dict[str, str], body: dict[str, object], code: str, pointer: str
) -> None:
    answer = api.post(f"/invoices/{issued['id']}/payments", body)
    assert (answer.code, answer.json["errors"][0]["pointer"]) == (code, pointer)


def test_a_draft_accepts_no_payment(api: Client) -> None:
    draft = api.post("/invoices", {}).ok(201)
    answer = api.post(f"/invoices/{draft['id']}/payments", {"amount": "1.00"})
    assert (answer.status, answer.code) == (409, "INVALID_STATE")


def test_credit_of_a_customer_pays_another_of_its_invoices(api: Client, issued: dict[str, str]) -> None:
    pay(api, issued, "150.00", accept_overpayment=True)
    other = api.post("/invoices", invoice_json(customer_id=issued["customer_id"])).ok(201)
    api.post(f"/invoices/{other['id']}/finalize").ok()
    payment = pay(api, other, "31.00", method="credit", source_id=issued["id"])
    assert (payment["source_id"], payment["type"]) == (issued["id"], "payment")
    target, source = (api.get(f"/invoices/{one['id']}").ok() for one in (other, issued))
    assert (target["paid"], target["due"], source["paid"], source["refund_due"]) == ("31.00", "88.00", "119.00", "0.00")
    [refund] = [one for one in api.get(f"/invoices/{issued['id']}/payments").ok()["data"] if one["type"] == "refund"]
    assert (refund["source_id"], refund["counterpart_id"]) == (other["id"], payment["id"])
    for one in (other, issued):
        assert api.get(f"/invoices/{one['id']}/comments?action_key=PAYMENT").ok()["data"]


def test_credit_is_limited_to_its_amount_and_its_customer(api: Client, issued: dict[str, str]) -> None:
    pay(api, issued, "150.00", accept_overpayment=True)
    mine = api.post("/invoices", invoice_json(customer_id=issued["customer_id"])).ok(201)["id"]
    stranger = api.post("/customers", customer_json()).ok(201)["id"]
    theirs = api.post("/invoices", invoice_json(customer_id=stranger)).ok(201)["id"]
    for id_ in (mine, theirs):
        api.post(f"/invoices/{id_}/finalize").ok()
    asked = {"amount": "31.01", "method": "credit", "source_id": issued["id"]}
    assert api.post(f"/invoices/{mine}/payments", asked).code == "REFUND_EXCEEDS_CREDIT"
    assert api.post(f"/invoices/{theirs}/payments", {**asked, "amount": "1.00"}).code == "CREDIT_NOT_APPLICABLE"
    assert api.post(f"/invoices/{issued['id']}/payments", {**asked, "amount": "1.00"}).status == 422
    for wrong in ({"amount": "1.00", "method": "credit"}, {"amount": "1.00", "source_id": issued["id"]}):
        answer = api.post(f"/invoices/{mine}/payments", wrong)
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/source_id")
    assert api.get(f"/invoices/{issued['id']}").ok()["refund_due"] == "31.00"


def test_fifty_payments_at_one_moment_are_all_recorded(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "RETRY_SECONDS", math.inf)
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    untaxed = {"category": "E", "exemption_reason": "§ 4 UStG"}
    line = {"name": "Gebühr", "quantity": 1, "unit_price": "100.00", "tax": untaxed}
    draft = api.post("/invoices", invoice_json(customer_id=customer, lines=[line])).ok(201)["id"]
    invoice = api.post(f"/invoices/{draft}/finalize").ok()
    with meanwhile(*[lambda: pay(api, invoice, "1.00")] * 49):
        pay(api, invoice, "1.00")
    after = api.get(f"/invoices/{draft}").ok()
    assert (after["total"], after["paid"], after["due"]) == ("100.00", "50.00", "50.00")
    assert len(api.get(f"/invoices/{draft}/payments?limit=100").ok()["data"]) == 50


def test_a_race_is_decided_on_the_newest_state(api: Client, issued: dict[str, str]) -> None:
    with meanwhile(lambda: pay(api, issued, "100.00")):
        answer = api.post(f"/invoices/{issued['id']}/payments", {"amount": "119.00"})
    assert (answer.status, answer.code) == (422, "PAYMENT_EXCEEDS_DUE")
    assert api.get(f"/invoices/{issued['id']}").ok()["due"] == "19.00"


def test_if_match_is_compared_again_after_a_lost_race(api: Client, issued: dict[str, str]) -> None:
    headers = {"If-Match": f'"{issued["version"]}"'}
    [finalized] = details("invoice.finalized")
    with meanwhile(lambda: deliver("render_document", finalized)):
        paid = api.post(f"/invoices/{issued['id']}/payments", {"amount": "19.00"}, headers=headers)
    paid.ok(201)
    after = api.get(f"/invoices/{issued['id']}").ok()
    assert (after["due"], after["files"]["pdf"]["status"]) == ("100.00", "available")
    headers = {"If-Match": f'"{after["version"]}"'}
    with meanwhile(lambda: pay(api, issued, "1.00")):
        answer = api.post(f"/invoices/{issued['id']}/payments", {"amount": "19.00"}, headers=headers)
    assert (answer.status, answer.code) == (412, "VERSION_MISMATCH")
    assert api.get(f"/invoices/{issued['id']}").ok()["due"] == "99.00"


def test_a_repetition_that_wins_the_race_gives_the_response(api: Client, issued: dict[str, str]) -> None:
    body, headers = {"amount": "119.00"}, {"Idempotency-Key": "p"}
    path, first = f"/invoices/{issued['id']}/payments", []
    with meanwhile(lambda: first.append(api.post(path, body, headers=headers))):
        second = api.post(path, body, headers=headers)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert [answer.ok(201) for answer in first] == [second.ok(201)]
    assert len(api.get(path).ok()["data"]) == 1


def test_the_response_after_a_lost_race_is_stored_once(api: Client, issued: dict[str, str]) -> None:
    body, headers = {"amount": "19.00"}, {"Idempotency-Key": "p"}
    path = f"/invoices/{issued['id']}/payments"
    with meanwhile(lambda: pay(api, issued, "1.00"), lambda: pay(api, issued, "1.00")):
        first = api.post(path, body, headers=headers)
    again = api.post(path, body, headers=headers)
    assert (again.ok(201), again.headers["Idempotency-Replayed"]) == (first.ok(201), "true")
    assert api.get(f"/invoices/{issued['id']}").ok()["paid"] == "21.00"


def test_a_lasting_conflict_has_a_retry_after(
    api: Client, issued: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying, "RETRY_SECONDS", 0.0)
    with meanwhile(lambda: pay(api, issued, "1.00")):
        answer = api.post(f"/invoices/{issued['id']}/payments", {"amount": "19.00"})
    assert (answer.status, answer.code) == (409, "CONCURRENT_MODIFICATION")
    assert int(answer.headers["Retry-After"]) >= 1


def test_credit_of_an_unknown_document_is_refused(api: Client, issued: dict[str, str]) -> None:
    unknown = {"amount": "1.00", "method": "credit", "source_id": "inv_01JD8X2V6PZ3QK7M5T9WRC4HBN"}
    answer = api.post(f"/invoices/{issued['id']}/payments", unknown)
    assert (answer.status, answer.code, answer.json["errors"][0]["pointer"]) == (
        422,
        "CREDIT_NOT_APPLICABLE",
        "/source_id",
    )
