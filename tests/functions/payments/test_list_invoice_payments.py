"""GET /invoices/{invoice_id}/payments: B30."""

from tests.aws import AwsCalls
from tests.builders import invoice_json
from tests.gateway import Client


def test_the_payments_of_an_invoice_are_listed_newest_first(api: Client, issued: dict[str, str], aws: AwsCalls) -> None:
    path = f"/invoices/{issued['id']}/payments"
    made = [api.post(path, {"amount": f"{amount}.00"}).ok(201) for amount in (1, 2, 3)]
    with aws.only("list_invoice_payments") as calls:
        answer = api.get(path).ok()
    assert sorted(answer["data"], key=lambda one: one["amount"]) == made
    assert calls.names == {"dynamodb:Query": 1}


def test_an_invoice_without_payments_has_an_empty_list(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)
    assert api.get(f"/invoices/{draft['id']}/payments").ok()["data"] == []


def test_an_invoice_of_another_tenant_is_not_found(api: Client, stranger: Client) -> None:
    theirs = stranger.post("/invoices", invoice_json()).ok(201)
    answer = api.get(f"/invoices/{theirs['id']}/payments")
    assert (answer.status, answer.code) == (404, "INVOICE_NOT_FOUND")


def test_payments_on_documents_of_unstored_buyers_are_listed(api: Client) -> None:
    buyer = {"name": "Laufkundschaft", "address": {"city": "Leipzig", "country": "DE"}}
    draft = api.post("/invoices", invoice_json(customer=buyer)).ok(201)
    issued = api.post(f"/invoices/{draft['id']}/finalize", {"due_date": "2027-01-31"}).ok()
    made = api.post(f"/invoices/{issued['id']}/payments", {"amount": "1.00"}).ok(201)
    assert made["customer_id"] is None
    assert api.get(f"/invoices/{issued['id']}/payments").ok()["data"] == [made]
