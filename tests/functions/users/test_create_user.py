"""POST /users: C13."""

import pytest

from invoicing.core.ids import new_id
from invoicing.tenants.model import Tenant
from tests import builders
from tests.aws import seed_key
from tests.builders import NOON, customer_json
from tests.gateway import Client

UNKNOWN = new_id("cus", NOON)


PERSON = {"email": "bo@nordlicht.example", "first_name": "Bo", "last_name": "Buch", "role": "bookkeeper"}


def test_a_user_is_created_with_a_role(api: Client) -> None:
    made = api.post("/users", PERSON).ok(201)
    assert made["id"].startswith("usr_")
    assert (made["role"], made["deactivated"], made["version"]) == ("bookkeeper", False, 1)
    assert api.get(f"/users/{made['id']}").ok() == made


def test_an_address_belongs_to_one_user_in_any_case(api: Client) -> None:
    api.post("/users", PERSON).ok(201)
    answer = api.post("/users", {**PERSON, "email": "BO@nordlicht.example"})
    assert (answer.status, answer.code, answer.json["errors"][0]["pointer"]) == (409, "DUPLICATE_EMAIL", "/email")


def test_only_a_portal_user_belongs_to_a_customer(api: Client) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    portal = {**PERSON, "role": "customer"}
    assert api.post("/users", portal).code == "CUSTOMER_MISMATCH"
    assert api.post("/users", {**PERSON, "customer_id": customer}).code == "CUSTOMER_MISMATCH"
    assert api.post("/users", {**portal, "customer_id": UNKNOWN}).code == "CUSTOMER_NOT_FOUND"
    assert api.post("/users", {**portal, "customer_id": customer}).ok(201)["customer_id"] == customer


def test_a_key_creates_no_user_with_more_scopes(tenant: Tenant, secret: str) -> None:
    seed_key(tenant.id, builders.user(), secret, scopes=frozenset({"user:write", "invoice:read"}))
    answer = Client(secret).post("/users", {**PERSON, "role": "admin"})
    assert (answer.status, answer.code) == (403, "INSUFFICIENT_PERMISSIONS")


@pytest.mark.parametrize("field", ["tenant_id", "id", "version", "created_by"])
def test_clients_cannot_set_fields_of_the_server(api: Client, field: str) -> None:
    answer = api.post("/users", {**PERSON, field: "x"})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, f"/{field}")
