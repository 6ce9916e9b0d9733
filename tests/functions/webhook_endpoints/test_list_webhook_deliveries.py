"""GET /webhook-endpoints/{endpoint_id}/deliveries"""

from datetime import timedelta

from tests.conftest import Clock
from tests.events import deliver, details
from tests.gateway import Client
from tests.webhooks import customers, deliveries, listen


def test_deliveries_are_filtered_and_in_order(api: Client, at: Clock) -> None:
    made = listen(api, None)
    first = customers(api, 2)
    at.now += timedelta(hours=1)
    second = customers(api, 1)
    customer = details("customer.created")[0]["resource"]["id"]
    at.now += timedelta(seconds=1)
    api.patch(f"/customers/{customer}", {"name": "B"}).ok()
    assert deliver("fan_out_webhooks", *details("customer.updated")) == []
    assert [one["event"]["id"] for one in deliveries(api, made)][:3] == first + second
    assert [one["event"]["id"] for one in deliveries(api, made, created_to="2026-03-10T12:30:00Z")] == first
    assert len(deliveries(api, made, created_from="2026-03-10T12:30:00Z", event="customer.created")) == 1
    assert len(deliveries(api, made, resource_id=customer)) == 2
    assert deliveries(api, made, status="succeeded") == []
    assert deliveries(api, made, created_from="2026-03-11T00:00:00Z", created_to="2026-03-10T00:00:00Z") == []
