"""An uploaded bank statement arrived in S3 → its transactions are imported, or the statement failed"""

from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from invoicing.bank import announcing, uploading
from invoicing.bank.announcing import MOST_READINGS
from tests.aws import AwsCalls
from tests.bank import (
    PROFILE,
    Month,
    Movement,
    announce,
    arrive,
    camt_of,
    csv_of,
    deliver_import,
    mt940_of,
    several,
    transactions,
    upload,
    zipped,
)
from tests.events import deliver_raw, details
from tests.faults.injection import Fault, Kind, injected
from tests.gateway import Client
from tests.races import meanwhile
from tests.uploads import check_stored_files, keys, put, waiting

DAY = date(2026, 3, 2)
PAID = Movement(DAY, Decimal("119.00"), "INV-2026-000001", end_to_end_id="E2E-1")
MONTH = Month([PAID])
CONTENT = camt_of(MONTH)


def statement_of(api: Client, announced: dict[str, Any]) -> dict[str, Any]:
    """The announced statement as it is now."""
    found: dict[str, Any] = api.get(f"/bank-statements/{announced['statements'][0]['id']}").ok()
    return found


@pytest.mark.parametrize(
    ("content", "fields", "format_"),
    [
        (CONTENT, {}, "camt.053"),
        (mt940_of(MONTH), {}, "mt940"),
        (csv_of(MONTH), {"csv_profile": PROFILE, "bank_account_id": "main"}, "csv"),
        (zipped(CONTENT), {}, "camt.053"),
    ],
    ids=["camt", "mt940", "csv", "zip"],
)
def test_an_uploaded_file_is_imported_as_one_in_a_request(
    api: Client, stranger: Client, content: bytes, fields: dict[str, Any], format_: str
) -> None:
    announced = announce(api, content, **fields)
    assert arrive(announced, content) == []
    read = statement_of(api, announced)
    assert (read["status"], read["format"], read["bank_account_id"]) == ("queued", format_, "main")
    assert (waiting(), check_stored_files(f"{api.tenant_id}/")) == ([], [])
    assert deliver_import(read) == []
    after = statement_of(api, announced)
    assert (after["status"], after["new"], after["created_by"]) == ("done", 1, read["created_by"])
    assert [one["amount"] for one in transactions(api)] == ["119.00"]
    assert sorted(key.split("/")[1] for key in keys(api.tenant_id)) == sorted(one["id"] for one in after["files"])
    # The request gives the same, except for the fields of the announcement.
    [other] = upload(stranger, content, **fields)
    own = {"id", "version", "created_at", "updated_at", "created_by", "updated_by", "files", "announced"}
    assert {name: one for name, one in read.items() if name not in own} == {
        name: one for name, one in other.items() if name not in own
    }


def test_several_statements_of_a_file_share_its_original(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "_A_COMMIT", 1)
    content = several(3)
    announced = announce(api, content)
    assert arrive(announced, content) == []
    found = announce(api, content, 200)["statements"]
    assert [(one["position"], one["statements_in_file"], one["status"]) for one in found] == [
        (number, 3, "queued") for number in range(3)
    ]
    assert found[0]["id"] == announced["statements"][0]["id"]
    assert len({one["files"][0]["id"] for one in found}) == 1
    assert len(keys(api.tenant_id)) == 4
    assert {one["created_by"]["id"] for one in found} == {announced["statements"][0]["created_by"]["id"]}


@pytest.mark.parametrize(
    ("content", "fields", "code", "place", "message"),
    [
        (b"<a>\n<b></a>", {}, "UNREADABLE_STATEMENT", "line 2", "not well-formed"),
        (b"a;b;c", {}, "UNREADABLE_STATEMENT", "line 1", "a CSV file needs a profile"),
        (camt_of(MONTH._replace(iban="DE02120300000000202051")), {}, "UNKNOWN_ACCOUNT", "", "none of the tenant"),
        (
            camt_of(MONTH._replace(iban="DE02120300000000202051")),
            {"bank_account_id": "main"},
            "UNKNOWN_ACCOUNT",
            "",
            "another account",
        ),
    ],
    ids=["xml", "csv", "account", "chosen_account"],
)
def test_refusals_of_a_request_fail_the_statement(
    api: Client, content: bytes, fields: dict[str, Any], code: str, place: str, message: str
) -> None:
    announced = announce(api, content, **fields)
    event = put(announced, content)
    for _ in range(2):
        assert deliver_raw("receive_bank_statement", event) == []
    failed = statement_of(api, announced)
    [problem] = failed["problems"]
    assert (failed["status"], problem["code"], problem["place"]) == ("failed", code, place)
    assert message in problem["message"]
    assert len(details("bank_statement.failed")) == 1
    assert (details("bank_statement.uploaded"), waiting(), keys(api.tenant_id)) == ([], [], [])
    assert api.get("/bank-statements?status=failed").ok()["data"] == [failed]


