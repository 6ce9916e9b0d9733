"""PATCH /invoices/{invoice_id}/lines/{line_id}: B22."""

from decimal import Decimal

from tests.builders import invoice_json, line_json
from tests.catalogue import new_price
from tests.gateway import Client


def test_one_line_changes_and_the_others_stay(api: Client) -> None:
    draft = api.post("/invoices", invoice_json(lines=[line_json(), line_json(name="Öl", description="5 l")])).ok(201)
    first, second = draft["lines"]
    changed = api.patch(
        f"/invoices/{draft['id']}/lines/{second['id']}", {"quantity": 3, "description": None, "unit": "LTR"}
    ).ok()
    assert changed["lines"][0] == first
    line = changed["lines"][1]
    assert (line["id"], line["quantity"], line["description"], line["unit"]) == (second["id"], "3", None, "LTR")
    assert (line["net"], changed["total"]) == ("150.00", "297.50")


def test_a_line_of_another_draft_is_not_found(api: Client) -> None:
    draft, other = (api.post("/invoices", invoice_json()).ok(201) for _ in range(2))
    for line in (other["lines"][0]["id"], "lin_x"):
        answer = api.patch(f"/invoices/{draft['id']}/lines/{line}", {"name": "x"})
        assert (answer.status, answer.code) == (404, "LINE_NOT_FOUND")


def test_a_line_keeps_its_id_and_its_computed_fields(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)
    path = f"/invoices/{draft['id']}/lines/{draft['lines'][0]['id']}"
    for field in ("id", "tax_amount", "total"):
        answer = api.patch(path, {field: "1.00"})
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, f"/{field}")
    answer = api.patch(path, {"tax": {"category": "Z"}})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/tax/rate"), "a patch merges"


def test_a_net_from_another_system_stays_until_it_is_removed(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)
    path = f"/invoices/{draft['id']}/lines/{draft['lines'][0]['id']}"
    computed = Decimal(draft["lines"][0]["net"])
    given = f"{computed + Decimal('0.05')}"
    (line,) = api.patch(path, {"net": given}).ok()["lines"]
    assert (line["net"], line["net_given"]) == (given, True)
    (line,) = api.patch(path, {"name": "Umbenannt"}).ok()["lines"]
    assert (line["net"], line["net_given"]) == (given, True)
    answer = api.patch(path, {"net": f"{computed + Decimal('0.06')}"})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/lines/0/net")
    (line,) = api.patch(path, {"net": None}).ok()["lines"]
    assert (line["net"], line["net_given"]) == (f"{computed}", False)


def test_only_lines_of_drafts_change(api: Client, issued: dict[str, str]) -> None:
    line = api.get(f"/invoices/{issued['id']}").ok()["lines"][0]["id"]
    answer = api.patch(f"/invoices/{issued['id']}/lines/{line}", {"name": "x"})
    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert answer.json["allowed_actions"]


def test_the_version_is_that_of_the_draft(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)
    path = f"/invoices/{draft['id']}/lines/{draft['lines'][0]['id']}"
    api.patch(path, {"name": "a"}, headers={"If-Match": '"1"'}).ok()
    answer = api.patch(path, {"name": "b"}, headers={"If-Match": '"1"'})
    assert (answer.status, answer.code) == (412, "VERSION_MISMATCH")


def test_another_quantity_keeps_the_price_of_the_catalogue(api: Client) -> None:
    price = new_price(api)
    draft = api.post("/invoices", invoice_json(lines=[{"price_id": price}])).ok(201)
    changed = api.patch(f"/invoices/{draft['id']}/lines/{draft['lines'][0]['id']}", {"quantity": "5"}).ok()
    assert (changed["lines"][0]["price_id"], changed["lines"][0]["net"]) == (price, "60.00")
