"""PUT /bank-transactions/{transaction_id}/status"""

from datetime import date
from decimal import Decimal

import pytest

from tests.bank import Month, Movement, camt_of, imported, transactions
from tests.events import details
from tests.gateway import Client
from tests.world import issue

PRIVATE = {"status": "ignored", "reason": "private", "account": "1890"}


@pytest.fixture
def path(api: Client) -> str:
    imported(api, camt_of(Month([Movement(date(2026, 3, 2), Decimal("119.00"), "Geschenk")])))
    [found] = transactions(api)
    return f"/bank-transactions/{found['id']}"


def test_an_ignored_transaction_is_no_longer_open(api: Client, path: str) -> None:
    ignored = api.put(f"{path}/status", PRIVATE).ok()
    assert (ignored["status"], ignored["ignored"]) == ("ignored", {"reason": "private", "account": "1890"})
    assert (transactions(api, "&status=open"), len(transactions(api, "&status=ignored"))) == ([], 1)
    assert [one["resource"]["id"] for one in details("bank_transaction.ignored")] == [ignored["id"]]
    opened = api.put(f"{path}/status", {"status": "open"}).ok()
    assert (opened["status"], opened["ignored"], len(details("bank_transaction.reopened"))) == ("open", None, 1)
    assert len(transactions(api, "&status=open")) == 1


def test_an_ignored_transaction_is_not_allocated(api: Client, path: str) -> None:
    api.put(f"{path}/status", PRIVATE).ok()
    allocations = {"allocations": [{"invoice_id": issue(api)["id"], "amount": "1.00"}]}
    refused = api.post(f"{path}/allocations", allocations)
    assert (refused.status, refused.code) == (409, "TRANSACTION_IGNORED")
    api.put(f"{path}/status", {"status": "open"}).ok()
    api.post(f"{path}/allocations", allocations).ok()
    refused = api.put(f"{path}/status", PRIVATE)
    assert (refused.status, refused.code) == (409, "TRANSACTION_ALLOCATED")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"status": "ignored"}, "/reason"),
        ({"status": "open", "reason": "other"}, "/reason"),
        ({"status": "open", "account": "1890"}, "/account"),
        ({"status": "allocated"}, "/status"),
        ({"status": "ignored", "reason": "fun"}, "/reason"),
    ],
)
def test_a_status_has_its_reason(api: Client, path: str, body: dict[str, str], pointer: str) -> None:
    refused = api.put(f"{path}/status", body)
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, pointer)
