"""PATCH /products/{product_id}"""

from tests.builders import product_json
from tests.catalogue import PLANS
from tests.events import details
from tests.gateway import Client


def test_a_change_replaces_the_given_fields(api: Client) -> None:
    path = f"/products/{api.post('/products', product_json()).ok(201)['id']}"
    changed = api.patch(path, {"name": {"fr": "Poste"}, "accounting_code": "8400"}).ok()
    assert changed["name"] == {"en": "Seat", "de": "Platz", "fr": "Poste"}
    assert (changed["code"], changed["accounting_code"], changed["version"]) == ("SEAT", "8400", 2)
    [event] = details("product.updated")
    assert set(event["data"]["changed"]) == {"accounting_code", "name"}


def test_archiving_has_an_event_of_its_own(api: Client) -> None:
    path = f"/products/{api.post('/products', product_json()).ok(201)['id']}"
    api.patch(path, {"archived_at": "2026-03-10T12:00:00Z"}).ok()
    api.patch(path, {"archived_at": None}).ok()
    assert (len(details("product.archived")), len(details("product.updated"))) == (1, 1)


def test_a_product_can_get_a_free_code_only(api: Client) -> None:
    one, _ = (api.post("/products", product_json(code=code)).ok(201)["id"] for code in ("A", "B"))
    assert api.patch(f"/products/{one}", {"code": "B"}).code == "PRODUCT_CODE_TAKEN"
    api.patch(f"/products/{one}", {"code": "C"}).ok()
    api.post("/products", product_json(code="A")).ok(201)


def test_a_family_is_checked_when_it_changes(api: Client) -> None:
    api.patch("/tenant", PLANS).ok()
    path = f"/products/{api.post('/products', product_json(family='plans')).ok(201)['id']}"
    api.patch("/tenant", {"product_families": []}).ok()
    assert api.patch(path, {"unit": "HUR"}).ok()["family"] == "plans"
    assert api.patch(path, {"family": "addons"}).code == "REFERENCE_NOT_FOUND"
    assert api.patch(path, {"family": None}).ok()["family"] is None


def test_archiving_is_no_schedule(api: Client) -> None:
    path = f"/products/{api.post('/products', product_json()).ok(201)['id']}"
    answer = api.patch(path, {"archived_at": "2026-03-11T12:00:00Z"})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/archived_at")
