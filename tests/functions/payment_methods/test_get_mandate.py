"""GET /customers/{customer_id}/payment-methods/{method_id}/mandate"""

from collections.abc import Callable

import pytest

from invoicing.core.identity import Role
from invoicing.http import responses
from tests.collection import CREDITOR_ID, method_json, methods_path
from tests.gateway import Client
from tests.logos import base64_of, pictures, png
from tests.unit.test_pdf import text_of


def test_the_mandate_is_a_letter_to_sign(api: Client, sign_in: Callable[..., Client]) -> None:
    api.patch("/tenant", {"creditor_id": CREDITOR_ID}).ok()
    path = methods_path(api)
    made = api.post(path, method_json("M-42", signed_on=None)).ok(201)
    answer = api.get(f"{path}/{made['id']}/mandate")
    assert answer.headers["Content-Type"] == "application/pdf"
    text = text_of(answer.text.encode("latin-1"))
    assert {"SEPA-Basis-Lastschriftmandat", "M-42", CREDITOR_ID, "DE02120300000000202051"} <= found(text)
    masked = text_of(sign_in(Role.AUDITOR).get(f"{path}/{made['id']}/mandate").text.encode("latin-1"))
    assert "DE02…2051" in masked
    assert "DE021203" not in masked


def test_a_large_letter_with_a_logo_is_stored(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    api.patch("/tenant", {"creditor_id": CREDITOR_ID}).ok()
    api.put("/tenant/logo", {"image": base64_of(png(300, 90))}).ok()
    path = methods_path(api)
    path = f"{path}/{api.post(path, method_json()).ok(201)['id']}/mandate"
    file = api.get(path).text.encode("latin-1")
    assert pictures(file) == [(300, 90)]
    assert "Unterschriebenam01.03.2026" in text_of(file)
    monkeypatch.setattr(responses, "MOST_BYTES", 1_000)
    assert api.get(path).status == 303


def test_a_mandate_requires_the_creditor_id(api: Client) -> None:
    path = methods_path(api)
    made = api.post(path, method_json()).ok(201)
    assert api.get(f"{path}/{made['id']}/mandate").code == "CREDITOR_ID_MISSING"
    assert api.get(f"{path}/pme_01JD8X2V6PZ3QK7M5T9WRC4HBN/mandate").code == "PAYMENT_METHOD_NOT_FOUND"


def found(text: str) -> set[str]:
    """Those of the expected texts that a PDF has. Its texts have no blanks."""
    expected = ("SEPA-Basis-Lastschriftmandat", "M-42", CREDITOR_ID, "DE02120300000000202051")
    return {one for one in expected if one in text}
