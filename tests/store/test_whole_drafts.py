"""Many whole drafts in few calls: a head proves that a draft has no third item, or that item is read too."""

from typing import Any

import pytest

from invoicing.aws.clients import client
from invoicing.core.identity import Caller
from invoicing.invoices.model import Invoice
from invoicing.invoices.table import drafts_at, invoice_key
from invoicing.store.reading import item_at
from invoicing.store.rows.items import lacks_aside
from invoicing.store.session import Session
from invoicing.store.store import Store
from tests import billing
from tests.aws import TABLE, AwsCalls
from tests.builders import NOON
from tests.gateway import Client
from tests.many import fill_drafts

NOTE = {"internal_note": "Call first"}


def proves(api: Client, invoice_id: str) -> bool:
    return lacks_aside(item_at(invoice_key(api.tenant_id, invoice_id)) or {})


def test_a_head_proves_that_a_draft_has_no_third_item(api: Client) -> None:
    draft = billing.draft(api)
    assert proves(api, draft)
    changes: list[tuple[dict[str, Any], bool]] = [
        ({"title": "Changed"}, True),
        (NOTE, False),
        ({"title": "With note"}, False),
        ({"internal_note": None}, False),
        ({"title": "Without"}, True),
    ]
    for changed, proven in changes:
        api.patch(f"/invoices/{draft}", changed).ok()
        assert proves(api, draft) == proven
    assert not proves(api, billing.draft(api, **NOTE))


def test_changes_of_the_head_alone_have_no_proof(api: Client) -> None:
    """They would pay for it in each write after the issue."""
    issued = billing.draft(api, customer_id=billing.customer(api))
    api.post(f"/invoices/{issued}/finalize").ok()
    assert proves(api, issued)
    api.post(f"/invoices/{issued}/payments", {"amount": "1.00", "date": "2026-03-10"}).ok(201)
    assert not proves(api, issued)


def test_a_write_of_old_code_ends_the_proof(api: Client) -> None:
    """It keeps the attribute that it does not know, and moves the revision."""
    draft = billing.draft(api)
    address: Any = {"TableName": TABLE, "Key": invoice_key(api.tenant_id, draft).address}
    one: Any = {":one": {"N": "1"}}
    client("dynamodb").update_item(**address, UpdateExpression="ADD revision :one", ExpressionAttributeValues=one)
    assert not proves(api, draft)
    api.patch(f"/invoices/{draft}", {"title": "Changed"}).ok()
    assert proves(api, draft)


@pytest.mark.parametrize(("noted", "calls"), [("none", 2), ("all", 3), ("first", 3), ("last", 3)])
def test_each_draft_is_read_whole(api: Client, aws: AwsCalls, noted: str, calls: int) -> None:
    first = api.get(f"/invoices/{billing.draft(api, customer_id=billing.customer(api))}").ok()
    if noted == "all":
        api.patch(f"/invoices/{first['id']}", NOTE).ok()
    ids = [*fill_drafts(first, 94), first["id"]]
    with_note = {"none": [], "all": ids, "first": ids[:1], "last": ids[-1:]}[noted]
    for one in with_note if noted != "all" else ():
        api.patch(f"/invoices/{one}", NOTE).ok()
    before = len(aws.calls)
    found = dict(drafts_at(Store(Session(Caller.system(api.tenant_id), NOON)), ids))
    assert [call.name for call in aws.calls[before:]] == ["dynamodb:BatchGetItem"] * calls
    assert list(found) == ids
    assert [id_ for id_, one in found.items() if isinstance(one, Invoice) and one.internal_note] == list(with_note)
    assert all(isinstance(one, Invoice) for one in found.values())
