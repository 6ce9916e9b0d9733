"""Any body gets a response of the contract: never a 500, and a mistake always has a pointer."""

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders import customer_json, invoice_json, line_json, order_json
from tests.gateway import Client

STRANGE: list[Any] = [
    None, True, False, 0, -1, 1.5, 10**30, "", " ", "x", "\u0000", "\ud7ff", "🙂" * 2_000, "1e400", "-0.00",
    "NaN", "9" * 400, "2026-02-30", "0000-00-00", "2026-13-01T00:00:00Z", [], [[]], [None], {}, {"": ""},
    {"__class__": "x"}, "../../etc", "a\r\nb",
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield from places(value[index], (*path, index))


def changed(value: Any, path: tuple[Any, ...], strange: Any) -> Any:
    """The value with another value in one place."""
    if not path:
        return strange
    found = copy.deepcopy(value)
    inner = found
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = strange
    return found


FULL_INVOICE = invoice_json(
    customer=customer_json(name="x") | {"payment_terms": None},
    issue_date="2026-03-01",
    due_date="2026-04-01",
    service_period={"start": "2026-02-01", "end": "2026-02-28"},
    payment_terms={"days": 7, "discount_percent": "2", "discount_days": 3},
    discount={"percent": "5", "reason": "Treue"},
    shipping={"amount": "4.90", "tax": {"category": "S", "rate": 19}},
    references=[{"number": "INV-1", "issue_date": "2026-01-01"}],
    exchange_rate="1.1",
    custom_attributes=[{"name": "a", "value": "b"}],
    metadata={"a": "b"},
    lines=[
        line_json(
            discount={"amount": "1.00"}, price_base_quantity="3", period={"start": "2026-01-01", "end": "2026-01-01"}
        )
    ],
)
FULL_INVOICE["customer"].pop("payment_terms")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/invoices", FULL_INVOICE),
        ("PATCH", "/invoices/{draft}", FULL_INVOICE),
        ("POST", "/customers", customer_json(metadata={"a": "b"}, electronic_address={"scheme": "9930", "id": "DE1"})),
        ("POST", "/orders", order_json(customer_id="cus_01JD8X2V6PZ3QK7M5T9WRC4HBN", shipping={"amount": "4.90"})),
        ("POST", "/invoices/{issued}/payments", {"amount": "1.00", "date": "2026-03-10", "cash_discount": "0.10"}),
        ("POST", "/invoices/{draft}/finalize", {"issue_date": "2026-03-10", "due_date": "2026-03-11", "send": True}),
        ("POST", "/invoices/{issued}/comments", {"comment": "x", "public": True}),
        ("POST", "/invoices/{issued}/download-links", {"file": "pdf", "expires_in": 60}),
    ],
)
def test_unusual_values_get_a_response_of_the_contract(
    api: Client, issued: dict[str, str], method: str, path: str, body: dict[str, Any]
) -> None:
    dice = random.Random(path)
    draft = api.post("/invoices", FULL_INVOICE).ok(201)["id"]
    target = path.format(draft=draft, issued=issued["id"])
    tried = [(place, strange) for place in places(body) for strange in STRANGE]
    for place, strange in dice.sample(tried, min(len(tried), 250)):
        answer = api(method, target, changed(body, place, strange))
        assert answer.status < 500, (place, strange)
        if answer.status == 400:
            assert answer.json["errors"], (place, strange)
            assert all(error["pointer"].startswith(("/", "")) for error in answer.json["errors"])
        if (method, path) == ("POST", "/invoices/{draft}/finalize") and answer.status == 200:
            target = f"/invoices/{api.post('/invoices', FULL_INVOICE).ok(201)['id']}/finalize"
