"""POST /sepa-files/{sepa_file_id}/uploaded"""

from typing import Any

import pytest

from invoicing.sepa_files import uploading
from invoicing.store.transaction import MAX_WRITES
from tests.aws import AwsCalls
from tests.collection import collectable_invoice, debtor, ready_to_collect
from tests.events import details
from tests.functions.payment_methods.test_revoke_payment_method import erase
from tests.functions.sepa_files.test_create_sepa_file import PATH, claims, collect, transactions
from tests.gateway import Client
from tests.races import meanwhile


@pytest.fixture
def customer(api: Client) -> str:
    ready_to_collect(api)
    return debtor(api, mandate={"type": "one_off"})


def method_of(api: Client, customer: str) -> dict[str, Any]:
    [method] = api.get(f"/customers/{customer}/payment-methods").ok()["data"]
    return dict(method)


def test_transactions_of_an_uploaded_file_are_pending(api: Client, customer: str, aws: AwsCalls) -> None:
    invoice = collectable_invoice(api, customer)
    file = collect(api, invoice).ok(201)
    path = f"{PATH}/{file['id']}"
    uploaded = api.post(f"{path}/uploaded").ok()
    assert (uploaded["status"], uploaded["uploaded_at"]) == ("uploaded", "2026-03-10T12:00:00.000Z")
    [transaction] = transactions(api, file)
    assert [one["status"] for one in transaction["history"]] == [transaction["status"]] == ["pending"]
    method = method_of(api, customer)
    assert (method["status"], method["mandate"]["last_collected_on"]) == ("used", file["due_on"])
    assert len(details("sepa_file.uploaded")) == 1
    assert api.post(f"{path}/uploaded").code == "SEPA_FILE_UPLOADED"
    assert api.post(f"{path}/cancel").code == "SEPA_FILE_UPLOADED"
    assert [*claims()] == [invoice]
    [used] = details("payment_method.used")
    assert used["resource"]["id"] == method["id"]
    # The debit, the payment method with its entry, and the default of the customer.
    commits = [
        one.params["TransactItems"]
        for one in aws.calls
        if one.by == "upload_sepa_file" and one.name == "dynamodb:TransactWriteItems"
    ]
    shared = len(commits[-1]) - 4
    assert shared + 4 * uploading.UPLOADED_A_COMMIT <= MAX_WRITES


def test_an_interrupted_upload_is_continued(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "UPLOADED_A_COMMIT", 1)
    ready_to_collect(api)
    file = collect(api, *[collectable_invoice(api) for _ in range(3)]).ok(201)
    path = f"{PATH}/{file['id']}"

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), meanwhile(lambda: None, stop):
        api.post(f"{path}/uploaded")
    assert api.post(f"{path}/cancel").code == "SEPA_FILE_UPLOADED"
    assert api.post(f"{path}/uploaded").ok()["status"] == "uploaded"
    assert {one["status"] for one in transactions(api, file)} == {"pending"}
    assert len(details("sepa_file.uploaded")) == 1


def test_a_method_with_a_debit_is_not_revoked(api: Client) -> None:
    ready_to_collect(api)
    customer = debtor(api)
    path = f"/customers/{customer}/payment-methods/{method_of(api, customer)['id']}"
    invoice = collectable_invoice(api, customer)
    files: list[Any] = []
    with meanwhile(lambda: files.append(collect(api, invoice).ok(201))):
        assert api.delete(path).code == "DEBIT_UNDER_WAY"
    api.post(f"{PATH}/{files[0]['id']}/cancel").ok()
    assert api.delete(path).ok()["status"] == "revoked"


def test_erasure_keeps_the_mandate_of_a_debit(api: Client, customer: str) -> None:
    collect(api, collectable_invoice(api, customer)).ok(201)
    api.post(f"/customers/{customer}/erase", raw=b"").ok()
    assert erase() == []
    method = method_of(api, customer)
    assert (method["status"], method["iban"]) == ("revoked", "DE02120300000000202051")
