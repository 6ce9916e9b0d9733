"""A page of open items reads the documents of its customers, however many others there are."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from invoicing.core.ids import new_ids
from invoicing.reports.balance import Balance, BalanceChange
from invoicing.reports.table import put_change
from invoicing.tenants.model import Tenant
from tests.aws import AwsCalls
from tests.builders import NOON
from tests.conftest import Clock
from tests.gateway import Client

CUSTOMERS, DOCUMENTS = 150, 10
PAID = 3
"""Documents of each customer that were paid a month after their issue."""


@pytest.fixture
def many(tenant: Tenant, at: Clock) -> list[str]:
    """Customers with open and paid documents, issued in March."""
    customers = [one for one, _ in zip(new_ids("cus", NOON), range(CUSTOMERS), strict=False)]
    documents, events = new_ids("inv", NOON), new_ids("evt", NOON)
    for customer in customers:
        for number in range(DOCUMENTS):
            open_ = Balance(payable=Decimal("119.00"), due=Decimal("119.00"))
            paid = Balance(payable=Decimal("119.00"), paid=Decimal("119.00"))
            issued = BalanceChange(
                id=next(events), at=NOON, revision=1, document_id=next(documents), customer_id=customer,
                currency="EUR", issue_date=NOON.date(), due_date=date(2026, 3, 24), after=open_,
            )  # fmt: skip
            put_change(tenant.id, issued)
            if number < PAID:
                later = {"id": next(events), "at": NOON + timedelta(days=30), "revision": 2}
                put_change(tenant.id, issued.model_copy(update={**later, "before": open_, "after": paid}))
    return customers


@pytest.mark.parametrize(("query", "queries", "due"), [("", 1, "833.00"), ("&as_of=2026-03-31", 3, "1190.00")])
def test_a_page_reads_the_customers_that_it_shows(
    api: Client, many: list[str], at: Clock, aws: AwsCalls, query: str, queries: int, due: str
) -> None:
    """Today the open documents; for a past date each month since then, too."""
    at.now += timedelta(days=40)
    with aws.only("list_open_items") as used:
        page = api.get(f"/reports/open-items?limit=25&order=asc{query}").ok()
    assert [row["customer_id"] for row in page["data"]] == many[:25]
    assert {row["due"] for row in page["data"]} == {due}
    # The tenant, the documents, the last payment of each customer, their names, and the secret of the cursor.
    assert used.names == {
        "dynamodb:GetItem": 1,
        "dynamodb:Query": queries + 25,
        "dynamodb:BatchGetItem": 1,
        "secretsmanager:GetSecretValue": 1,
    }
