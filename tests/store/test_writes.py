"""The writes of a transaction: the precedence of their refusals, and their weight."""

import pytest

from invoicing.core.errors import ConcurrentModification, NotFound
from invoicing.store.keys import Key
from invoicing.store.rows.revisions import Row
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
from tests.aws import ENVIRONMENT

ITEM = {"PK": {"S": "t"}, "SK": {"S": "ä"}}
KEY = Key("t", "s")


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
