"""A read returns the state of one moment, despite concurrent writes."""

from typing import Any

import pytest

from invoicing.aws.clients import client
from invoicing.core.errors import ConcurrentModification
from invoicing.core.identity import Caller
from invoicing.invoices.model import Invoice
from invoicing.invoices.table import invoice_key
from invoicing.store import store
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant
from tests.aws import TABLE
from tests.builders import NOON
from tests.gateway import Client


@pytest.fixture
def mix(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Responds to the next query of a document with a read in the middle of a change."""

    def install(*pages: list[Any]) -> None:
        real: Any = client("dynamodb")
        left = list(pages)

        class Torn:
            def __getattr__(self, name: str) -> Any:
                return query if name == "query" else getattr(real, name)

        def query(**asked: Any) -> Any:
            return {"Items": left.pop(0)} if left else real.query(**asked)

        monkeypatch.setattr("invoicing.store.reading.client", lambda _: Torn())

    return install


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between reads, which take no time."""
    waits: list[float] = []
    monkeypatch.setattr(store, "wait", waits.append)
    return waits


def _items(tenant: Tenant, invoice_id: str) -> list[Any]:
    answer = client("dynamodb").query(
        TableName=TABLE,
        KeyConditionExpression="PK = :place AND begins_with(SK, :head)",
        ExpressionAttributeValues={":place": {"S": invoice_key(tenant.id, invoice_id).partition}, ":head": {"S": "#"}},
    )
    return list(answer["Items"])


def test_a_draft_that_changes_while_it_is_read_is_read_again(api: Client, tenant: Tenant, mix: Any) -> None:
    line = {"name": "Beratung", "quantity": "1", "unit_price": "1.00", "tax": {"category": "S", "rate": "19"}}
    draft = api.post("/invoices", {"currency": "EUR", "lines": [line]}).ok(201)
    old_head, old_part = _items(tenant, draft["id"])
    changed = api.patch(f"/invoices/{draft['id']}", {"lines": [line, line]}).ok()
    head, part = _items(tenant, draft["id"])
    # In each order: head before part, part before head, and a part that is deleted already.
    mix([old_head, part], [head, old_part], [old_head], [old_head, part])
    assert api.get(f"/invoices/{draft['id']}").ok() == changed


def test_reads_of_a_draft_that_keeps_changing_are_bounded(
    api: Client, tenant: Tenant, mix: Any, rests: list[float]
) -> None:
    line = {"name": "Beratung", "quantity": "1", "unit_price": "1.00", "tax": {"category": "S", "rate": "19"}}
    draft = api.post("/invoices", {"currency": "EUR", "lines": [line]}).ok(201)
    head, _ = _items(tenant, draft["id"])
    mix(*[[head]] * store.MOST_READS)
    with pytest.raises(ConcurrentModification):
        Store(Session(Caller.system(tenant.id), NOON)).get(Invoice, draft["id"])
    assert len(rests) == store.MOST_READS
    # A request is repeated like any other that lost a race.
    mix(*[[head]] * (store.MOST_READS + 1))
    assert api.get(f"/invoices/{draft['id']}").ok()["lines"] == draft["lines"]
