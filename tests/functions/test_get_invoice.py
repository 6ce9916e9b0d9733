"""GET /invoices/{invoice_id}."""

from collections.abc import Callable

from invoicing.domain.identity import Role
from invoicing.domain.ids import new_id
from tests.aws import AwsCalls
from tests.builders import NOON, customer_json, invoice_json
from tests.gateway import Client


def test_an_invoice_is_read_in_one_round_trip(api: Client, aws: AwsCalls) -> None:
    draft = api.post("/invoices", invoice_json(note="Danke", metadata={"shop": "4711"})).ok(201)
    with aws.only("get_invoice") as calls:
        answer = api.get(f"/invoices/{draft['id']}")
    assert answer.ok() == draft
    assert answer.headers["ETag"] == '"1"'
    assert calls.names == {"dynamodb:Query": 1}


def test_foreign_missing_and_malformed_ids_get_the_same_answer(api: Client, stranger: Client) -> None:
    theirs = stranger.post("/invoices", invoice_json()).ok(201)["id"]
    answers = [api.get(f"/invoices/{id_}") for id_ in (theirs, new_id("inv", NOON), "inv_x", "cus_1")]
    assert {answer.status for answer in answers} == {404}
    assert len({answer.text.replace(answer.headers["X-Request-Id"], "") for answer in answers}) == 1
    assert answers[0].code == "INVOICE_NOT_FOUND"


def test_a_member_sees_own_invoices_and_those_of_owned_customers(sign_in: Callable[..., Client]) -> None:
    admin, member = sign_in(), sign_in(Role.MEMBER)
    assert member.user
    owned = admin.post("/customers", customer_json(owner_id=member.user.id)).ok(201)
    for_owned = admin.post("/invoices", invoice_json(customer_id=owned["id"])).ok(201)
    own = member.post("/invoices", invoice_json()).ok(201)
    other = admin.post("/invoices", invoice_json()).ok(201)
    assert [member.get(f"/invoices/{one['id']}").status for one in (for_owned, own, other)] == [200, 200, 403]
    assert member.get(f"/invoices/{other['id']}").code == "ACCESS_DENIED"


def test_parameters_nobody_asked_for_are_refused(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)
    answer = api.get(f"/invoices/{draft['id']}?expand=lines")
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "?expand")


def test_without_a_key_nothing_is_shown(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)
    assert Client("ik_test_unknown").get(f"/invoices/{draft['id']}").status == 401
