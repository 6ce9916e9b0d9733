"""POST /sepa-files/{sepa_file_id}/cancel"""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from invoicing.aws import files
from invoicing.sepa_files import canceling
from tests.builders import rule_json
from tests.collection import collectable_invoice, debtor, ready_to_collect
from tests.conftest import Clock
from tests.events import deliver, details, strike
from tests.functions.sepa_files.test_create_sepa_file import PATH, claims, collect, transactions, xml_of
from tests.gateway import Client
from tests.races import meanwhile
from tests.unit.test_sepa_files import values


@pytest.fixture
def file(api: Client) -> Any:
    """A file of three debits, two of them of one customer."""
    ready_to_collect(api)
    customer = debtor(api)
    ids = collectable_invoice(api, customer), collectable_invoice(api, customer), collectable_invoice(api)
    return collect(api, *ids).ok(201)


def test_a_canceled_file_frees_its_invoices(api: Client, file: Any) -> None:
    path = f"{PATH}/{file['id']}"
    canceled = api.post(f"{path}/cancel").ok()
    assert (canceled["status"], canceled["count"], canceled["total"]) == ("canceled", 0, "0.00")
    assert claims() == Counter()
    assert {(one["status"], one["account"]) for one in transactions(api, file)} == {("canceled", None)}
    assert len(details("sepa_file.canceled")) == 1
    assert api.get(f"{path}/xml").code == "SEPA_FILE_CANCELED"
    for refused in ("cancel", "uploaded"):
        assert api.post(f"{path}/{refused}").code == "SEPA_FILE_CANCELED"
    assert collect(api).ok(201)["count"] == 3


def test_a_file_without_some_debits_is_written_again(api: Client, file: Any) -> None:
    first, *others = transactions(api, file)
    body = {"transaction_ids": [first["id"]]}
    fewer = api.post(f"{PATH}/{file['id']}/cancel", body).ok()
    assert (fewer["status"], fewer["count"], fewer["total"]) == ("created", 2, "238.00")
    assert fewer["message_id"] != file["message_id"]
    content = xml_of(api, fewer)
    assert values(content, "MsgId") == [fewer["message_id"]]
    assert values(content, "EndToEndId") == [one["end_to_end_id"] for one in others]
    assert claims() == Counter(one["invoice_id"] for one in others)
    assert api.post(f"{PATH}/{file['id']}/cancel", body).code == "TRANSACTION_NOT_UNDER_WAY"
    assert collect(api).ok(201)["debits"][0]["invoice_id"] == first["invoice_id"]
    rest = {"transaction_ids": [one["id"] for one in others]}
    assert api.post(f"{PATH}/{file['id']}/cancel", rest).ok()["status"] == "canceled"
    assert claims() == Counter([first["invoice_id"]])


def test_xml_files_of_canceled_debits_are_deleted(api: Client, file: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canceling, "CANCELED_A_COMMIT", 1)
    first, second, _ = (one["id"] for one in transactions(api, file))
    path = f"{PATH}/{file['id']}"
    fewer = api.post(f"{path}/cancel", {"transaction_ids": [first, second]}).ok()
    assert deliver("delete_files", *details("sepa_file.written")) == []
    assert [is_stored(api, one) for one in (file, fewer)] == [False, True]
    api.post(f"{path}/cancel").ok()
    assert deliver("delete_files", *details("sepa_file.canceled")) == []
    assert not is_stored(api, fewer)


def is_stored(api: Client, file: Any) -> bool:
    """Whether the XML file of a response is stored."""
    [document] = file["files"]
    return files.exists(api.tenant_id, document["id"], document["sha256"])


def test_two_cancellations_at_once_write_the_last_state(api: Client, file: Any) -> None:
    first, second, third = transactions(api, file)
    path = f"{PATH}/{file['id']}/cancel"

    def other() -> None:
        api.post(path, {"transaction_ids": [second["id"]]}).ok()

    with meanwhile(other):
        fewer = api.post(path, {"transaction_ids": [first["id"]]}).ok()
    assert values(xml_of(api, fewer), "EndToEndId") == [third["end_to_end_id"]]
    assert claims() == Counter([third["invoice_id"]])


def test_transactions_of_other_files_are_refused(api: Client, file: Any) -> None:
    refused = api.post(f"{PATH}/{file['id']}/cancel", {"transaction_ids": ["txn_01JD8X2V6PZ3QK7M5T9WRC4HBN"]})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (404, "/transaction_ids/0")


def test_an_uploaded_file_stays(api: Client, file: Any) -> None:
    path = f"{PATH}/{file['id']}"
    with meanwhile(lambda: api.post(f"{path}/uploaded").ok()):
        assert api.post(f"{path}/cancel").code == "SEPA_FILE_UPLOADED"
    assert sum(claims().values()) == 3
    assert {one["status"] for one in transactions(api, file)} == {"pending"}


@pytest.mark.parametrize("partly", [False, True])
def test_an_interrupted_cancellation_is_continued(
    api: Client, file: Any, partly: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(canceling, "CANCELED_A_COMMIT", 1)
    ids = [one["id"] for one in transactions(api, file)]
    body = {"transaction_ids": ids[:2]} if partly else {}
    path = f"{PATH}/{file['id']}"

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), meanwhile(lambda: None, stop):
        api.post(f"{path}/cancel", body, headers={"Idempotency-Key": "once"})
    left = api.get(path).ok()
    under_way = [one["invoice_id"] for one in left["transactions"] if one["status"] == "created"]
    assert claims() == Counter(under_way)
    assert (left["count"], left["files"]) == (2, [])
    assert api.post(f"{path}/uploaded").code == "SEPA_FILE_INCOMPLETE"
    done = api.post(f"{path}/cancel", body, headers={"Idempotency-Key": "once"}).ok()
    assert (done["status"], done["count"]) == (("created", 1) if partly else ("canceled", 0))
    assert sum(claims().values()) == done["count"]


def test_dunning_rests_while_a_debit_is_under_way(api: Client, file: Any, at: Clock) -> None:
    api.post("/dunning-rules", rule_json()).ok(201)
    at.now += timedelta(days=31)
    path = f"/invoices/{file['debits'][0]['invoice_id']}/dunning"
    assert api.get(path).ok()["obstacle"] == "debit_under_way"
    assert strike("run_dunning", api.tenant_id) == []
    assert details("dunning.document_created") == []
    api.post(f"{PATH}/{file['id']}/cancel").ok()
    assert api.get(path).ok()["obstacle"] != "debit_under_way"
