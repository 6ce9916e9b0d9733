"""The writes of a transaction: the precedence of their refusals, and their weight."""

from types import SimpleNamespace
from typing import Any

import pytest

from invoicing.core.errors import ConcurrentModification, NotFound, OutcomeUnknown
from invoicing.core.identity import Caller, Moment
from invoicing.core.ids import new_id
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.invoices.model import Invoice
from invoicing.store import transaction
from invoicing.store.changes import Changes
from invoicing.store.commit import writes_of
from invoicing.store.keys import Key
from invoicing.store.rows.revisions import Row
from invoicing.store.session import Session
from invoicing.store.transaction import (
    MAX_WRITES,
    always,
    changed_meanwhile,
    delete,
    overwrite,
    put,
    replace,
    transact,
    update,
    weight_of,
)
from invoicing.users.errors import DuplicateEmail
from tests.aws import ENVIRONMENT
from tests.aws_events import LOST
from tests.builders import NOON, tenant, user

ITEM = {"PK": {"S": "t"}, "SK": {"S": "ä"}}
KEY = Key("t", "s")
SESSION = Session(Caller.system("ten_1"), NOON)


@pytest.fixture(autouse=True)
def _table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLE_NAME", ENVIRONMENT["TABLE_NAME"])


def test_a_lost_race_for_a_row_precedes_other_refusals() -> None:
    others = [put(ITEM, changed_meanwhile), overwrite(ITEM), delete(KEY), update(KEY, changed_meanwhile)]
    assert {write.rank for write in others} == {0}
    assert {replace(ITEM, row).rank for row in (None, Row(1, None), Row(1, 1))} == {1}
    assert not [write for write in (*others, replace(ITEM, None)) if write.proof]


def test_the_weight_is_the_number_of_items_and_their_bytes() -> None:
    named = len(ENVIRONMENT["TABLE_NAME"]) + len("PutTableNameItemPKSSKS")
    assert weight_of([overwrite(ITEM)]) == (1, named + len("tä".encode()))
    assert weight_of([overwrite(ITEM), overwrite(ITEM)]) == (2, 2 * (named + 3))
    flag = overwrite({**ITEM, "on": {"BOOL": True}, "raw": {"B": b"123"}})
    assert weight_of([flag]) == (1, named + 3 + len("onBOOL") + 8 + len("rawB") + 3)


def test_more_writes_than_a_transaction_has_are_an_error() -> None:
    with pytest.raises(AssertionError):
        transact([overwrite(ITEM)] * (MAX_WRITES + 1), on_timeout=ConcurrentModification())


def test_one_refusal_serves_each_item() -> None:
    error = NotFound()
    assert always(error)(None) is always(error)(ITEM) is error


def test_a_lost_call_without_proof_has_an_unknown_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(**_: object) -> None:
        raise LOST

    monkeypatch.setattr(transaction, "client", lambda _: SimpleNamespace(transact_write_items=lose))
    with pytest.raises(OutcomeUnknown):
        transact([overwrite(ITEM)], on_timeout=ConcurrentModification())


def test_a_deleted_resource_is_not_written_again() -> None:
    gone, other = (tenant().model_copy(update={"id": id_, "version": 0}) for id_ in ("ten_1", "ten_2"))
    found = Changes.of((gone, other), SESSION, moving=True, deleted=(gone,))
    assert [(one.id, one.version) for one in found.things] == [("ten_2", 1)]
    assert found.deleted == (gone,)


def test_a_unique_value_is_claimed_for_its_resource() -> None:
    """Its refusal is clearer than that of a lost race for the row."""
    one = user(email="a@example.com")
    writes = list(writes_of(Changes((one,), (), ()), SESSION))
    [claim] = [write for write in writes if write.request.get("Put", {}).get("Item", {}).get("id") == {"S": one.id}]
    assert [write.rank for write in (claim, replace(ITEM, None))] == [2, 1]
    assert isinstance(claim.refuse(None), DuplicateEmail)


def test_references_are_counted_in_the_order_of_ids() -> None:
    moment = Moment(SESSION.caller, NOON, "UTC")
    drafts = [
        Invoice.draft(new_id("inv", NOON), NewInvoice(), customer=None, tenant=tenant(), moment=moment).model_copy(
            update={"customer_id": id_}
        )
        for id_ in ("cus_2", "cus_1", "cus_2")
    ]
    requests: list[Any] = [write.request for write in writes_of(Changes(tuple(drafts), (), ()), SESSION)]
    counted = [request["Update"] for request in requests if "Update" in request]
    assert [one["Key"]["PK"]["S"].rpartition("#")[2] for one in counted] == ["cus_1", "cus_2"]
    assert [one["ExpressionAttributeValues"][":more"] for one in counted] == [{"N": "1"}, {"N": "2"}]
