"""The calls and bytes of a report of a month with many documents, up to 100,000."""

from decimal import Decimal
from itertools import batched
from typing import Any

import pytest

from invoicing.aws.clients import client
from invoicing.core.ids import new_ids
from invoicing.reports.facts.model import Fact, RateFact
from invoicing.reports.facts.table import fact_item
from invoicing.tenants.model import Tenant
from tests.aws import TABLE, AwsCalls
from tests.aws_limits import size
from tests.builders import NOON
from tests.gateway import Client

PAGE = 1_048_576
"""The bytes that one query reads at most."""

MOST_BYTES = 850
"""The bytes of a document with two rates: 100,000 take 82 calls at most."""


def issue(tenant: Tenant, number: int) -> int:
    """Put the facts of issued invoices with two rates. Returns their bytes."""
    rates = tuple(
        RateFact(country="DE", category="S", rate=Decimal(rate), taxable=Decimal("100.00"), tax=Decimal(f"{rate}.00"))
        for rate in (7, 19)
    )
    items: list[Any] = []
    for event, document, customer in zip(
        new_ids("evt", NOON), new_ids("inv", NOON), new_ids("cus", NOON), strict=False
    ):
        if len(items) == number:
            break
        fact = Fact(
            id=event, date=NOON.date(), supplied_on=NOON.date(), document_id=document, number="INV-2026-000001",
            customer_id=customer, buyer_country="DE", vat_id="DE123456788", currency="EUR", rates=rates, documents=1,
            invoiced=Decimal("226.00"),
        )  # fmt: skip
        items.append(fact_item(tenant.id, fact))
    for some in batched(items, 25, strict=False):
        client("dynamodb").batch_write_item(RequestItems={TABLE: [{"PutRequest": {"Item": one}} for one in some]})
    return sum(map(size, items))


@pytest.mark.parametrize("number", [2_500, pytest.param(100_000, marks=pytest.mark.slow)])
def test_a_report_reads_a_megabyte_a_call(api: Client, tenant: Tenant, aws: AwsCalls, number: int) -> None:
    stored = issue(tenant, number)
    for path in ("tax?", "revenue?", "revenue?basis=service&"):
        with aws.only("list_taxes" if path.startswith("tax") else "list_revenue") as used:
            page = api.get(f"/reports/{path}from=2026-03-01&to=2026-03-31").ok()
        assert {row.get("count") or row["documents"] for row in page["data"]} == {number}
        assert used.names.keys() == {"dynamodb:Query"}
        assert stored // PAGE <= used.names["dynamodb:Query"] <= MOST_BYTES * number // PAGE + 1
    assert stored < MOST_BYTES * number
