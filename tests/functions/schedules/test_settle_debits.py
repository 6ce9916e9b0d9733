"""Each hour, for each tenant: direct debits settle some TARGET days after their day."""

from datetime import timedelta

from tests.conftest import Clock
from tests.events import details, strike
from tests.gateway import Client
from tests.transactions import PAID, camt_of, collected, credit_of, payments, reported


def test_debits_settle_after_some_days_without_news(api: Client, at: Clock) -> None:
    found = collected(api, 2)
    at.now -= timedelta(days=2)
    assert strike("settle_debits", api.tenant_id) == []
    assert payments(api, found.debits) == []
    at.now += timedelta(days=2)
    for _ in range(2):
        assert strike("settle_debits", api.tenant_id) == []
    assert payments(api, found.debits) == [PAID] * 2
    assert api.get(f"/invoices/{found.debits[0].invoice_id}/payments").ok()["data"][0]["date"] == "2026-03-02"
    [credit] = reported(api, camt_of(credit_of(found)))
    assert (credit["status"], payments(api, found.debits)) == ("allocated", [PAID] * 2)
    assert len(details("sepa_file.settled")) == 1