def test_a_failed_file_is_read_when_it_is_announced_again(api: Client) -> None:
    other = "DE02120300000000202051"
    content = camt_of(MONTH._replace(iban=other))
    assert arrive(announce(api, content), content) == []
    accounts = api.get("/tenant").ok()["bank_accounts"]
    api.patch("/tenant", {"bank_accounts": [*accounts, {"id": "other", "iban": other}]}).ok()
    again = announce(api, content)
    assert statement_of(api, again)["status"] == "pending"
    assert arrive(again, content) == []
    read = statement_of(api, again)
    assert (read["status"], read["bank_account_id"], read["problems"]) == ("queued", "other", [])


def test_parts_of_a_zip_that_cannot_be_read_are_problems(api: Client) -> None:
    content = zipped(CONTENT, b"x")
    announced = announce(api, content)
    assert arrive(announced, content) == []
    read = statement_of(api, announced)
    assert (read["status"], [(one["place"], one["code"]) for one in read["problems"]]) == (
        "queued",
        [("1", "UNREADABLE")],
    )


def test_other_bytes_than_announced_fail_the_statement(api: Client) -> None:
    announced = announce(api, CONTENT)
    assert arrive(announced, CONTENT.replace(b"119", b"911")) == []
    failed = statement_of(api, announced)
    assert (failed["status"], failed["problems"][0]["code"]) == ("failed", "NOT_UPLOADED")


def test_a_file_that_ends_its_reader_again_and_again_fails(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    announced = announce(api, CONTENT)
    event = put(announced, CONTENT)

    def exhausted(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(announcing, "read_statements", exhausted)
    assert deliver_raw("receive_bank_statement", event, received=MOST_READINGS) == ["0"]
    assert statement_of(api, announced)["status"] == "pending"
    assert deliver_raw("receive_bank_statement", event, received=MOST_READINGS + 1) == []
    assert statement_of(api, announced)["problems"][0]["code"] == "UNREADABLE_STATEMENT"


def test_two_workers_with_a_file_store_each_statement_once(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "_A_COMMIT", 1)
    content = several(3)
    event = put(announce(api, content), content)
    with meanwhile(lambda: deliver_raw("receive_bank_statement", event)):
        assert deliver_raw("receive_bank_statement", event) == []
    assert len(api.get("/bank-statements").ok()["data"]) == 3
    assert len(details("bank_statement.uploaded")) == 3


def test_a_killed_worker_loses_and_doubles_nothing(api: Client, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed at each of its calls, one after another, with one statement a commit."""
    monkeypatch.setattr(uploading, "_A_COMMIT", 1)
    content = several(3)
    announced = announce(api, content)
    event = put(announced, content)
    for call in count(1):
        with injected("receive_bank_statement", Fault(call, Kind.KILLED_AFTER), aws) as injection:
            deliver_raw("receive_bank_statement", event)
        if not injection.dead:
            break
    assert call > 5
    assert (waiting(), check_stored_files(f"{api.tenant_id}/")) == ([], [])
    found = announce(api, content, 200)["statements"]
    assert [(one["position"], one["status"]) for one in found] == [(number, "queued") for number in range(3)]
    uploaded = [one["resource"]["id"] for one in details("bank_statement.uploaded")]
    assert sorted(uploaded) == sorted(one["id"] for one in found)
    files = {file["id"] for one in found for file in one["files"]}
    assert {key.split("/")[1] for key in keys(api.tenant_id)} == files
