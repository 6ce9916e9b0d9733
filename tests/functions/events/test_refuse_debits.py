"""bank_statement.imported → the direct debits that the bank refused"""

from tests.gateway import Client
from tests.transactions import collected, debit_now, payments, rejection_of, reported


def test_a_rejected_file_fails_all_its_debits(api: Client) -> None:
    found = collected(api, 3)
    reported(api, rejection_of(found, found.debits[0]))
    assert [debit_now(api, one)["status"] for one in found.debits] == ["failed", "pending", "pending"]
    reported(api, rejection_of(found, code="TM01"))
    assert [debit_now(api, one)["failure"]["code"] for one in found.debits] == ["AM04", "TM01", "TM01"]
    assert payments(api, found.debits) == []
    assert api.get(found.method_path).ok()["status"] == "active"
