"""A file was stored in S3 → deleted later if no record refers to it"""

from datetime import timedelta
from typing import Any

import pytest

from infra.discovery import discover
from invoicing.aws.files import read, store_once
from invoicing.aws.grants import Grant
from invoicing.consumers.consumer import Consumer
from invoicing.documents import pdf
from tests.aws import ENVIRONMENT, AwsCalls
from tests.aws_events import boto, client_error
from tests.builders import customer_json, invoice_json, rule_json
from tests.conftest import Clock
from tests.dunning import reach
from tests.events import deliver, deliver_raw, details, function
from tests.faults.deaths import Moment, dies_at
from tests.forms import PDF, send_form
from tests.gateway import Client
from tests.logos import base64_of, png
from tests.uploads import arrive, check_stored_files, keys, note_with_upload, stored

ONE = ("plan.pdf", PDF, "application/pdf")
FILE, NOTE = "file_01JD8X2V6PZ3QK7M5T9WRC4HBN", "note_01JD8X2V6PZ3QK7M5T9WRC4HBN"


def files_of(api: Client) -> list[str]:
    """The ids of the files that the tenant has in the bucket."""
    return [key.split("/")[1] for key in keys(api.tenant_id)]


def check(api: Client) -> None:
    """Deliver each notice twice, as queues do."""
    notices = [stored(key) for key in keys(api.tenant_id)]
    assert deliver_raw("delete_unreferenced_file", *notices, *notices) == []


@pytest.mark.parametrize(("moment", "kept"), [("before", False), ("after", True)])
def test_note_file_stays_only_if_the_note_was_committed(
    api: Client, issued: dict[str, Any], aws: AwsCalls, moment: Moment, *, kept: bool
) -> None:
    with dies_at("TransactWriteItems", moment, aws) as worker:
        send_form(api, f"/invoices/{issued['id']}/notes", {"note": "x"}, [ONE])
    assert worker.died_at
    assert len(files_of(api)) == 1
    check(api)
    assert len(files_of(api)) == kept


@pytest.mark.parametrize(("moment", "kept"), [("before", 1), ("after", 2)])
def test_file_added_to_a_note_stays_only_if_committed(
    api: Client, issued: dict[str, Any], aws: AwsCalls, moment: Moment, kept: int
) -> None:
    notes = f"/invoices/{issued['id']}/notes"
    note = send_form(api, notes, {"note": "x"}, [ONE]).ok(201)
    with dies_at("TransactWriteItems", moment, aws):
        send_form(api, f"{notes}/{note['id']}", {}, [ONE])
    assert len(files_of(api)) == 2
    check(api)
    assert len(files_of(api)) == kept == len(api.get(f"{notes}/{note['id']}").ok()["files"])


@pytest.mark.parametrize(("moment", "kept"), [("before", False), ("after", True)])
def test_logo_stays_only_if_the_tenant_was_committed(api: Client, aws: AwsCalls, moment: Moment, *, kept: bool) -> None:
    with dies_at("TransactWriteItems", moment, aws):
        api.put("/tenant/logo", {"image": base64_of(png())})
    assert len(files_of(api)) == 1
    check(api)
    assert len(files_of(api)) == kept


def test_replaced_logo_stays_for_documents_issued_with_it(api: Client) -> None:
    logo = api.put("/tenant/logo", {"image": base64_of(png(300, 90))}).ok()["logo"]
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize").ok()
    api.put("/tenant/logo", {"image": base64_of(png(64, 64))}).ok()
    check(api)
    assert read(api.tenant_id, logo["id"], logo["sha256"]) == png(300, 90)
    assert deliver("render_document", *details("invoice.finalized")) == []


