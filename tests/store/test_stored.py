"""The fields of newer code's items that old code keeps and those that it drops."""

import json
from typing import Any, Literal

from pydantic import Field

from invoicing.aws.clients import client
from invoicing.core.model import Value
from invoicing.core.tolerant import read
from invoicing.store.keys import Item
from invoicing.store.rows.stored import Stored, kept
from tests.aws import TABLE
from tests.builders import invoice_json
from tests.gateway import Client
from tests.newer import change_row


class Inner(Value):
    """A value without an id."""

    a: int = 1
    inner: "Inner | None" = None


class Entry(Value):
    """A value with an id."""

    id: str
    a: int = 1


class Thing(Value):
    """An object with every kind of field."""

    object: Literal["thing"] = "thing"
    a: int = 1
    one: Inner = Inner()
    entries: tuple[Entry, ...] = ()
    others: tuple[Inner, ...] = ()
    named: dict[str, Inner] = Field(default_factory=dict)
    free: dict[str, Any] = Field(default_factory=dict)
    gone: bool = False

    @property
    def forgets(self) -> bool:
        """Whether it was erased."""
        return self.gone


def item(thing: Thing) -> Item:
    return {"PK": {"S": "p"}, "data": {"S": thing.model_dump_json(exclude_defaults=True)}}


def rewritten(stored: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The JSON of an object that was stored by newer code, and changed by this code."""
    text = json.dumps(stored)
    before = read(Thing, text)
    after = before.model_copy(update=changes)
    row = Stored({**item(before), "data": {"S": text}, "newer": {"S": "x"}}, text, before)
    found = kept(item(after), row, item(before), after)
    assert ("newer" in found) != after.gone
    result: dict[str, Any] = json.loads(found["data"]["S"])
    return result


def test_unknown_fields_stay_at_every_depth() -> None:
    stored = {
        "new": [1],
        "one": {"a": 2, "new": 1, "inner": {"a": 3, "new": {"x": None}}},
        "named": {"k": {"a": 2, "new": 1}},
        "free": {"k": {"anything": 1}},
    }
    assert rewritten(stored, a=5) == stored | {"a": 5}


def test_unknown_fields_stay_with_a_value_that_is_the_default() -> None:
    assert rewritten({"one": {"new": 1}}, a=5) == {"a": 5, "one": {"a": 1, "inner": None, "new": 1}}


def test_unknown_fields_follow_the_id_of_an_entry() -> None:
    stored = {"entries": [{"id": "x", "new": 1}, {"id": "y", "new": 2}, {"id": "z", "new": 3}]}
    entries = (Entry(id="z", a=9), Entry(id="new"), Entry(id="x"))
    assert rewritten(stored, entries=entries)["entries"] == [
        {"id": "z", "a": 9, "new": 3},
        {"id": "new"},
        {"id": "x", "new": 1},
    ]


def test_an_entry_without_id_keeps_them_while_unchanged() -> None:
    stored = {"others": [{"a": 2, "new": 1}, {"a": 2, "new": 2}, {"a": 3, "new": 3}]}
    others = (Inner(a=3), Inner(a=2), Inner(a=2), Inner(a=4))
    assert rewritten(stored, others=others)["others"] == [
        {"a": 3, "new": 3},
        {"a": 2, "new": 1},
        {"a": 2, "new": 2},
        {"a": 4},
    ]


def test_a_removed_entry_loses_its_unknown_fields() -> None:
    stored = {"one": {"inner": {"new": 1}}, "named": {"k": {"new": 1}}, "free": {"k": 1}}
    assert rewritten(stored, one=Inner(a=2), named={}, free={}) == {"one": {"a": 2}}


def test_an_erased_object_keeps_no_unknown_fields() -> None:
    assert rewritten({"a": 2, "new": "personal", "one": {"new": 1}}, gone=True) == {"a": 2, "gone": True}


def test_an_item_of_a_new_kind_beside_a_document_is_ignored(api: Client) -> None:
    path = f"/invoices/{api.post('/invoices', invoice_json()).ok(201)['id']}"
    head = next(one for one in client("dynamodb").scan(TableName=TABLE)["Items"] if one["entity"]["S"] == "invoice")
    for kind in ("#A", "#BODX#00", "#NEW#"):
        newer: Any = {"PK": head["PK"], "SK": {"S": kind}, "entity": {"S": "new"}, "data": {"S": '{"new":1}'}}
        client("dynamodb").put_item(TableName=TABLE, Item=newer)
    assert api.get(path).ok()["total"] == "119.00"
    api.patch(path, {"title": "x"}).ok()


def test_fields_of_newer_code_stay_beside_no_own_ones(api: Client) -> None:
    id_ = api.post("/invoices", invoice_json(internal_note="x")).ok(201)["id"]
    change_row(TABLE, "invoice_aside", id_, lambda stored: stored | {"newer": 1})
    api.patch(f"/invoices/{id_}", {"internal_note": None}).ok()
    rows = client("dynamodb").scan(TableName=TABLE)["Items"]
    assert [json.loads(row["data"]["S"]) for row in rows if row["entity"] == {"S": "invoice_aside"}] == [{"newer": 1}]
