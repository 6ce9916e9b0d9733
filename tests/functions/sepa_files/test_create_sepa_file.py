"""POST /sepa-files"""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from invoicing.aws import files
from invoicing.aws.clients import client
from invoicing.sepa_files import creating
from tests.aws import TABLE
from tests.builders import invoice_json
from tests.collection import OTHER_IBAN, collectable_invoice, debtor, ready_to_collect
from tests.events import details
from tests.gateway import Client
from tests.races import meanwhile
from tests.unit.test_sepa_files import schema, values

PATH = "/sepa-files"


@pytest.fixture(autouse=True)
def _ready(api: Client) -> None:
    ready_to_collect(api)


def collect(api: Client, *ids: str, key: str | None = None, **fields: Any) -> Any:
    body = {"type": "debit", **({"invoice_ids": ids} if ids else {}), **fields}
    return api.post(PATH, body, headers={"Idempotency-Key": key} if key else {})


def xml_of(api: Client, file: dict[str, Any]) -> bytes:
    """The first XML file, after a check by the schema."""
    [document, *_] = file["files"]
    content = files.read(api.tenant_id, document["id"], document["sha256"])
    schema(file["format"]).assertValid(etree.fromstring(content))
    return content


def claims() -> Counter[str]:
    """How many claims each invoice has, and each debit under way."""
    rows = client("dynamodb").scan(TableName=TABLE)["Items"]
    claimed = Counter(row["PK"]["S"].rpartition("#")[2] for row in rows if row["SK"]["S"] == "COLLECT")
    counted = {row["SK"]["S"]: int(row["debits"]["N"]) for row in rows if row["SK"]["S"].startswith("DEBITS#")}
    assert sum(counted.values()) == sum(claimed.values())
    return claimed


