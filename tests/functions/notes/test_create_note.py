"""POST /invoices/{invoice_id}/notes"""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from invoicing.aws.files import key_of, read, store_once
from invoicing.http.form import MAX_FILE_BYTES
from invoicing.notes import storing
from invoicing.tenants.model import Tenant
from tests.aws import AwsCalls
from tests.aws_events import client_error
from tests.builders import invoice_json
from tests.events import details
from tests.faults.deaths import Moment, dies_at
from tests.forms import GOOD, PDF, File, form, send_form
from tests.gateway import Client
from tests.races import meanwhile
from tests.uploads import check_stored_files, keys

ONE: File = ("a.pdf", PDF, "application/pdf")


def test_a_note_has_its_files_and_a_timeline_entry(api: Client, issued: dict[str, Any], tenant: Tenant) -> None:
    """E50 to E53, A01: text and files under the invoice."""
    path = f"/invoices/{issued['id']}/notes"
    markup = "<p>Approved by <b>Ada</b></p><script>alert(1)</script>"
    note = send_form(api, path, {"note": markup}, [ONE, ("b.txt", b"paid", "text/plain")]).ok(201)
    assert (note["html"], note["text"]) == ("<p>Approved by <b>Ada</b></p>", "Approved by Ada")
    pdf, text = note["files"]
    assert (pdf["name"], pdf["content_type"], pdf["size"], pdf["status"]) == (
        "a.pdf", "application/pdf", len(PDF), "available",
    )  # fmt: skip
    assert pdf["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert read(tenant.id, text["id"], text["sha256"]) == b"paid"
    [entry] = api.get(f"/invoices/{issued['id']}/comments?action_key=NOTE").ok()["data"]
    assert entry["metadata"] == {"note_id": note["id"], "files": [pdf["id"], text["id"]]}
    [told] = details("invoice.note_added")
    assert told["resource"] == {"object": "activity", "id": entry["id"], "version": 1}
    assert api.get(f"{path}/{note['id']}").ok() == note


def test_a_note_without_files_may_be_json(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    api.get(f"/invoices/{issued['id']}").ok()
    with aws.only("create_note") as calls:
        note = api.post(f"/invoices/{issued['id']}/notes", {"note": "5 < 6 & 7"}).ok(201)
    assert (note["text"], note["html"]) == ("5 < 6 & 7", "5 &lt; 6 &amp; 7")
    assert calls.names == {"dynamodb:GetItem": 1, "dynamodb:TransactWriteItems": 1}


@pytest.mark.parametrize("file", GOOD, ids=lambda file: file[0])
def test_every_documented_kind_of_file_is_accepted(api: Client, issued: dict[str, Any], file: File) -> None:
    [kept] = send_form(api, f"/invoices/{issued['id']}/notes", {}, [file]).ok(201)["files"]
    assert kept["name"] == file[0]


HTML = b"<!DOCTYPE html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.mark.parametrize(
    "file",
    [
        ("a.pdf", GOOD[8][1], "application/pdf"),
        ("a.png", PDF, "image/png"),
        ("a.svg", SVG, "image/svg+xml"),
        ("a.xml", SVG, "application/xml"),
        ("a.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "application/xml"),
        ("a.xml", b'<html xmlns="http://www.w3.org/1999/xhtml"/>', "application/xml"),
        ("a.xml", b"<a><b></a>", "application/xml"),
        ("a.xml", b'<x xmlns:h="http://www.w3.org/1999/xhtml"><h:script>alert(1)</h:script></x>', "application/xml"),
        ("a.xml", b'<?xml-stylesheet href="data:text/xsl,"?><x/>', "application/xml"),
        ("a.xml", b"<a>" * 300 + b"</a>" * 300, "application/xml"),
        ("a.html", HTML, "text/html"),
        ("a.txt", b"<!-- x --><script>alert(1)</script>", "text/plain"),
        ("a.txt", HTML, "text/plain"),
        ("a.pdf", HTML + PDF, "application/pdf"),
        ("a.pdf", b"", "application/pdf"),
        ("a.pdf", PDF, "image/png"),
        ("a.exe", b"MZ", "application/octet-stream"),
        ("a.pdf.exe", PDF, "application/pdf"),
        ("a\u202efdp.exe", PDF, "application/pdf"),
        ("pdf", PDF, "application/pdf"),
        (".pdf", PDF, "application/pdf"),
        ("a.docx", GOOD[9][1], GOOD[8][2]),
        ("a.odt", GOOD[8][1], GOOD[10][2]),
        ("a.txt", b"a\0b", "text/plain"),
    ],
    ids=lambda file: f"{file[0]} {file[2]} {file[1][:8]!r}",
)
def test_a_file_of_another_type_refuses_the_whole_note(api: Client, issued: dict[str, Any], file: File) -> None:
    before = keys()
    answer = send_form(api, f"/invoices/{issued['id']}/notes", {"note": "x"}, [ONE, file])
    assert (answer.status, answer.code) == (415, "UNSUPPORTED_FILE_TYPE")
    assert [error["pointer"] for error in answer.json["errors"]] == ["/file/1"]
    assert keys() == before
    assert api.get(f"/invoices/{issued['id']}/notes").ok()["data"] == []


def test_files_of_a_request_have_at_most_four_megabytes(api: Client, issued: dict[str, Any]) -> None:
    half = ("a.pdf", PDF.ljust(MAX_FILE_BYTES // 2), "application/pdf")
    path = f"/invoices/{issued['id']}/notes"
    assert len(send_form(api, path, {"note": "n" * 9_000}, [half, half]).ok(201)["files"]) == 2
    more = (half[0], half[1] + b" ", half[2])
    for files in ([half, more], [(half[0], half[1] * 2 + b" ", half[2])], [half, half, half]):
        answer = send_form(api, path, {}, files)
        assert (answer.status, answer.code) == (413, "FILE_TOO_LARGE")
    large_json = api.post(path, {"note": "n" * 1_000_001})
    assert (large_json.status, large_json.code) == (413, "REQUEST_TOO_LARGE")


def test_a_note_has_at_most_ten_files_and_names_may_repeat(api: Client, issued: dict[str, Any]) -> None:
    path = f"/invoices/{issued['id']}/notes"
    files = send_form(api, path, {}, [ONE] * 10).ok(201)["files"]
    assert len({file["id"] for file in files}) == 10
    assert {file["name"] for file in files} == {"a.pdf"}
    answer = send_form(api, path, {}, [ONE] * 11)
    assert (answer.status, answer.code, answer.json["errors"][0]["pointer"]) == (400, "VALIDATION_ERROR", "/file")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../" * 98 + "x.pdf", "x.pdf"),
        ("../" + "x" * 300 + ".pdf", "x" * 146 + ".pdf"),
        ("C:\\Users\\ada\\Beleg.pdf", "Beleg.pdf"),
        ("/etc/passwd\0.pdf", "passwd_.pdf"),
        ("請求書 №1 🙂.pdf", "請求書 №1 🙂.pdf"),
        ("فاتورة.pdf", "فاتورة.pdf"),
        ("Cafe\u0301.pdf", "Caf\u00e9.pdf"),
        ("a<b>:|?*.pdf", "a_b_____.pdf"),
        ("fdp.\u202etxt\u200b.pdf", "fdp.txt.pdf"),
        ("\u0645\u06cc\u200c\u062e\u0648.pdf", "\u0645\u06cc\u200c\u062e\u0648.pdf"),
        ("👩\u200d👧.pdf", "👩\u200d👧.pdf"),
        ("..  .pdf. ", "pdf"),
        ("x" * 149 + "." + "y" * 20, "x" * 149),
    ],
)
def test_names_are_made_safe(api: Client, issued: dict[str, Any], given: str, kept: str) -> None:
    name = given.encode()
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="' + name + b'"\r\n'
    body += b"Content-Type: application/pdf\r\n\r\n" + PDF + b"\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = api.post(f"/invoices/{issued['id']}/notes", raw=body, headers=headers)
    if "." not in kept:
        assert answer.code == "UNSUPPORTED_FILE_TYPE"
    else:
        assert answer.ok(201)["files"][0]["name"] == kept


def part(head: str, content: bytes = b"x", boundary: str = "b") -> bytes:
    return f"--{boundary}\r\n{head}\r\n\r\n".encode() + content + f"\r\n--{boundary}--\r\n".encode()


NOTE = 'Content-Disposition: form-data; name="note"'


@pytest.mark.parametrize(
    ("content_type", "body", "pointer"),
    [
        ("multipart/form-data", part(NOTE), ""),
        ("multipart/form-data; boundary=", part(NOTE), ""),
        (f"multipart/form-data; boundary={'b' * 71}", part(NOTE, boundary="b" * 71), ""),
        (f"multipart/form-data; boundary={'b' * 10_000}", part(NOTE, boundary="b" * 10_000), ""),
        ("multipart/form-data; boundary=b", b"", ""),
        ("multipart/form-data; boundary=b", b"--b--\r\n", ""),
        ("multipart/form-data; boundary=b", part(NOTE)[:-9], ""),
        ("multipart/form-data; boundary=b", part(NOTE, boundary="c"), ""),
        ("multipart/form-data; boundary=b", b"hello", ""),
        ("multipart/form-data; boundary=b", part("Content-Type: text/plain"), ""),
        ("multipart/form-data; boundary=b", part("Content-Disposition: attachment; name=note"), ""),
        ("multipart/form-data; boundary=b", part(f"{NOTE}\r\nContent-Transfer-Encoding: base64"), ""),
        ("multipart/form-data; boundary=b", part(f"{NOTE}\r\n{'X' * 9_000}: 1"), ""),
        ("multipart/form-data; boundary=b", part(NOTE, b"\xff"), "/note"),
        ("multipart/form-data; boundary=b", part(f'{NOTE}; filename="x.pdf"'), "/note"),
        ("multipart/form-data; boundary=b", part('Content-Disposition: form-data; name="text"'), "/text"),
        ("multipart/form-data; boundary=b", part('Content-Disposition: form-data; name="file"'), "/file/0"),
        ("multipart/form-data; boundary=b", part(NOTE, b"n" * 10_001), "/note"),
        ("multipart/form-data; boundary=b", part(NOTE)[:-7] + b"\r\n" + part(NOTE), "/note"),
        ("application/json", b"{}", ""),
        ("application/json", b'{"note":"<script>x</script>"}', ""),
        ("application/json", b'{"note":"x","file":["x"]}', "/file"),
        ("application/json", part(NOTE), ""),
    ],
)
def test_a_malformed_form_gets_an_error_of_the_contract(
    api: Client, issued: dict[str, Any], content_type: str, body: bytes, pointer: str
) -> None:
    answer = api.post(f"/invoices/{issued['id']}/notes", raw=body, headers={"Content-Type": content_type})
    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR"), answer.text
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


def test_a_form_of_very_many_parts_is_refused(api: Client, issued: dict[str, Any]) -> None:
    body = b"".join(part(f'Content-Disposition: form-data; name="x{n}"')[:-7] + b"\r\n" for n in range(60)) + b"--b--"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert api.post(f"/invoices/{issued['id']}/notes", raw=body, headers=headers).status == 400


def test_an_empty_file_field_of_a_browser_is_ignored(api: Client, issued: dict[str, Any]) -> None:
    empty = b'--b\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    note = api.post(f"/invoices/{issued['id']}/notes", raw=empty + part(NOTE), headers=headers).ok(201)
    assert (note["text"], note["files"]) == ("x", [])


def test_a_form_sent_again_with_its_key_makes_no_second_note(api: Client, issued: dict[str, Any]) -> None:
    """Each request has another boundary."""
    path = f"/invoices/{issued['id']}/notes"
    first = send_form(api, path, {"note": "x"}, [ONE], **{"Idempotency-Key": "k"}).ok(201)
    again = send_form(api, path, {"note": "x"}, [ONE], **{"Idempotency-Key": "k"})
    assert (again.ok(201), again.headers["Idempotency-Replayed"]) == (first, "true")
    other = send_form(api, path, {"note": "x"}, [("a.pdf", PDF + b" ", "application/pdf")], **{"Idempotency-Key": "k"})
    assert other.code == "IDEMPOTENCY_KEY_REUSED"
    assert len(api.get(path).ok()["data"]) == 1


def test_a_repetition_stores_nothing_again(api: Client, issued: dict[str, Any]) -> None:
    for _ in range(3):
        send_form(api, f"/invoices/{issued['id']}/notes", {"note": "x"}, [ONE], **{"Idempotency-Key": "k"}).ok(201)
    assert len(keys(api.tenant_id)) == 1


def test_a_draft_that_is_deleted_meanwhile_leaves_no_file_behind(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = f"/invoices/{api.post('/invoices', invoice_json()).ok(201)['id']}"

    def store(*args: Any, **more: Any) -> str:
        api.delete(draft).ok(204)
        return store_once(*args, **more)

    monkeypatch.setattr(storing, "store_once", store)
    assert send_form(api, f"{draft}/notes", {}, [ONE]).code == "INVOICE_NOT_FOUND"
    assert keys(api.tenant_id) == []


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", [1, 2, 3, 4])
def test_a_repetition_after_any_crash_creates_one_note(
    api: Client, issued: dict[str, Any], aws: AwsCalls, call: int, moment: Moment
) -> None:
    path = f"/invoices/{issued['id']}/notes"
    with dies_at(call, moment, aws) as worker:
        send_form(api, path, {"note": "x"}, [ONE], **{"Idempotency-Key": "k"})
    assert worker.died_at
    note = send_form(api, path, {"note": "x"}, [ONE], **{"Idempotency-Key": "k"}).ok(201)
    assert api.get(path).ok()["data"] == [note]
    died_before_commit = worker.died_at == "TransactWriteItems" and moment == "before"
    assert len(keys(api.tenant_id)) == (2 if died_before_commit else 1)
    assert check_stored_files(api.tenant_id) == []
    assert [key.split("/")[1] for key in keys(api.tenant_id)] == [note["files"][0]["id"]]


def test_unclosed_elements_do_not_enlarge_a_note(api: Client, issued: dict[str, Any]) -> None:
    html = "<p>" + "".join(f"<b a{n}>" for n in range(500)) + "<p>x" * 1_000
    answer = api.post(f"/invoices/{issued['id']}/notes", {"note": html})
    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    worst = "&" * 10_000
    assert api.post(f"/invoices/{issued['id']}/notes", {"note": worst}).ok(201)["text"] == worst


def test_a_note_about_a_missing_resource_stores_nothing(api: Client) -> None:
    before = keys()
    path = "/invoices/inv_01JD8X2V6PZ3QK7M5T9WRC4HBN/notes"
    assert send_form(api, path, {"note": "x"}, [ONE]).code == "INVOICE_NOT_FOUND"
    assert keys() == before


def test_control_characters_separate_words_before_parsing(api: Client, issued: dict[str, Any]) -> None:
    body, content_type = form({"note": "<scr\0ipt>alert(1)</scr\0ipt>ok\u0007"})
    note = api.post(f"/invoices/{issued['id']}/notes", raw=body, headers={"Content-Type": content_type}).ok(201)
    assert note["html"] == "&lt;scr ipt&gt;alert(1)&lt;/scr ipt&gt;ok"
    assert note["text"] == "<scr ipt>alert(1)</scr ipt>ok"


def test_a_note_whose_second_file_cannot_be_stored_leaves_none(
    api: Client, issued: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[str] = []

    def store(*args: Any, **more: Any) -> str:
        if stored:
            raise client_error("PutObject", 503, "SlowDown")
        stored.append(store_once(*args, **more))
        return stored[0]

    monkeypatch.setattr(storing, "store_once", store)
    assert send_form(api, f"/invoices/{issued['id']}/notes", {}, [ONE, ONE]).status == 500
    assert (len(stored), keys(api.tenant_id)) == (1, [])


def test_a_lost_race_leaves_the_files_of_one_note(api: Client, issued: dict[str, Any]) -> None:
    path = f"/invoices/{issued['id']}/notes"
    made = send_form(api, path, {"note": "x"}, [ONE]).ok(201)
    with meanwhile(lambda: api.post(f"{path}/{made['id']}", {"text": "y"}).ok()):
        after = send_form(api, f"{path}/{made['id']}", {}, [ONE]).ok()
    assert sorted(key.split("/")[1] for key in keys(api.tenant_id)) == sorted(file["id"] for file in after["files"])
    assert (after["text"], len(after["files"])) == ("y", 2)


def test_a_file_of_a_note_is_never_locked(
    api: Client, issued: dict[str, Any], tenant: Tenant, locks: Callable[[str], Any]
) -> None:
    """Nothing obliges a company to keep it, and data protection can oblige the company to delete it."""
    [file] = send_form(api, f"/invoices/{issued['id']}/notes", {}, [ONE]).ok(201)["files"]
    assert locks(key_of(tenant.id, file["id"], file["sha256"])) is None