def test_uploaded_file_stays(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    path, upload = note_with_upload(api, issued["id"])
    with dies_at("TransactWriteItems", "before", aws):
        arrive(upload)
    check(api)
    assert arrive(upload) == []
    check(api)
    assert files_of(api) == [api.get(path).ok()["files"][0]["id"]]


def test_file_stored_for_a_deleted_note_is_deleted(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    path, upload = note_with_upload(api, issued["id"])
    with dies_at("TransactWriteItems", "before", aws):
        arrive(upload)
    api.delete(path).ok(204)
    assert len(files_of(api)) == 1
    check(api)
    assert files_of(api) == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_rendered_file_stays_whenever_its_worker_dies(
    api: Client, issued: dict[str, Any], aws: AwsCalls, moment: Moment
) -> None:
    [finalized] = details("invoice.finalized")
    with dies_at("TransactWriteItems", moment, aws):
        deliver("render_document", finalized)
    [key] = keys(api.tenant_id)
    # Until a delivery records it, it is unknown whether it will be referenced: the notice goes back into the queue.
    unknown = moment == "before"
    assert deliver_raw("delete_unreferenced_file", stored(key)) == ["0"] * unknown
    assert deliver("render_document", finalized) == []
    check(api)
    file = api.get(f"/invoices/{issued['id']}").ok()["files"]["pdf"]
    assert len(read(api.tenant_id, file["id"], file["sha256"])) == file["size"]


def test_pdf_and_xml_of_a_document_stay(api: Client, einvoicing: None) -> None:
    customer = api.post("/customers", customer_json(einvoice_format="zugferd")).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize").ok()
    assert deliver("render_document", *details("invoice.finalized")) == []
    check(api)
    files = api.get(f"/invoices/{draft}").ok()["files"]
    assert sorted(files_of(api)) == sorted(file["id"] for file in files.values())


def test_a_later_release_replaces_an_unrecorded_rendering(
    api: Client, issued: dict[str, Any], aws: AwsCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    [finalized] = details("invoice.finalized")
    with monkeypatch.context() as older, dies_at("TransactWriteItems", "before", aws):
        older.setattr(pdf, "_compile", lambda *_: b"%PDF-1.7 of the release before")
        deliver("render_document", finalized)
    assert deliver("render_document", finalized) == []
    assert len(files_of(api)) == 2
    check(api)
    file = api.get(f"/invoices/{issued['id']}").ok()["files"]["pdf"]
    assert [key.split("/")[1:] for key in keys(api.tenant_id)] == [[file["id"], file["sha256"]]]


def test_the_first_recorded_rendering_stays(
    api: Client, issued: dict[str, Any], aws: AwsCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers of two releases render the same document at the same time."""
    [finalized] = details("invoice.finalized")
    first = pdf._compile

    def slow(*arguments: Any) -> bytes:
        monkeypatch.setattr(pdf, "_compile", first)
        assert deliver("render_document", {**finalized, "id": "evt_first"}) == []
        return b"%PDF-1.7 of the slower worker"

    monkeypatch.setattr(pdf, "_compile", slow)
    assert deliver("render_document", finalized) == []
    file = api.get(f"/invoices/{issued['id']}").ok()["files"]["pdf"]
    assert len(files_of(api)) == 2
    assert len(details("document.rendered")) == 1
    check(api)
    assert [key.split("/")[1:] for key in keys(api.tenant_id)] == [[file["id"], file["sha256"]]]
    assert len(read(api.tenant_id, file["id"], file["sha256"])) == file["size"]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_letter_stays_whenever_its_worker_dies(
    api: Client, rendered: dict[str, Any], at: Clock, aws: AwsCalls, moment: Moment
) -> None:
    api.post("/dunning-rules", rule_json()).ok(201)
    at.now += timedelta(days=30)
    document = reach(api.tenant_id, rendered["id"], at.now)
    created = details("dunning.document_created")
    with dies_at("TransactWriteItems", moment, aws):
        deliver("render_dunning_document", *created)
    [key] = [one for one in keys(api.tenant_id) if document["pdf"]["id"] in one]
    assert deliver_raw("delete_unreferenced_file", stored(key)) == ["0"] * (moment == "before")
    assert deliver("render_dunning_document", *created) == []
    check(api)
    file = api.get(f"/dunning-documents/{document['id']}").ok()["pdf"]
    assert key in keys(api.tenant_id)
    assert key.endswith(f"{file['id']}/{file['sha256']}")


def test_file_of_a_release_that_named_no_owner_stays(api: Client) -> None:
    store_once(api.tenant_id, FILE, PDF, "application/pdf", owner={})
    check(api)
    assert files_of(api) == [FILE]


def test_failed_read_deletes_nothing(api: Client, issued: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    send_form(api, f"/invoices/{issued['id']}/notes", {"note": "x"}, [ONE]).ok(201)

    def fail(*_: object) -> None:
        raise client_error("GetItem", 503, "ServiceUnavailable")

    with monkeypatch.context() as broken:
        broken.setattr("invoicing.store.store.item_at", fail)
        assert check_stored_files(api.tenant_id) == ["0"]
    assert len(files_of(api)) == 1


def test_notice_about_a_deleted_file_is_ignored(api: Client, issued: dict[str, Any]) -> None:
    owner = {"invoice_id": issued["id"], "note_id": NOTE}
    sha256 = store_once(api.tenant_id, FILE, PDF, "application/pdf", owner=owner)
    key = f"{api.tenant_id}/{FILE}/{sha256}"
    boto("s3").delete_object(Bucket=ENVIRONMENT["FILES_BUCKET"], Key=key)
    assert deliver_raw("delete_unreferenced_file", stored(key)) == []


def test_no_function_outlives_the_delay() -> None:
    """A file that is not referenced when its notice is handled will never be referenced."""
    declared = function("delete_unreferenced_file").declaration
    assert isinstance(declared, Consumer)
    storing = [one.declaration for one in discover() if Grant.WRITE_FILES in one.declaration.grants]
    assert storing
    assert all(2 * one.timeout <= declared.delay for one in storing)


def test_undecided_notice_outlasts_the_retries_of_a_rendering() -> None:
    """The visibility timeout of a queue is six times the function's timeout."""
    declared = function("delete_unreferenced_file").declaration
    assert isinstance(declared, Consumer)
    waits = declared.delay + 6 * declared.timeout * (declared.attempts - 1)
    for name in ("render_document", "render_dunning_document"):
        renderer = function(name).declaration
        assert isinstance(renderer, Consumer)
        assert waits > 6 * renderer.timeout * renderer.attempts
