"""GET /tenant: D02."""

from invoicing.tenants.model import Tenant
from tests.gateway import Client


def test_the_company_is_shown_with_its_settings(api: Client, tenant: Tenant) -> None:
    shown = api.get("/tenant").ok()
    assert (shown["id"], shown["name"], shown["time_zone"]) == (tenant.id, tenant.name, "Europe/Berlin")
    assert shown["number_series"]["invoice"]["pattern"] == "INV-{yyyy}-{n:06}"
