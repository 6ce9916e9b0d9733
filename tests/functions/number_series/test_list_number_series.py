"""GET /number-series: A29."""

from typing import Any

from invoicing.numbering.model import NumberSeries
from invoicing.tenants.model import Tenant
from tests.aws import AwsCalls, seed
from tests.builders import customer_json, invoice_json
from tests.conftest import Clock
from tests.gateway import Client


def stands(api: Client, query: str = "") -> dict[str, tuple[Any, ...]]:
    data = api.get(f"/number-series{query}").ok()["data"]
    return {one["name"]: (one["year"], one["first"], one["next"], one["next_number"]) for one in data}


def issue(api: Client, customer: str, **body: Any) -> str:
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    return str(api.post(f"/invoices/{draft}/finalize", body).ok()["number"])


def test_each_type_of_document_has_its_own_counter(api: Client, issued: dict[str, Any]) -> None:
    api.post(f"/invoices/{issued['id']}/credit", {"amount": "1.00"}).ok(201)
    api.post(f"/invoices/{issued['id']}/cancel").ok()
    assert stands(api) == {
        "invoice": (2026, 1, 2, "INV-2026-000002"),
        "credit_note": (2026, 1, 2, "CN-2026-000002"),
        "cancellation": (2026, 1, 2, "CAN-2026-000002"),
        "dunning": (2026, 1, 1, "DUN-2026-000001"),
    }


def test_a_back_dated_document_continues_the_old_year(api: Client, at: Clock) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    at.now = at.now.replace(year=2025, month=12)
    assert issue(api, customer) == "INV-2025-000001"
    at.now = at.now.replace(year=2026, month=1)
    assert issue(api, customer) == "INV-2026-000001"
    assert issue(api, customer, issue_date="2025-12-30") == "INV-2025-000002"
    assert issue(api, customer) == "INV-2026-000002"
    assert stands(api, "?year=2025")["invoice"] == (2025, 1, 3, "INV-2025-000003")
    assert stands(api, "?year=2024")["invoice"] == (2024, 1, 1, "INV-2024-000001")


def test_the_year_is_that_of_the_tenants_zone(api: Client, at: Clock) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    at.now = at.now.replace(year=2026, month=12, day=31, hour=23, minute=30)
    assert issue(api, customer) == "INV-2027-000001", "it is 2027 in Berlin already"
    assert stands(api)["invoice"][0] == 2027


def test_a_series_can_continue_from_another_system(api: Client, at: Clock) -> None:
    api.patch("/tenant", {"number_series": {"invoice": {"first_number": 471, "first_year": 2026}}}).ok()
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    assert issue(api, customer) == "INV-2026-000471"
    api.patch("/tenant", {"number_series": {"invoice": {"first_number": 1}}}).ok()
    assert issue(api, customer) == "INV-2026-000472", "a number once given is never given again"
    assert stands(api)["invoice"] == (2026, 471, 473, "INV-2026-000473")
    at.now = at.now.replace(year=2027)
    assert issue(api, customer) == "INV-2027-000001"


def test_a_series_without_reset_continues(api: Client, at: Clock) -> None:
    endless = {"pattern": "R{yy}{mm}-{n:04}", "yearly_reset": False}
    api.patch("/tenant", {"number_series": {"invoice": endless}}).ok()
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    assert issue(api, customer) == "R2603-0001"
    at.now = at.now.replace(year=2027)
    assert issue(api, customer) == "R2703-0002"
    assert stands(api)["invoice"] == (None, 1, 3, "R2703-0003")


def test_a_customer_group_can_have_its_own_series(api: Client) -> None:
    own = {name: {"name": name, "pattern": pattern} for name, pattern in (
        ("invoice_b2b", "B-{yyyy}-{n}"), ("cancellation_b2b", "BX-{yyyy}-{n}"))}  # fmt: skip
    api.patch("/tenant", {"number_series": own}).ok()
    business = api.post("/customers", customer_json(group="b2b")).ok(201)["id"]
    school = api.post("/customers", customer_json(group="school")).ok(201)["id"]
    numbers = [issue(api, customer) for customer in (business, school, business)]
    assert numbers == ["B-2026-1", "INV-2026-000001", "B-2026-2"]
    first, shared, second = (api.get(f"/invoices?number={number}").ok()["data"][0] for number in numbers)
    assert [one["series"] for one in (first, shared, second)] == ["invoice_b2b", "invoice", "invoice_b2b"]
    api.post(f"/invoices/{first['id']}/cancel").ok()
    cancellation = api.get("/invoices?type=cancellation").ok()["data"][0]
    assert (cancellation["number"], cancellation["series"]) == ("BX-2026-1", "cancellation_b2b")
    note = api.post(f"/invoices/{second['id']}/credit").ok(201)
    assert (note["number"], note["series"]) == ("CN-2026-000001", "credit_note")


def test_numbers_are_unique_across_document_types(api: Client, issued: dict[str, Any], tenant: Tenant) -> None:
    clash = NumberSeries(name="credit_note", pattern="INV-{yyyy}-00000{n}")
    seed(tenant.id, tenant.model_copy(update={"number_series": {**tenant.number_series, "credit_note": clash}}))
    answer = api.post(f"/invoices/{issued['id']}/credit", {"amount": "1.00"})
    assert (answer.status, answer.code) == (422, "NUMBER_TAKEN")
    assert stands(api)["credit_note"][2] == 1, "no number is spent"


def test_it_takes_two_round_trips(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    with aws.only("list_number_series") as calls:
        api.get("/number-series").ok()
    assert calls.names == {"dynamodb:GetItem": 1, "dynamodb:BatchGetItem": 1}


def test_invalid_parameters_are_refused_with_a_pointer(api: Client) -> None:
    for query in ("year=x", "year=0", "surprise=1"):
        answer = api.get(f"/number-series?{query}")
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, f"?{query.partition('=')[0]}")
