"""Invoices ask for the RF reference of their number, if the tenant wants that, and payments by it are found."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from stdnum import iso11649

from invoicing.core.identity import Caller
from invoicing.documents.letter import letter
from invoicing.invoices.model import Invoice
from invoicing.store.session import Session
from invoicing.store.store import Store
from tests import billing
from tests.aws import AwsCalls
from tests.bank import Month, Movement, feed
from tests.builders import NOON, customer_json, invoice_json
from tests.events import deliver, details
from tests.gateway import Client, Response

REFERENCE = "RF94INV2026000001"
SUPPLIER = {"bank_accounts": [{"id": "main", "iban": "DE75512108001245126199"}], "tax_number": "12/345/67890"}
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def _wanted(api: Client) -> None:
    api.patch("/tenant", {"payment_reference_format": "rf"}).ok()


def issue(api: Client, **fields: object) -> Response:
    if "customer_id" not in fields:
        fields["customer_id"] = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(**fields)).ok(201)
    return api.post(f"/invoices/{draft['id']}/finalize")


def paid_with(api: Client, text: str) -> Json:
    """The transaction with this text after the rule saw it."""
    [made] = api.post("/bank-transactions", feed(Month([Movement(date(2026, 3, 2), Decimal("119.00"), text)]))).ok()[
        "data"
    ]
    assert deliver("allocate_bank_transactions", *details("bank_transaction.received")) == []
    found: Json = api.get(f"/bank-transactions/{made['transaction_id']}").ok()
    return found


def test_an_invoice_shows_its_reference_everywhere(api: Client, einvoicing: None) -> None:
    issued = issue(api).ok()
    assert issued["payment_reference"] == REFERENCE
    assert iso11649.is_valid(REFERENCE)
    document = Store(Session(Caller.system(api.tenant_id), NOON)).get(Invoice, issued["id"])
    payment = letter(document)["payment"]
    assert ["Verwendungszweck", REFERENCE] in payment["accounts"][0]
    assert payment["code"].split("\n")[-1] == REFERENCE
    xml = api.get(f"/invoices/{issued['id']}/xml?format=zugferd").text
    assert f"<ram:PaymentReference>{REFERENCE}</ram:PaymentReference>" in xml
    link = api.post(f"/invoices/{issued['id']}/page-links").ok(201)["url"].partition("/v1")[2]
    page = Client(None).get(link, headers={"User-Agent": "Firefox"}).text
    assert REFERENCE in page
    assert "<dd>INV-2026-000001</dd>" not in page


@pytest.mark.parametrize("written", [REFERENCE, "RF94 INV2 0260 0000 1 danke", "rf94inv2026000001"])
def test_a_payment_by_the_reference_is_allocated(api: Client, written: str) -> None:
    issued = issue(api).ok()
    found = paid_with(api, f"Zahlung {written}")
    assert [one["target_id"] for one in found["allocations"]] == [issued["id"]]


def test_a_reference_is_found_after_the_pattern_changed(api: Client) -> None:
    issued = issue(api).ok()
    api.patch("/tenant", {"number_series": {"invoice": {"pattern": "R{yyyy}/{n:05}"}}}).ok()
    assert [one["target_id"] for one in paid_with(api, REFERENCE)["allocations"]] == [issued["id"]]


def test_leading_zeros_of_a_reference_do_not_matter(api: Client) -> None:
    api.patch("/tenant", {"number_series": {"invoice": {"pattern": "{n:06}-{yyyy}"}}}).ok()
    reference = issue(api).ok()["payment_reference"]
    assert reference[4:] == "0000012026"
    assert paid_with(api, reference[:4] + "12026")["status"] == "allocated"


def test_documents_without_payments_of_customers_have_none(api: Client, aws: AwsCalls) -> None:
    own = issue(api, payment_reference="Projekt 7").ok()
    assert own["payment_reference"] == "Projekt 7"
    tax = {"category": "S", "rate": "19"}
    credit = {"customer_id": own["customer_id"], "amount": "-10.00", "description": "Kulanz", "tax": tax}
    assert api.post("/invoices/adjustments", credit).ok(201)["payment_reference"] is None
    supplier = api.post("/customers", customer_json(name="Zulieferer AG", supplier=SUPPLIER)).ok(201)["id"]
    owed = credit | {"customer_id": supplier, "amount": "10.00", "type_code": "389"}
    assert api.post("/invoices/adjustments", owed).ok(201)["payment_reference"] is None
    canceled = api.post(f"/invoices/{issue(api).ok()['id']}/cancel").ok()
    assert api.get(f"/invoices/{canceled['cancellation_id']}").ok()["payment_reference"] is None
    api.patch("/tenant", {"payment_reference_format": "number"}).ok()
    assert issue(api).ok()["payment_reference"] is None


def test_a_billing_run_gives_each_invoice_its_reference(api: Client, aws: AwsCalls) -> None:
    ids = billing.drafts(api, 3)
    billing.finished(api, aws, billing.start(api, ids))
    found = [api.get(f"/invoices/{id_}").ok() for id_ in ids]
    assert {one["payment_reference"][4:] for one in found} == {one["number"].replace("-", "") for one in found}


def test_two_documents_never_have_one_reference(api: Client) -> None:
    issue(api).ok()
    series = {"pattern": "INV{yyyy}{n:06}", "yearly_reset": False}
    api.patch("/tenant", {"number_series": {"invoice": series}}).ok()
    refused = issue(api)
    assert (refused.status, refused.code) == (422, "NUMBER_TAKEN")
    assert issue(api, payment_reference="Projekt 7").ok()["number"] == "INV2026000001"
    assert issue(api).ok()["payment_reference"][4:] == "INV2026000002"


@pytest.mark.parametrize(
    ("series", "name"),
    [
        ({"invoice": {"pattern": "RECHNUNGEN-{yyyy}-{n:06}"}}, "invoice"),
        ({"invoice_b2b": {"name": "invoice_b2b", "pattern": "INV/{yyyy}-{n:06}"}}, "invoice_b2b"),
    ],
)
def test_series_without_references_of_their_own_are_refused(api: Client, series: Json, name: str) -> None:
    refused = api.patch("/tenant", {"number_series": series})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, f"/number_series/{name}/pattern")
    api.patch("/tenant", {"payment_reference_format": "number"}).ok()
    api.patch("/tenant", {"number_series": series}).ok()
    refused = api.patch("/tenant", {"payment_reference_format": "rf"})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, f"/number_series/{name}/pattern")
    # Numbers of other documents have no references.
    api.patch("/tenant", {"number_series": {"credit_note": {"pattern": "RECHNUNGSKORREKTUR-{yyyy}-{n:06}"}}}).ok()
