"""GET /payments: B30."""

from tests.gateway import Client


def test_payments_are_filtered_by_date_customer_and_external_id(api: Client, issued: dict[str, str]) -> None:
    path = f"/invoices/{issued['id']}/payments"
    old = api.post(path, {"amount": "1.00", "date": "2026-03-01", "external_id": "b1"}).ok(201)
    new = api.post(path, {"amount": "2.00", "date": "2026-03-09"}).ok(201)

    def amounts(query: str) -> list[str]:
        return [one["amount"] for one in api.get(f"/payments?{query}").ok()["data"]]

    assert amounts("") == [new["amount"], old["amount"]]
    assert amounts("date_from=2026-03-01&date_to=2026-03-08") == ["1.00"]
    assert amounts("date_from=2026-03-02") == ["2.00"]
    assert amounts("external_id=b1") == ["1.00"]
    assert amounts(f"customer_id={issued['customer_id']}&order=asc") == ["1.00", "2.00"]


def test_a_tenant_sees_no_payments_of_others(stranger: Client, api: Client, issued: dict[str, str]) -> None:
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "1.00"}).ok(201)
    assert stranger.get("/payments").ok()["data"] == []
