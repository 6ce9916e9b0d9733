"""GET /customers/{customer_id}/payment-methods/{method_id}"""

from collections.abc import Callable

from invoicing.core.identity import Role
from tests.collection import IBAN, method_json, methods_path
from tests.gateway import Client


def test_whole_ibans_are_shown_to_writers_of_payment_files(api: Client, sign_in: Callable[..., Client]) -> None:
    path = methods_path(api)
    path = f"{path}/{api.post(path, method_json()).ok(201)['id']}"
    assert api.get(path).ok()["iban"] == IBAN
    assert sign_in(Role.AUDITOR).get(path).ok()["iban"] == "DE02…2051"


def test_a_method_belongs_to_one_customer(api: Client) -> None:
    path, other = methods_path(api), methods_path(api)
    made = api.post(path, method_json()).ok(201)["id"]
    refused = api.get(f"{other}/{made}")
    assert (refused.status, refused.code) == (404, "PAYMENT_METHOD_NOT_FOUND")
    assert api.get(f"/customers/cus_01JD8X2V6PZ3QK7M5T9WRC4HBN/payment-methods/{made}").code == "CUSTOMER_NOT_FOUND"
