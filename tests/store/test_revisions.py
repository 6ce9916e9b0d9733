"""The two counters of a row: clients compare one, and the other prevents overwritten changes."""

from typing import Any

import pytest

from invoicing.aws.clients import client
from invoicing.core.errors import ConcurrentModification
from invoicing.core.event import Recorded
from invoicing.core.identity import Caller, Moment
from invoicing.core.ids import new_id
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.invoices.events import InvoiceCreated, InvoiceDeleted, InvoiceSent, InvoiceUpdated
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.invoices.table import invoice_key
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant
from tests.aws import TABLE
from tests.builders import NOON


@pytest.fixture
def store(tenant: Tenant) -> Store:
    """The tenant's table, as the service itself sees it."""
    return Store(Session(Caller.system(tenant.id), NOON))


@pytest.fixture
def other(tenant: Tenant) -> Store:
    """The same for another writer."""
    return Store(Session(Caller.system(tenant.id), NOON))


@pytest.fixture
def draft(store: Store, tenant: Tenant) -> Invoice:
    """A stored draft."""
    made = Invoice.draft(
        new_id("inv", NOON),
        NewInvoice(),
        customer=None,
        tenant=tenant,
        moment=Moment(Caller.system(tenant.id), NOON, "UTC"),
    )
    return store.commit(Recorded(made, InvoiceCreated()))


def counters(tenant: Tenant, invoice_id: str) -> tuple[int, int | None]:
    """Version and revision of a document's head."""
    item: Any = client("dynamodb").get_item(TableName=TABLE, Key=invoice_key(tenant.id, invoice_id).address)["Item"]
    return int(item["version"]["N"]), int(item["revision"]["N"]) if "revision" in item else None


def before_revisions(tenant: Tenant, invoice_id: str) -> None:
    """Rewrite a document's head as before rows had a revision."""
    client("dynamodb").update_item(
        TableName=TABLE, Key=invoice_key(tenant.id, invoice_id).address, UpdateExpression="REMOVE revision"
    )


def test_a_change_moves_both_counters(store: Store, tenant: Tenant, draft: Invoice) -> None:
    assert counters(tenant, draft.id) == (1, 1)
    store.commit(Recorded(store.get(Invoice, draft.id).model_copy(update={"title": "x"}), InvoiceUpdated()))
    assert counters(tenant, draft.id) == (2, 2)


def test_a_change_of_the_service_moves_the_revision_only(store: Store, tenant: Tenant, draft: Invoice) -> None:
    sent = store.record(Recorded(store.get(InvoiceSummary, draft.id).sent(NOON), InvoiceSent()))
    assert (sent.version, sent.sent_at) == (1, NOON)
    assert counters(tenant, draft.id) == (1, 2)


@pytest.mark.parametrize("old", [True, False])
def test_a_change_never_overwrites_additions_of_the_service(
    store: Store, other: Store, tenant: Tenant, draft: Invoice, old: bool
) -> None:
    if old:
        before_revisions(tenant, draft.id)
    mine = store.get(Invoice, draft.id)
    other.record(Recorded(other.get(InvoiceSummary, draft.id).sent(NOON), InvoiceSent()))
    with pytest.raises(ConcurrentModification):
        store.commit(Recorded(mine.model_copy(update={"title": "x"}), InvoiceUpdated()))
    with pytest.raises(ConcurrentModification):
        store.delete(Recorded(mine, InvoiceDeleted()))
    assert store.get(Invoice, draft.id).sent_at == NOON


def test_a_row_without_revision_gets_one_that_no_content_has(store: Store, tenant: Tenant, draft: Invoice) -> None:
    store.commit(Recorded(store.get(Invoice, draft.id).model_copy(update={"title": "x"}), InvoiceUpdated()))
    before_revisions(tenant, draft.id)
    store.record(Recorded(store.get(InvoiceSummary, draft.id).sent(NOON), InvoiceSent()))
    assert counters(tenant, draft.id) == (2, 3)
    assert store.get(Invoice, draft.id).title == "x"


def test_a_row_without_revision_can_be_deleted(store: Store, tenant: Tenant, draft: Invoice) -> None:
    before_revisions(tenant, draft.id)
    store.delete(Recorded(store.get(Invoice, draft.id), InvoiceDeleted()))
    assert not store.exists(InvoiceSummary, draft.id)


def test_a_decision_on_an_older_read_is_refused(store: Store, other: Store, draft: Invoice) -> None:
    mine = store.get(Invoice, draft.id)
    other.commit(Recorded(other.get(Invoice, draft.id).model_copy(update={"title": "theirs"}), InvoiceUpdated()))
    assert store.get(Invoice, draft.id).title == "theirs"
    with pytest.raises(ConcurrentModification):
        store.commit(Recorded(mine.model_copy(update={"title": "mine"}), InvoiceUpdated()))


def test_a_written_object_is_read_again_before_its_change(store: Store, draft: Invoice) -> None:
    with pytest.raises(AssertionError, match="has to be read"):
        store.commit(Recorded(draft.model_copy(update={"title": "x"}), InvoiceUpdated()))


def test_content_rewritten_under_one_version_is_a_new_content(store: Store, tenant: Tenant, draft: Invoice) -> None:
    stored = store.get(Invoice, draft.id)
    store.record(Recorded(stored.model_copy(update={"credit_reason": "other"}), InvoiceUpdated()))
    head: Any = client("dynamodb").get_item(TableName=TABLE, Key=invoice_key(tenant.id, draft.id).address)["Item"]
    assert (head["version"], head["content_version"]) == ({"N": "1"}, {"N": "2"})
    assert store.get(Invoice, draft.id).credit_reason == "other"
