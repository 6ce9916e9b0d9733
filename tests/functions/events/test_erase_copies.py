"""customer.erased → copies of the customer's personal data."""

import json
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from invoicing.aws.clients import client
from invoicing.core.identity import Role
from invoicing.erasure import workflow as erasing
from invoicing.store import idempotency as stored_responses
from invoicing.tenants.model import Tenant
from tests.aws import TABLE, AwsCalls
from tests.builders import customer_json, invoice_json
from tests.collection import IBAN, collectable_invoice, debtor, ready_to_collect
from tests.conftest import Clock
from tests.events import deliver, details, function, outbox, stream_event
from tests.functions.sepa_files.test_create_sepa_file import PATH, collect, transactions
from tests.functions.sepa_files.test_upload_sepa_file import method_of
from tests.gateway import Client
from tests.mails import as_asked, deliver_ses_event
from tests.uploads import keys
from tests.world import render, signed_in

PERSONAL = ("Rosa", "suess.example", "Hinterhof", "Marktplatz 9", "M-4711", "Portalia")
CUSTOMER = customer_json(
    name="Rosa Süß",
    first_name="Rosa",
    emails=["rosa@suess.example", "Rosa.Office@suess.example"],
    address={"line1": "Marktplatz 9", "city": "Leipzig", "country": "DE"},
    shipping_address={"line1": "Hinterhof 3", "city": "Leipzig", "country": "DE"},
    note="Rosa zahlt bar",
)
OF_ISSUED = {"invoice", "invoice_content", "dunning_document"}
"""Kinds of rows that keep the snapshot of an issued document."""


def draft_json(customer: str) -> dict[str, Any]:
    """A draft with all copies of its customer's data."""
    address = {"line1": "Hinterhof 3", "city": "Leipzig", "country": "DE"}
    return invoice_json(
        customer_id=customer,
        ship_to=address,
        customer_address=address,
        buyer_reference="Rosa",
        payment_method="sepa_direct_debit",
        mandate={"reference": "M-4711"},
        title="Rechnung",
    )


@pytest.fixture
def customer(api: Client) -> str:
    """A customer whose personal data is in every place that can copy it."""
    made = str(api.post("/customers", CUSTOMER, headers={"Idempotency-Key": "made"}).ok(201)["id"])
    api.patch(f"/customers/{made}", {"phone": "Rosa"}).ok()
    return made


@pytest.fixture
def draft(api: Client, customer: str) -> str:
    """A draft with all its fields about its customer."""
    return str(api.post("/invoices", draft_json(customer), headers={"Idempotency-Key": "drafted"}).ok(201)["id"])


@pytest.fixture
def mailed(api: Client, customer: str, tenant: Tenant, at: Clock, aws: AwsCalls) -> str:
    """An issued invoice whose mail bounced. Another mail waits to be sent."""
    issued = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)
    issued = api.post(f"/invoices/{issued['id']}/finalize").ok()
    render(tenant.id, issued, at.now)
    path = f"/invoices/{issued['id']}"
    api.post(f"{path}/send", {"message": "Liebe Rosa"}, headers={"Idempotency-Key": "sent"}).ok(202)
    assert deliver("send_email", *details("email.requested")) == []
    deliver_ses_event("Bounce", as_asked(details("email.requested")[0]), "0", bounced=["rosa@suess.example"])
    api.post(f"{path}/send", {"to": ["rosa.office@suess.example"]}).ok(202)
    return str(issued["id"])


@pytest.fixture
def portal(api: Client, customer: str, tenant: Tenant) -> Client:
    """A portal user of the customer, who has made an entry."""
    return signed_in(
        tenant, Role.CUSTOMER, customer_id=customer, email="portal@suess.example", first_name="Portalia", last_name="X"
    )


def erase(api: Client, customer: str) -> dict[str, Any]:
    """The event of an erasure."""
    api.post(f"/customers/{customer}/erase", raw=b"").ok()
    [event] = details("customer.erased")
    return event


def run(event: dict[str, Any]) -> None:
    """Deliver the erasure to all its consumers."""
    assert deliver("erase_copies", event) == []
    assert deliver("refresh_customer_copies", event) == []


