"""PUT /invoices/{invoice_id}/note: A28, E08."""

from collections.abc import Callable
from typing import Any

import pytest

from invoicing.core.identity import Role
from tests.aws import AwsCalls
from tests.builders import invoice_json, line_json
from tests.gateway import Client


def written(calls: AwsCalls) -> list[str]:
    """The sort keys of the written items, with entries of the timeline by their kind."""
    [write] = [call for call in calls.calls if call.name == "dynamodb:TransactWriteItems"]
    puts = [next(iter(one.values())) for one in write.params["TransactItems"]]
    keys = [put.get("Item", put.get("Key"))["SK"]["S"] for put in puts]
    return sorted(key.partition("_")[0] for key in keys)


def test_given_texts_are_set_and_the_others_stay(api: Client) -> None:
    draft = api.post("/invoices", invoice_json(note="alt", closing="Gruß", internal_note="VIP")).ok(201)["id"]
    changed = api.put(f"/invoices/{draft}/note", {"note": "neu", "introduction": "Guten Tag,", "closing": None}).ok()
    found = (changed["note"], changed["introduction"], changed["closing"], changed["internal_note"])
    assert found == ("neu", "Guten Tag,", None, "VIP")
    assert api.get(f"/invoices/{draft}").ok() == changed
    assert api.put(f"/invoices/{draft}/note", {"internal_note": ""}).ok()["internal_note"] is None
    assert api.get(f"/invoices/{draft}").ok()["internal_note"] is None


def test_an_internal_note_can_always_be_set(api: Client, issued: dict[str, Any]) -> None:
    noted = api.put(f"/invoices/{issued['id']}/note", {"internal_note": "ruft zurück"}).ok()
    assert noted["internal_note"] == "ruft zurück"
    assert api.get(f"/invoices/{issued['id']}").ok() == noted
    bookkeeping = {"internal_note", "version", "updated_at", "updated_by"}
    assert {name for name in issued if issued[name] != noted[name]} <= bookkeeping
    api.post(f"/invoices/{issued['id']}/payments", {"amount": issued["due"]}).ok(201)
    assert api.get(f"/invoices/{issued['id']}").ok()["internal_note"] == "ruft zurück"
    api.put(f"/invoices/{issued['id']}/note", {"internal_note": None}).ok()
    assert api.get(f"/invoices/{issued['id']}").ok()["internal_note"] is None


def test_the_content_of_an_issued_document_is_not_rewritten(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    with aws.only("set_note") as calls:
        api.put(f"/invoices/{issued['id']}/note", {"internal_note": "x" * 5_000}).ok()
    assert calls.names == {"dynamodb:Query": 1, "dynamodb:TransactWriteItems": 1}
    assert written(calls) == ["#", "#ASIDE", "ACT#act"]
    with aws.only("record_payment") as calls:
        api.post(f"/invoices/{issued['id']}/payments", {"amount": "1.00"}).ok(201)
    assert not {"#ASIDE", "#BODY#00"} & set(written(calls)), "a payment pays for no note"


@pytest.mark.parametrize("text", ["note", "introduction", "closing"])
def test_the_text_for_the_customer_is_frozen(api: Client, issued: dict[str, Any], text: str) -> None:
    answer = api.put(f"/invoices/{issued['id']}/note", {text: "anders", "internal_note": "x"})
    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert answer.json["allowed_actions"]
    assert api.get(f"/invoices/{issued['id']}").ok() == issued


def test_customers_never_see_it(api: Client, issued: dict[str, Any], sign_in: Callable[..., Client]) -> None:
    api.put(f"/invoices/{issued['id']}/note", {"internal_note": "zahlt spät"}).ok()
    portal = sign_in(Role.CUSTOMER, customer_id=issued["customer_id"])
    answer = portal.get(f"/invoices/{issued['id']}")
    assert "zahlt spät" not in answer.text
    assert answer.ok()["internal_note"] is None
    assert "zahlt spät" not in api.get("/invoices").text


def test_at_least_one_text_is_required(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)["id"]
    assert api.put(f"/invoices/{draft}/note", {}).status == 400
    answer = api.put(f"/invoices/{draft}/note", {"note": "x" * 5_001})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/note")


def test_a_deleted_draft_leaves_no_note_behind(api: Client, stored_text: Callable[[], str]) -> None:
    draft = api.post("/invoices", invoice_json(internal_note="Sieb und Siegel", lines=[line_json()])).ok(201)["id"]
    assert "Sieb und Siegel" in stored_text()
    api.delete(f"/invoices/{draft}").ok(204)
    assert "Sieb und Siegel" not in stored_text()
