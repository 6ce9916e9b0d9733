"""PATCH /customers/{customer_id}/payment-methods/{method_id}"""

from datetime import date
from typing import Any

import pytest

from invoicing.bank_matching.table import payers_of
from invoicing.collection.model import PaymentMethod
from invoicing.core.identity import Caller
from invoicing.store.session import Session
from invoicing.store.store import Store
from tests.aws import seed
from tests.builders import NOON
from tests.collection import IBAN, OTHER_IBAN, method_json, methods_path
from tests.events import details
from tests.gateway import Client


def made(api: Client, **fields: Any) -> str:
    path = methods_path(api)
    return f"{path}/{api.post(path, method_json(**fields)).ok(201)['id']}"


def collect(api: Client, path: str) -> None:
    """Store that a debit was collected with a payment method."""
    _, _, customer_id, _, method_id = path.split("/")
    method = Store(Session(Caller.system(api.tenant_id), NOON)).get(PaymentMethod, customer_id, method_id)
    mandate = method.mandate.model_copy(update={"last_collected_on": date(2026, 3, 9)})
    seed(api.tenant_id, method.model_copy(update={"mandate": mandate}))


def test_a_signature_makes_a_method_active(api: Client) -> None:
    path = made(api, signed_on=None)
    changed = api.patch(path, {"signed_on": "2026-03-10"}).ok()
    assert (changed["status"], changed["version"]) == ("active", 2)
    assert changed["mandate"]["signed_on"] == "2026-03-10"
    assert api.patch(path, {"signed_on": None}).ok()["status"] == "pending"
    assert api.patch(path, {"signed_on": "2026-03-11"}).json["errors"][0]["pointer"] == "/signed_on"


def test_a_blocked_method_can_be_unblocked(api: Client) -> None:
    path = made(api)
    assert api.patch(path, {"blocked": True}).ok()["status"] == "blocked"
    assert api.patch(path, {"blocked": True, "holder": "Werft AG"}).ok()["holder"] == "Werft AG"
    assert api.patch(path, {"blocked": False}).ok()["status"] == "active"
    assert len(details("payment_method.blocked")) == 1
    assert len(details("payment_method.updated")) == 2


def test_payments_from_a_new_account_are_recognized(api: Client) -> None:
    path = made(api)
    api.patch(path, {"iban": OTHER_IBAN}).ok()
    store = Store(Session(Caller.system(api.tenant_id), NOON))
    assert [payers_of(store, iban) for iban in (IBAN, OTHER_IBAN)] == [{path.split("/")[2]}] * 2


def test_another_account_is_an_amendment_after_a_debit(api: Client) -> None:
    path = made(api)
    assert api.patch(path, {"iban": OTHER_IBAN}).ok()["mandate"]["amendment"] is None
    collect(api, path)
    for iban in (IBAN, "DE02500105170137075030"):
        changed = api.patch(path, {"iban": iban}).ok()
        assert changed["iban"] == iban
        assert changed["mandate"]["amendment"]["original_iban"] == OTHER_IBAN
    last = max(details("payment_method.updated"), key=lambda event: int(event["resource"]["version"]))
    assert last["data"]["object"]["mandate"]["amendment"] == {"original_iban": "FR14…2606"}
    assert api.patch(path, {"signed_on": None}).json["errors"][0]["pointer"] == "/signed_on"


@pytest.mark.parametrize("change", [{"iban": "TR330006100519786457841326"}, {"iban": None}, {"holder": ""}])
def test_mistakes_are_refused(api: Client, change: dict[str, Any]) -> None:
    refused = api.patch(made(api), change)
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, f"/{next(iter(change))}")


def test_an_ended_method_is_not_changed(api: Client) -> None:
    path = made(api)
    api.delete(path).ok()
    assert api.patch(path, {"blocked": True}).code == "PAYMENT_METHOD_ENDED"
    assert api.patch(f"{path[:-1]}{'0' if path[-1] != '0' else '1'}", {}).code == "PAYMENT_METHOD_NOT_FOUND"
