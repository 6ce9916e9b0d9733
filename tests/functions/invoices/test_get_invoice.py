"""GET /invoices/{invoice_id}."""

from collections.abc import Callable
from typing import Any

import pytest

from invoicing.core.identity import Role
from invoicing.core.ids import new_id
from tests.aws import AwsCalls
from tests.builders import NOON, customer_json, invoice_json, line_json
from tests.conftest import Clock
from tests.events import details
from tests.gateway import Client
from tests.reads import FAULTS, deferred, no_writes


def test_an_invoice_is_read_in_one_round_trip(api: Client, aws: AwsCalls) -> None:
    draft = api.post("/invoices", invoice_json(note="Danke", metadata={"shop": "4711"})).ok(201)
    with aws.only("get_invoice") as calls:
        answer = api.get(f"/invoices/{draft['id']}")
    assert answer.ok() == draft
    assert answer.headers["ETag"] == '"1"'
    assert calls.names == {"dynamodb:Query": 1}


def test_foreign_unknown_and_malformed_ids_get_the_same_error(api: Client, stranger: Client) -> None:
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


def test_unknown_parameters_are_refused(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)
    answer = api.get(f"/invoices/{draft['id']}?expand=lines")
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "?expand")


def test_without_a_key_nothing_is_shown(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)
    assert Client("ik_test_unknown").get(f"/invoices/{draft['id']}").status == 401


def test_a_document_read_by_its_customer_is_marked_sent(
    api: Client, issued: dict[str, Any], sign_in: Callable[..., Client], at: Clock, aws: AwsCalls
) -> None:
    """A credit note that was read cannot be voided any more. Only the first read needs a write."""
    note = api.post(f"/invoices/{issued['id']}/credit").ok(201)
    portal = sign_in(Role.CUSTOMER, customer_id=issued["customer_id"])
    api.get(f"/invoices/{note['id']}").ok()
    assert api.get("/invoices?type=credit_note").ok()["data"][0]["sent_at"] is None, "we read our own documents"
    at.now = at.now.replace(minute=30)
    assert portal.get(f"/invoices/{note['id']}").ok()["sent_at"] == "2026-03-10T12:30:00.000Z"
    at.now = at.now.replace(minute=40)
    with aws.only("get_invoice") as calls:
        assert portal.get(f"/invoices/{note['id']}").ok()["sent_at"] == "2026-03-10T12:30:00.000Z"
    assert calls.names == {"dynamodb:Query": 1}
    [event] = details("invoice.sent")
    assert (event["resource"]["id"], event["actor"]["id"]) == (note["id"], portal.user and portal.user.id)
    assert api.post(f"/invoices/{note['id']}/cancel").code == "CREDIT_NOTE_SENT"


def test_key_figures_follow_from_the_document(api: Client, at: Clock) -> None:
    """E12 and E13: both sets."""
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    lines = [line_json(discount={"amount": "10.00"}), line_json(unit_price="5.00")]
    draft = api.post("/invoices", invoice_json(customer_id=customer, lines=lines, discount={"percent": "10"})).ok(201)
    assert (draft["kpis"]["outstanding"], draft["kpis"]["last_amended_on"]) == ("0.00", None)
    path = f"/invoices/{draft['id']}"
    api.post(f"{path}/finalize").ok()
    api.post(f"{path}/payments", {"amount": "50.00", "date": "2026-03-09"}).ok(201)
    api.post(f"{path}/credit", {"amount": "7.10"}).ok(201)
    # 23:30 in Greenwich is the next day in Berlin.
    at.now = at.now.replace(month=4, day=1, hour=23, minute=30)
    assert api.get(path).ok()["kpis"] == {
        "outstanding": "50.00",
        "overdue": "50.00",
        "last_payment_date": "2026-03-09",
        "payment_applied": "50.00",
        "credit_applied": "7.10",
        "credit_issued": "7.10",
        "total_items": 2,
        "total_discount": "20.00",
        "average_item_cost": "50.00",
        "last_reactivated_on": None,
        "last_canceled_on": None,
        "last_amended_on": "2026-03-10",
        "voided_on": None,
    }
    canceled = api.post(f"{path}/cancel").ok()["kpis"]
    assert (canceled["last_canceled_on"], canceled["voided_on"]) == ("2026-04-02", "2026-04-02")
    assert (canceled["credit_issued"], canceled["credit_applied"]) == ("107.10", "57.10")
    back = api.post(f"{path}/reactivate").ok()["kpis"]
    assert (back["last_reactivated_on"], back["voided_on"], back["outstanding"]) == ("2026-04-02", None, "50.00")


def test_discounts_are_counted_as_prices_are_given(api: Client) -> None:
    lines = [line_json(quantity="1", unit_price="119.00", discount={"percent": "10"})]
    given = invoice_json(
        lines=lines, price_tax_inclusive=True, discount={"amount": "7.10"}, shipping={"amount": "5.00"}
    )
    draft = api.post("/invoices", given).ok(201)
    assert (draft["total"], draft["kpis"]["total_discount"]) == ("105.00", "19.00")


def test_key_figures_are_neither_stored_nor_shown_to_customers(
    api: Client, issued: dict[str, Any], sign_in: Callable[..., Client], stored_text: Callable[[], str]
) -> None:
    assert issued["kpis"]["outstanding"] == "119.00"
    assert "average_item_cost" not in stored_text()
    portal = sign_in(Role.CUSTOMER, customer_id=issued["customer_id"])
    assert portal.get(f"/invoices/{issued['id']}").ok()["kpis"] is None
    assert "kpis" not in api.get("/invoices").ok()["data"][0]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_portal_user_reads_while_writing_fails(
    api: Client, issued: dict[str, Any], sign_in: Callable[..., Client], aws: AwsCalls, fault: str
) -> None:
    portal = sign_in(Role.CUSTOMER, customer_id=issued["customer_id"])
    portal.get("/invoices").ok()
    with no_writes(fault):
        assert portal.get(f"/invoices/{issued['id']}").ok()["number"] == issued["number"]
    assert len(deferred(aws)) == 1
