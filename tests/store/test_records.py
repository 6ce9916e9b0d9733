"""The form of objects in the table: reading returns the written values."""

import json
import zlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from invoicing.invoices.model import Invoice
from invoicing.orders.model import Order
from invoicing.payments.model import Payment
from invoicing.store import idempotency as stored_responses
from invoicing.store.idempotency import Idempotency, StoredResponse
from invoicing.store.keys import PURGE_AT
from tests.builders import NOON


def _models_in(type_: Any) -> Iterator[type[BaseModel]]:
    """The models that a field's type is made of, those within them too."""
    if isinstance(type_, type) and issubclass(type_, BaseModel):
        yield type_
        for field in type_.model_fields.values():
            yield from _models_in(field.annotation)
    for part in get_args(type_):
        yield from _models_in(part)


def _may_be_none(type_: Any) -> bool:
    return type_ is type(None) or any(_may_be_none(part) for part in get_args(type_) if not _is_collection(type_))


def _is_collection(type_: Any) -> bool:
    return getattr(type_, "__origin__", None) in {tuple, dict}


@pytest.mark.parametrize(
    ("model", "stored"),
    [(Invoice, Invoice.content() | Invoice.aside()), (Order, Order.content()), (Payment, set(Payment.model_fields))],
)
def test_omitted_nulls_are_null_again_when_read(model: type[BaseModel], stored: set[str]) -> None:
    fields = {f"{model.__name__}.{name}": model.model_fields[name] for name in stored}
    inner = {found for field in fields.values() for found in _models_in(field.annotation)}
    fields |= {f"{found.__name__}.{name}": field for found in inner for name, field in found.model_fields.items()}
    nullable = {place: field for place, field in fields.items() if _may_be_none(field.annotation)}
    assert nullable
    assert [place for place, field in nullable.items() if field.is_required() or field.get_default() is not None] == []


@pytest.mark.parametrize("body", ["", '{"note":"a\\nb"}', "ü" * 400_000])
def test_a_stored_response_of_any_release_is_returned_unchanged(monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    monkeypatch.setenv("TABLE_NAME", "table")
    answer = StoredResponse(201, {"ETag": '"1"'}, body)
    rows = stored_responses.items("ten_1", Idempotency("digest", "fingerprint"), answer, NOON)
    assert stored_responses.response_of(rows) == answer
    # TTL deletes no row before the promised 24 hours.
    day_after = int((NOON + timedelta(days=1)).timestamp())
    pointer = stored_responses.pointer("ten_1", Idempotency("digest", "fingerprint"), "cus_1", NOON)
    assert all(int(row[PURGE_AT]["N"]) >= day_after for row in (*rows, pointer.request["Put"]["Item"]))
    before = zlib.compress(json.dumps([answer.status, answer.headers, body]).encode())
    assert stored_responses.response_of([{"part": {"B": before}}]) == answer
    newer = zlib.compress(f"{json.dumps([answer.status, answer.headers, {'newer': 1}])}\n{body}".encode())
    assert stored_responses.response_of([{"part": {"B": newer}}]) == answer