def found(*texts: str) -> Iterator[tuple[str, str]]:
    """The places of personal data in the table: the kind of row, and the text."""
    paginator: Any = client("dynamodb").scan(TableName=TABLE)["Items"]
    for item in paginator:
        parts = zlib.decompress(bytes(item["part"]["B"])).decode() if "part" in item else ""
        whole = f"{item}{parts}"
        for text in texts:
            if re.search(re.escape(text), whole, re.IGNORECASE):
                yield item["entity"]["S"], f"{item['SK']['S']} {text}"


def test_personal_data_is_left_in_issued_documents_only(
    api: Client, customer: str, draft: str, mailed: str, portal: Client, tenant: Tenant
) -> None:
    portal.post(f"/invoices/{mailed}/download-links").ok(201)
    assert {entity for entity, _ in found(*PERSONAL)} > OF_ISSUED - {"dunning_document"} | {"mail", "user", "activity"}
    run(erase(api, customer))
    published: Any = function("publish_outbox").declaration(stream_event(outbox()), None)
    assert published["batchItemFailures"] == []
    left = [(entity, place) for entity, place in found(*PERSONAL) if entity not in OF_ISSUED]
    assert left == []
    shown = api.get(f"/invoices/{mailed}").ok()
    assert shown["customer"]["name"] == "Rosa Süß"


def test_draft_loses_the_customer_and_keeps_its_texts(api: Client, customer: str, draft: str) -> None:
    run(erase(api, customer))
    shown = api.get(f"/invoices/{draft}").ok()
    names = ("customer", "customer_address", "ship_to", "buyer_reference", "mandate", "card")
    assert [name for name in names if shown[name] is not None] == []
    assert (shown["customer_name"], shown["title"], shown["customer_id"]) == ("—", "Rechnung", customer)


def test_portal_user_is_locked_out_at_once(api: Client, customer: str, mailed: str, portal: Client) -> None:
    assert portal.get("/invoices").status == 200
    event = erase(api, customer)
    assert portal.get("/invoices").status == 401, "before any consumer runs"
    run(event)
    assert portal.user
    user = api.get(f"/users/{portal.user.id}").ok()
    assert (user["first_name"], user["last_name"], user["deactivated"]) == ("—", "—", True)
    assert user["email"].endswith("@erased.invalid")
    [key] = api.get(f"/api-keys?user_id={portal.user.id}").ok()["data"]
    assert (key["name"], bool(key["revoked_at"])) == ("—", True)
    api.post("/users", {"email": "portal@suess.example", "first_name": "A", "last_name": "B", "role": "member"}).ok(201)
    answer = api.patch(f"/users/{portal.user.id}", {"deactivated": False})
    assert (answer.status, answer.code) == (409, "CUSTOMER_ERASED")


def test_an_erased_customer_gets_no_portal_user(api: Client, customer: str) -> None:
    run(erase(api, customer))
    person = {"email": "a@b.example", "first_name": "A", "last_name": "B", "role": "customer", "customer_id": customer}
    answer = api.post("/users", person)
    assert (answer.status, answer.code) == (404, "CUSTOMER_NOT_FOUND")


def test_mail_that_waits_is_not_sent_any_more(api: Client, customer: str, mailed: str, aws: AwsCalls) -> None:
    run(erase(api, customer))
    before = aws.names["ses:SendEmail"]
    assert deliver("send_email", *details("email.requested")) == []
    assert aws.names["ses:SendEmail"] == before


@pytest.mark.parametrize("key", ["made", "drafted", "sent"])
def test_stored_response_is_erased_and_the_request_not_repeated(
    api: Client, customer: str, draft: str, mailed: str, key: str
) -> None:
    asked = {
        "made": ("/customers", CUSTOMER),
        "drafted": ("/invoices", draft_json(customer)),
        "sent": (f"/invoices/{mailed}/send", {"message": "Liebe Rosa"}),
    }[key]
    assert api.post(*asked, headers={"Idempotency-Key": key}).headers["Idempotency-Replayed"] == "true"
    run(erase(api, customer))
    answer = api.post(*asked, headers={"Idempotency-Key": key})
    assert (answer.status, answer.code) == (410, "ANSWER_ERASED")


