"""Invoices that reach levels of dunning."""

from datetime import datetime
from typing import Any

from invoicing.aws.files import store_once
from invoicing.core.identity import Caller
from invoicing.dunning.document import DunningDocument
from invoicing.dunning.events import LetterRendered
from invoicing.dunning.rule import DunningRule
from invoicing.dunning.workflow import reach_next_level
from invoicing.invoices.event import about_document
from invoicing.store.session import Session
from invoicing.store.store import Store
from tests.events import deliver, details
from tests.gateway import Client


def reach(tenant_id: str, invoice_id: str, at: datetime) -> dict[str, Any]:
    """Let an invoice reach its next level, whose document this is."""
    store = Store(Session(Caller.system(tenant_id), at))
    document, obstacle = reach_next_level(store, invoice_id, store.all(DunningRule), at.date())
    assert document, obstacle
    return document.model_dump(mode="json")


def write(tenant_id: str, document_id: str, at: datetime) -> None:
    """Replace a letter by a dummy file, and let it reach its customer."""
    store = Store(Session(Caller.system(tenant_id), at))
    document = store.get(DunningDocument, document_id)
    content = b"%PDF-1.7 a stand-in for a letter"
    sha256 = store_once(
        tenant_id, document.pdf.id, content, "application/pdf", owner={"dunning_document_id": document_id}
    )
    rendered = LetterRendered(file="pdf", sha256=sha256, size=len(content), document_id=document_id)
    store.record(document.rendered(sha256, len(content), at).sent(at), about_document(document.invoice_id, rendered))


def deliver_letters(api: Client, at: datetime) -> None:
    """Let every letter that was not sent yet reach its customer."""
    for document in api.get("/dunning-documents?status=open").ok()["data"]:
        write(api.tenant_id, document["id"], at)


def written() -> list[dict[str, Any]]:
    """Render all letters. Returns the events that request their mails."""
    assert deliver("render_dunning_document", *details("dunning.document_created")) == []
    return [one for one in details("email.requested") if one["data"]["details"].get("document_id")]


def pay(api: Client, path: str) -> None:
    """The whole outbox."""
    api.post(f"{path}/payments", {"amount": "119.00"}).ok(201)


def _credit(api: Client, path: str) -> None:
    api.post(f"{path}/credit", {"reason": "order_change"}).ok(201)


def _cancel(api: Client, path: str) -> None:
    api.post(f"{path}/cancel").ok()


def _close(api: Client, path: str) -> None:
    api.post(f"{path}/close", {"reason": "write_off"}).ok()


ENDS = [pay, _credit, _cancel, _close]
"""The actions that end the dunning of an issued invoice."""
