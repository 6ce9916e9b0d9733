"""GET /subscriptions/{subscription_id}/periods."""

from tests.conftest import Clock
from tests.gateway import Client
from tests.subscriptions import bill, bill_at, periods, statuses, subscribe


def test_periods_name_their_invoice_and_lines(api: Client, at: Clock) -> None:
    made = subscribe(api)
    assert periods(api, made) == []
    bill(api, made)
    [period] = periods(api, made)
    invoice = api.get(f"/invoices/{period['invoice_id']}").ok()
    assert (period["status"], period["start"], period["end"]) == ("draft", "2026-03-10", "2026-04-09")
    assert [one["line_id"] for one in period["items"]] == [line["id"] for line in invoice["lines"]]
    assert [(one["days"], one["of"], one["net"]) for one in period["items"]] == [(31, 31, "49.00"), (31, 31, "60.00")]
    api.post(f"/invoices/{invoice['id']}/finalize").ok()
    bill_at(api, at, "2026-04-10T12:00", made)
    assert list(statuses(periods(api, made))) == [
        ("1m-advance.2026-03-10", "billed"),
        ("1m-advance.2026-04-10", "draft"),
    ]


def test_pages_follow_each_other(api: Client) -> None:
    made = subscribe(api, start_date="2025-12-20", catch_up="bill")
    bill(api, made)
    first = api.get(f"/subscriptions/{made['id']}/periods?limit=2").ok()
    assert [one["start"] for one in first["data"]] == ["2026-02-20", "2026-01-20"]
    second = api.get(f"/subscriptions/{made['id']}/periods?limit=2&cursor={first['next_cursor']}").ok()
    assert [one["start"] for one in second["data"]] == ["2025-12-20"]
