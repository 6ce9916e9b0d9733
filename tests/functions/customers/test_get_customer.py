"""GET /customers/{customer_id}."""

from tests.builders import customer_json
from tests.gateway import Client


def test_a_customer_is_shown_as_stored(api: Client) -> None:
    made = api.post("/customers", customer_json()).ok(201)
    answer = api.get(f"/customers/{made['id']}")
    assert (answer.ok(), answer.headers["ETag"]) == (made, '"1"')


def test_another_tenants_customer_is_not_found(api: Client, stranger: Client) -> None:
    theirs = stranger.post("/customers", customer_json()).ok(201)["id"]
    answers = [api.get(f"/customers/{id_}") for id_ in (theirs, "cus_7")]
    assert {(answer.status, answer.code) for answer in answers} == {(404, "CUSTOMER_NOT_FOUND")}
