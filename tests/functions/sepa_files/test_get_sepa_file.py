"""GET /sepa-files/{sepa_file_id}"""

from collections.abc import Callable

from invoicing.core.identity import Role
from tests.collection import IBAN, collectable_invoice, ready_to_collect
from tests.functions.sepa_files.test_create_sepa_file import PATH, collect
from tests.gateway import Client


def test_a_file_shows_its_transactions(api: Client, sign_in: Callable[..., Client]) -> None:
    ready_to_collect(api)
    created = collect(api, collectable_invoice(api)).ok(201)
    path = f"{PATH}/{created['id']}"
    file = api.get(path).ok()
    [transaction] = file["transactions"]
    assert (transaction["amount"], transaction["account"]["iban"]) == ("119.00", IBAN)
    assert transaction["invoice_id"] == created["debits"][0]["invoice_id"]
    seen = sign_in(Role.AUDITOR).get(path).ok()
    assert seen["transactions"][0]["account"]["iban"] == "DE02…2051"
    assert seen["originator"]["iban"] == "DE75…6199"


def test_an_unknown_file_is_not_found(api: Client) -> None:
    assert api.get(f"{PATH}/spf_01JD8X2V6PZ3QK7M5T9WRC4HBN").code == "SEPA_FILE_NOT_FOUND"
