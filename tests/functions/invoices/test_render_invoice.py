"""POST /invoices/{invoice_id}/render: A6."""

from typing import Any

from invoicing.aws.files import delete, read
from invoicing.tenants.model import Tenant
from tests.aws import AwsCalls
from tests.builders import invoice_json
from tests.events import deliver, details
from tests.gateway import Client


def render_again(api: Client, id_: str) -> dict[str, Any]:
    """The PDF after its rendering was requested and done."""
    api.post(f"/invoices/{id_}/render").ok(202)
    assert deliver("render_document", *details("document.rendering_requested")) == []
    file: dict[str, Any] = api.get(f"/invoices/{id_}").ok()["files"]["pdf"]
    return file


def test_a_document_that_was_never_rendered_gets_its_files(api: Client, issued: dict[str, Any]) -> None:
    assert issued["files"]["pdf"]["status"] == "pending"
    assert render_again(api, issued["id"])["status"] == "available"


def test_a_lost_file_is_rendered_with_the_same_bytes(api: Client, issued: dict[str, Any], tenant: Tenant) -> None:
    deliver("render_document", *details("invoice.finalized"))
    before = api.get(f"/invoices/{issued['id']}").ok()["files"]["pdf"]
    content = read(tenant.id, before["id"], before["sha256"])
    delete(tenant.id, before["id"], before["sha256"])
    assert render_again(api, issued["id"]) == before
    assert read(tenant.id, before["id"], before["sha256"]) == content


def test_existing_files_do_not_change(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    deliver("render_document", *details("invoice.finalized"))
    before = api.get(f"/invoices/{issued['id']}").ok()
    with aws.only("render_document") as calls:
        assert render_again(api, issued["id"]) == before["files"]["pdf"]
    assert "s3:PutObject" not in calls.names
    assert len(details("document.rendered")) == 1
    assert api.get(f"/invoices/{issued['id']}").ok()["version"] == before["version"]


def test_a_draft_has_no_files_to_render(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)["id"]
    refused = api.post(f"/invoices/{draft}/render")
    assert (refused.status, refused.code) == (409, "INVALID_STATE")
    assert api.post("/invoices/inv_01JD8X2V6PZ3QK7M5T9WRC4HBN/render").status == 404
