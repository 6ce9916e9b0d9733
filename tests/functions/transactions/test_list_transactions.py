"""GET /transactions"""

from tests.collection import IBAN
from tests.gateway import Client
from tests.transactions import collected


def test_transactions_are_listed_by_their_facts(api: Client) -> None:
    found, _ = collected(api, 2), collected(api)
    listed = api.get("/transactions").ok()["data"]
    assert (len(listed), {one["account"]["iban"] for one in listed}) == (3, {IBAN})
    first = found.debits[0]
    for query, count in (
        (f"customer_id={first.customer_id}", 2),
        (f"customer_id={first.customer_id}&invoice_id={first.invoice_id}", 1),
        ("status=pending&type=debit", 3),
        ("status=returned", 0),
        ("type=credit", 0),
    ):
        assert len(api.get(f"/transactions?{query}").ok()["data"]) == count, query
