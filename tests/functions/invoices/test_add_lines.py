"""POST /invoices/{invoice_id}/lines: B22, E09."""

from tests.aws import AwsCalls
from tests.builders import invoice_json, line_json
from tests.catalogue import TIERS, new_price
from tests.gateway import Client


def test_lines_are_appended_and_the_totals_updated(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)
    added = [line_json(name="Öl", unit_price="10.00"), line_json(name="Fett", tax={"category": "S", "rate": "7"})]
    answer = api.post(f"/invoices/{draft['id']}/lines", {"lines": added})
    changed = answer.ok(201)
    assert [line["name"] for line in changed["lines"]] == ["Bohrfutter", "Öl", "Fett"]
    assert changed["lines"][0] == draft["lines"][0]
    assert len({line["id"] for line in changed["lines"]}) == 3
    assert (changed["subtotal"], changed["tax"], changed["total"]) == ("220.00", "29.80", "249.80")
    assert (changed["version"], answer.headers["ETag"]) == (2, '"2"')
    assert answer.headers["Location"] == f"/v1/invoices/{draft['id']}"
    assert api.get(f"/invoices/{draft['id']}").ok() == changed


def test_it_takes_three_round_trips(api: Client, aws: AwsCalls) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)["id"]
    with aws.only("add_lines") as calls:
        api.post(f"/invoices/{draft}/lines", {"lines": [line_json()]}).ok(201)
    assert calls.names == {"dynamodb:Query": 1, "dynamodb:BatchGetItem": 1, "dynamodb:TransactWriteItems": 1}


def test_a_repeated_request_adds_once(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)["id"]
    for _ in range(2):
        api.post(f"/invoices/{draft}/lines", {"lines": [line_json()]}, headers={"Idempotency-Key": "a"}).ok(201)
    assert len(api.get(f"/invoices/{draft}").ok()["lines"]) == 2


def test_mistakes_have_a_pointer_and_add_no_line(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)["id"]
    path = f"/invoices/{draft}/lines"
    answer = api.post(path, {"lines": [line_json(), line_json(unit_price=5)]})
    assert (answer.code, answer.json["errors"][0]["pointer"]) == ("INVALID_TYPE", "/lines/1/unit_price")
    assert api.post(path, {"lines": []}).status == 400
    assert api.post(path, {"lines": [line_json(id=draft)]}).json["errors"][0]["pointer"] == "/lines/0/id"
    answer = api.post(path, {"lines": [line_json(quantity="-9")]})
    assert (answer.status, answer.code) == (422, "NEGATIVE_TOTAL")
    answer = api.post(path, {"lines": [line_json(discount={"amount": "100.01"})]})
    assert answer.json["errors"][0]["pointer"] == "/lines/1/discount/amount", "where it stands in the draft"
    answer = api.post(path, {"lines": [line_json()] * 1_000})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/lines")
    assert len(api.get(f"/invoices/{draft}").ok()["lines"]) == 1


def test_only_drafts_get_lines(api: Client, issued: dict[str, str]) -> None:
    answer = api.post(f"/invoices/{issued['id']}/lines", {"lines": [line_json()]})
    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert "credit" in answer.json["allowed_actions"]
    assert "update" not in answer.json["allowed_actions"]


def test_a_stale_version_is_refused(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)["id"]
    path, body = f"/invoices/{draft}/lines", {"lines": [line_json()]}
    api.post(path, body, headers={"If-Match": '"1"'}).ok(201)
    assert api.post(path, body, headers={"If-Match": '"1"'}).code == "VERSION_MISMATCH"


def test_lines_with_prices_are_appended(api: Client) -> None:
    price = new_price(api, **TIERS)
    draft = api.post("/invoices", invoice_json()).ok(201)
    path = f"/invoices/{draft['id']}/lines"
    changed = api.post(path, {"lines": [line_json(), {"price_id": price, "quantity": "11"}]}).ok(201)
    assert [line["price_tier"] for line in changed["lines"]] == [None, None, 1, 2]
    assert changed["lines"][0] == draft["lines"][0]
    missing = {"price_id": "prc_01JD8X2V6PZ3QK7M5T9WRC4HBN"}
    refused = api.post(path, {"lines": [line_json(), missing]})
    assert (refused.code, refused.json["errors"][0]["pointer"]) == ("REFERENCE_NOT_FOUND", "/lines/1/price_id")
