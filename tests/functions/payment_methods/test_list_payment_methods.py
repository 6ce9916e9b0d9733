"""GET /customers/{customer_id}/payment-methods"""

from collections.abc import Callable
from datetime import timedelta

from invoicing.core.identity import Role
from tests.collection import IBAN, OTHER_IBAN, method_json, methods_path
from tests.conftest import Clock
from tests.gateway import Client


def test_methods_are_listed_newest_first(api: Client, at: Clock, sign_in: Callable[..., Client]) -> None:
    path = methods_path(api)
    made = []
    for iban in (IBAN, OTHER_IBAN):
        made.append(api.post(path, method_json(iban=iban)).ok(201)["id"])
        at.now += timedelta(seconds=1)
    found = api.get(path).ok()["data"]
    assert [(one["id"], one["iban"]) for one in found] == [(made[1], OTHER_IBAN), (made[0], IBAN)]
    assert api.get(methods_path(api)).ok()["data"] == []
    masked = sign_in(Role.AUDITOR).get(path).ok()["data"]
    assert [one["iban"] for one in masked] == ["FR14…2606", "DE02…2051"]


def test_an_unknown_customer_has_no_list(api: Client) -> None:
    assert api.get("/customers/cus_01JD8X2V6PZ3QK7M5T9WRC4HBN/payment-methods").code == "CUSTOMER_NOT_FOUND"