def test_erasing_again_with_the_same_key_replays_the_response(api: Client, customer: str) -> None:
    path, key = f"/customers/{customer}/erase", {"Idempotency-Key": "erased"}
    first = api.post(path, raw=b"", headers=key).ok()
    run(details("customer.erased")[0])
    assert api.post(path, raw=b"", headers=key).ok() == first


@pytest.mark.parametrize("stops_at", ["_erase_user", "_erase_draft", "_erase_mail", "_erase_links", "_erase_entry"])
def test_interrupted_run_continues(
    api: Client, customer: str, draft: str, mailed: str, portal: Client, stops_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal.post(f"/invoices/{mailed}/download-links").ok(201)
    event = erase(api, customer)

    def stop(*_: Any) -> None:
        raise TimeoutError

    with monkeypatch.context() as patched:
        patched.setattr(erasing, stops_at, stop)
        assert deliver("erase_copies", event) == [event["id"]]
    run(event)
    assert {entity for entity, _ in found("M-4711")} == set()
    assert "mail" not in {entity for entity, _ in found("suess.example")}


def test_second_delivery_changes_nothing(
    api: Client, customer: str, draft: str, mailed: str, portal: Client, stored_text: Callable[[], str]
) -> None:
    event = erase(api, customer)
    run(event)
    before = stored_text()
    run(event)
    assert stored_text() == before


def test_other_customers_keep_everything(api: Client, customer: str, stored_text: Callable[[], str]) -> None:
    other = api.post("/customers", customer_json(), headers={"Idempotency-Key": "other"}).ok(201)
    draft = api.post("/invoices", invoice_json(customer_id=other["id"], buyer_reference="B-1")).ok(201)
    run(erase(api, customer))
    assert api.get(f"/customers/{other['id']}").ok() == other
    assert api.get(f"/invoices/{draft['id']}").ok() == draft
    assert api.post("/customers", customer_json(), headers={"Idempotency-Key": "other"}).status == 201


def test_a_deleted_customer_needs_no_erasure(api: Client, customer: str) -> None:
    event = erase(api, customer)
    api.delete(f"/customers/{customer}").ok(204)
    assert deliver("erase_copies", event) == []


def test_response_in_several_parts_is_erased_completely(
    api: Client, customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_responses, "PART_BYTES", 100)
    key = {"Idempotency-Key": "long"}
    body = customer_json(name="Rosa", external_id="x")
    made = api.post("/customers", body, headers=key).ok(201)["id"]
    assert json.loads(api.post("/customers", body, headers=key).text)["id"] == made
    api.post(f"/customers/{made}/erase", raw=b"").ok()
    run(details("customer.erased")[-1])
    assert api.post("/customers", body, headers=key).code == "ANSWER_ERASED"


def test_mails_with_statements_lose_their_file_and_addresses(api: Client, customer: str) -> None:
    api.post(f"/customers/{customer}/statement/send").ok(202)
    assert len(keys(api.tenant_id)) == 1
    api.post(f"/customers/{customer}/erase", raw=b"").ok()
    for _ in range(2):
        assert deliver("erase_copies", *details("customer.erased")) == []
    assert keys(api.tenant_id) == []
    assert deliver("send_email", *details("statement.requested")) == []
    assert details("statement.sent") == []


def test_accounts_are_erased_after_the_cancellation_of_debits(api: Client) -> None:
    ready_to_collect(api)
    erased, waiting, other = (debtor(api) for _ in range(3))
    invoices = {collectable_invoice(api, one): one for one in (erased, waiting, other)}
    file = collect(api, *invoices).ok(201)
    for one in (erased, waiting):
        api.post(f"/customers/{one}/erase", raw=b"").ok()
    assert deliver("erase_copies", *details("customer.erased")) == []
    canceled = [one["id"] for one in transactions(api, file) if invoices[one["invoice_id"]] != waiting]
    api.post(f"{PATH}/{file['id']}/cancel", {"transaction_ids": canceled}).ok()
    for _ in range(2):
        assert deliver("erase_copies", *details("sepa_file.written")) == []
    methods = [method_of(api, one) for one in (erased, waiting, other)]
    assert [(one["status"], one["iban"]) for one in methods] == [("revoked", None), ("revoked", IBAN), ("active", IBAN)]
