"""Requests of the first version have the totals of the first version.

`first_requests.json` has 20 generated bodies of `POST /invoices` in the first vocabulary (discounts, shipping, base
quantities, prices with tax). Their totals are those of the version of 2026-11-27, which had no allowances or charges.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.test_totals import calculated

RECORDED: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "first_requests.json").read_text(encoding="utf-8")
)
SUMS = ("subtotal", "discount_amount", "shipping_cost", "tax", "total")


@pytest.mark.parametrize("recorded", RECORDED, ids=range(len(RECORDED)))
def test_a_first_request_has_its_first_totals(recorded: dict[str, Any]) -> None:
    found = calculated(recorded["request"])
    answer: dict[str, Any] = {name: str(getattr(found, name)) for name in SUMS}
    answer["lines"] = [str(line.total) for line in found.lines]
    answer["taxes"] = [[one.category, str(one.rate), str(one.taxable), str(one.tax)] for one in found.tax_breakdown]
    assert answer == recorded["answer"]


def test_the_first_requests_use_the_whole_first_vocabulary() -> None:
    requests = [recorded["request"] for recorded in RECORDED]
    assert {name for request in requests for name in request} == {
        "currency", "lines", "price_tax_inclusive", "discount", "shipping",
    }  # fmt: skip
    assert {name for request in requests for line in request["lines"] for name in line} == {
        "name", "quantity", "unit_price", "tax", "price_base_quantity", "discount",
    }  # fmt: skip
    assert {request["currency"] for request in requests} == {"EUR", "USD", "JPY", "KWD"}
