"""invoice.note_deleted → the note's files are deleted"""

from typing import Any

import pytest

from invoicing.aws.errors import ClientError
from invoicing.aws.files import read
from invoicing.tenants.model import Tenant
from tests.events import deliver, details
from tests.forms import PDF, send_form
from tests.gateway import Client

TWO = [("a.pdf", PDF, "application/pdf"), ("b.txt", b"b", "text/plain")]


def test_files_of_a_deleted_note_are_deleted(api: Client, issued: dict[str, Any], tenant: Tenant) -> None:
    notes = f"/invoices/{issued['id']}/notes"
    gone, kept = (send_form(api, notes, {"note": "x"}, TWO).ok(201) for _ in range(2))
    api.delete(f"{notes}/{gone['id']}").ok(204)
    [event] = details("invoice.note_deleted")
    for _ in range(2):
        assert deliver("delete_files", event) == []
    for file in gone["files"]:
        with pytest.raises(ClientError, match="NoSuchKey"):
            read(tenant.id, file["id"], file["sha256"])
    assert read(tenant.id, kept["files"][0]["id"], kept["files"][0]["sha256"]) == PDF