def transactions(api: Client, file: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(f"{PATH}/{file['id']}").ok()["transactions"]
    return found


def test_all_ready_invoices_are_in_one_file(api: Client) -> None:
    customer = debtor(api, "M-1")
    ids = [collectable_invoice(api, customer), collectable_invoice(api), collectable_invoice(api, customer)]
    other = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    api.post(f"/invoices/{other}/finalize").ok()
    created = collect(api)
    file = created.ok(201)
    assert created.headers["Location"].endswith(f"/sepa-files/{file['id']}")
    assert (file["count"], file["total"], file["due_on"], file["status"]) == (3, "357.00", "2026-03-11", "created")
    assert sorted(one["invoice_id"] for one in file["debits"]) == sorted(ids)
    assert file["skipped"] == []
    content = xml_of(api, file)
    assert values(content, "NbOfTxs") == ["3", "3"]
    assert values(content, "CtrlSum") == ["357.00", "357.00"]
    assert values(content, "MsgId") == [file["message_id"]]
    assert values(content, "EndToEndId") == sorted(one["end_to_end_id"] for one in transactions(api, file))
    assert claims() == Counter(ids)
    assert [len(details(f"sepa_file.{name}")) for name in ("created", "written")] == [1, 1]
    assert collect(api).code == "NOTHING_TO_COLLECT"


def test_a_dry_run_lists_invoices_and_writes_nothing(api: Client) -> None:
    ready, skipped = collectable_invoice(api), collectable_invoice(api)
    collect(api, skipped).ok(201)
    planned = collect(api, dry_run=True).ok()
    assert ([one["invoice_id"] for one in planned["debits"]], planned["total"]) == ([ready], "119.00")
    assert [(one["invoice_id"], one["reason"]) for one in planned["skipped"]] == [(skipped, "debit_under_way")]
    assert claims() == Counter([skipped])
    assert len(api.get(PATH).ok()["data"]) == 1


def test_a_one_off_mandate_is_in_one_debit(api: Client) -> None:
    customer = debtor(api, mandate={"type": "one_off"})
    first, second = sorted(collectable_invoice(api, customer) for _ in range(2))
    file = collect(api, first, second).ok(201)
    assert [one["invoice_id"] for one in file["debits"]] == [first]
    assert [one["reason"] for one in file["skipped"]] == ["no_active_mandate"]
    assert file["batches"][0]["sequence"] == "OOFF"
    assert collect(api, second).code == "NOTHING_TO_COLLECT"


def test_the_first_debit_is_frst_by_the_settings(api: Client) -> None:
    api.patch("/tenant", {"collection": {"first_as_frst": True, "one_batch_per_file": True}}).ok()
    customer = debtor(api)
    collectable_invoice(api, customer), collectable_invoice(api, customer)
    file = collect(api).ok(201)
    assert [one["sequence"] for one in file["batches"]] == ["FRST", "RCUR"]
    assert len(file["files"]) == 2


def test_accounts_outside_sepa_are_refused(api: Client) -> None:
    outside = {"id": "other", "iban": "TR330006100519786457841326"}
    invoice = collectable_invoice(api)
    accounts = api.get("/tenant").ok()["bank_accounts"]
    api.patch("/tenant", {"bank_accounts": [*accounts, outside]}).ok()
    assert collect(api, invoice, bank_account_id="other").code == "SEPA_ACCOUNT_MISSING"
    assert collect(api, invoice, bank_account_id="unknown").code == "BANK_ACCOUNT_NOT_FOUND"
    api.patch("/tenant", {"creditor_id": None}).ok()
    assert collect(api, invoice).code == "CREDITOR_ID_MISSING"


@pytest.mark.parametrize("due_on", ["2026-03-10", "2026-04-10"])
def test_days_of_debits_are_near(api: Client, due_on: str) -> None:
    refused = collect(api, collectable_invoice(api), due_on=due_on)
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/due_on")


def test_an_unknown_invoice_is_refused(api: Client) -> None:
    refused = collect(api, collectable_invoice(api), "inv_01JD8X2V6PZ3QK7M5T9WRC4HBN")
    assert (refused.code, refused.json["errors"][0]["pointer"]) == ("INVOICE_NOT_FOUND", "/invoice_ids/1")
    assert claims() == Counter()


def test_two_requests_at_once_make_one_debit(api: Client) -> None:
    invoice = collectable_invoice(api)
    other: list[Any] = []
    with meanwhile(lambda: other.append(collect(api, invoice))):
        late = collect(api, invoice)
    assert (other[0].status, late.code) == (201, "NOTHING_TO_COLLECT")
    assert claims() == Counter([invoice])


def test_a_repeated_request_gets_the_same_file(api: Client) -> None:
    invoice = collectable_invoice(api)
    other: list[Any] = []
    with meanwhile(lambda: other.append(collect(api, invoice, key="once"))):
        late = collect(api, invoice, key="once").ok(201)
    assert collect(api, invoice, key="once").ok(201) == late == other[0].ok(201)
    assert claims() == Counter([invoice])
    assert len(api.get(PATH).ok()["data"]) == 1


def test_an_invoice_paid_meanwhile_is_not_collected(api: Client) -> None:
    paid, due = collectable_invoice(api), collectable_invoice(api)
    with meanwhile(lambda: api.post(f"/invoices/{paid}/payments", {"amount": "119.00"}).ok(201)):
        file = collect(api).ok(201)
    assert [one["invoice_id"] for one in file["debits"]] == [due]


def test_an_interrupted_request_continues_its_file(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(creating, "CREATED_A_COMMIT", 1)
    ids = [collectable_invoice(api) for _ in range(3)]

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), meanwhile(lambda: None, lambda: None, stop):
        collect(api, key="once")
    [begun] = api.get(PATH).ok()["data"]
    assert (begun["count"], begun["files"], begun["status"]) == (2, [], "created")
    path = f"{PATH}/{begun['id']}"
    assert api.post(f"{path}/uploaded").code == api.get(f"{path}/xml").code == "SEPA_FILE_INCOMPLETE"
    done = collect(api, key="once").ok(201)
    assert (done["id"], done["count"]) == (begun["id"], 3)
    assert sorted(one["invoice_id"] for one in done["debits"]) == sorted(ids)
    assert done["skipped"] == []
    assert values(xml_of(api, done), "CtrlSum")[0] == str(Decimal("357.00"))
    assert claims() == Counter(ids)


def test_a_file_canceled_meanwhile_has_no_xml_file(api: Client) -> None:
    collectable_invoice(api)

    def cancel() -> None:
        [begun] = api.get(PATH).ok()["data"]
        api.post(f"{PATH}/{begun['id']}/cancel").ok()

    with meanwhile(lambda: None, cancel):
        assert collect(api).code == "SEPA_FILE_CANCELED"
    assert claims() == Counter()


def test_an_incomplete_file_can_be_canceled(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(creating, "CREATED_A_COMMIT", 1)
    ids = [collectable_invoice(api) for _ in range(2)]

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), meanwhile(lambda: None, stop):
        collect(api)
    [begun] = api.get(PATH).ok()["data"]
    assert api.post(f"{PATH}/{begun['id']}/cancel").ok()["status"] == "canceled"
    assert claims() == Counter()
    assert collect(api).ok(201)["count"] == len(ids)


def test_another_account_is_stated_once(api: Client) -> None:
    customer = debtor(api)
    first = collect(api, collectable_invoice(api, customer)).ok(201)
    [method] = api.get(f"/customers/{customer}/payment-methods").ok()["data"]
    path = f"/customers/{customer}/payment-methods/{method['id']}"
    api.patch(path, {"iban": OTHER_IBAN}).ok()
    api.post(f"{PATH}/{first['id']}/uploaded").ok()
    assert api.get(path).ok()["mandate"]["amendment"]["original_iban"] == method["iban"]
    second = collect(api, collectable_invoice(api, customer)).ok(201)
    assert values(xml_of(api, second), "AmdmntInd") == ["true"]
    api.post(f"{PATH}/{second['id']}/uploaded").ok()
    assert api.get(path).ok()["mandate"]["amendment"] is None
