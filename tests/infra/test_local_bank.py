"""`invoicing bank import`: one line for each statement of a file."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local import bank, cli
from infra.local.bank import import_content
from infra.local.failure import LocalError
from invoicing.bank.model import BankStatement
from invoicing.bank.statement_parts import ImportProgress, StatementAccount
from invoicing.core.ids import new_id
from tests.bank import PROFILE, statement_announced
from tests.builders import NOON

ID = new_id("bst", NOON)
STATEMENT = BankStatement(
    id=ID, version=1, created_at=NOON, updated_at=NOON, created_by=None, updated_by=None, bank_account_id="main",
    source="upload", format="camt.053", account=StatementAccount(iban="DE75512108001245126199"), booked=3,
    progress=ImportProgress(total=3), balanced=True, pending_left_out=1,
).model_dump(mode="json")  # fmt: skip
QUEUED = STATEMENT | {"from": "2026-03-01", "to": "2026-03-31"}
DONE = QUEUED | {"status": "done", "new": 2, "duplicates": 1}
PROBLEM = {"place": "line 5, :61:", "code": "UNREADABLE", "message": "The entry cannot be read."}


def imported(monkeypatch: pytest.MonkeyPatch, after: dict[str, Any], **uploaded: Any) -> tuple[bool, list[str]]:
    """Whether a file was imported as a whole, and the lines that are shown."""
    monkeypatch.setattr(bank, "_LOOK_SECONDS", 0)
    lines: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            assert b'name="bank_account_id"' in request.content
            return httpx.Response(202, json={"data": [QUEUED], "problems": []} | uploaded)
        return httpx.Response(200, json=after)

    with httpx.Client(base_url="http://service", transport=httpx.MockTransport(answer)) as api:
        return import_content(api, "x.xml", b"<x/>", {"bank_account_id": "main"}, lines.append), lines


def test_each_statement_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, lines = imported(monkeypatch, DONE)
    start = f"{ID}   DE75512108001245126199   camt.053   2026-03-01 to 2026-03-31   "
    assert (whole, lines) == (True, [f"{start}2 new, 1 known, 1 pending left out; adds up"])


def test_unread_parts_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    after = DONE | {"balanced": False, "gap": {"expected_opening": "5.00"}, "problems": [PROBLEM], "status": "failed"}
    whole, lines = imported(monkeypatch, after, problems=[PROBLEM | {"place": "readme.txt"}])
    assert (whole, len(lines), lines[0]) == (False, 3, "Not read: readme.txt: The entry cannot be read.")
    assert lines[1].endswith("does not add up; the one before ended with 5.00; failed")
    assert lines[2] == "  line 5, :61: The entry cannot be read."


def test_a_large_file_is_uploaded_to_s3(monkeypatch: pytest.MonkeyPatch) -> None:
    content, posted = b"x" * 4_000_001, list[dict[str, Any]]()

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=DONE)
        assert json.loads(request.content) == statement_announced(content) | {"csv_profile": PROFILE}
        if posted:
            return httpx.Response(200, json={"statements": [DONE, DONE | {"position": 1}], "url": None})
        pending = {"statements": [QUEUED | {"status": "pending"}], "url": "https://s3", "fields": {"key": "k"}}
        return httpx.Response(202, json=pending)

    def post(url: str, **form: Any) -> httpx.Response:
        posted.append({"url": url, **form})
        return httpx.Response(204)

    monkeypatch.setattr(bank, "_LOOK_SECONDS", 0)
    monkeypatch.setattr(httpx, "post", post)
    lines: list[str] = []
    with httpx.Client(base_url="http://service", transport=httpx.MockTransport(answer)) as api:
        assert import_content(api, "x.csv", content, {"csv_profile": json.dumps(PROFILE)}, lines.append)
    assert len(lines) == 2
    assert posted == [
        {"url": "https://s3", "data": {"key": "k"}, "files": {"file": ("x.csv", content)}, "timeout": 600}
    ]


def test_a_refused_file_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused = httpx.MockTransport(lambda _: httpx.Response(422, json={"title": "Not readable.", "detail": "line 1: x"}))
    with (
        httpx.Client(base_url="http://service", transport=refused) as api,
        pytest.raises(LocalError, match=r"422 Not readable\. line 1: x"),
    ):
        import_content(api, "x.xml", b"<x/>", {"csv_profile": str(PROFILE)}, print)
    (tmp_path / "stack.json").write_text('{"api_url": "http://127.0.0.1:1/v1", "api_keys": {"admin": "ik_1"}}')
    missing = ["bank", "import", str(tmp_path / "none.xml"), "--folder", str(tmp_path)]
    assert cli.main(missing) == 1
    assert capsys.readouterr().err == f"invoicing: {tmp_path / 'none.xml'}: No such file or directory.\n"
