"""Items of an older schema are migrated when they are read, and get the present version when they are written."""

import json
from typing import Any

import pytest

from invoicing.aws.clients import client
from invoicing.numbering.model import NumberSeries
from invoicing.store.reading import item_at
from invoicing.store.rows.schema import SCHEMA_VERSION, present_version
from invoicing.store.table import item_of
from invoicing.tenants.model import Tenant
from invoicing.tenants.table import TenantTable, settings_key
from tests.aws import TABLE
from tests.builders import invoice_json
from tests.events import outbox
from tests.gateway import Client
from tests.newer import UNKNOWN


@pytest.fixture
def of_version_1(api: Client, tenant: Tenant) -> None:
    """The tenant as it was stored before cancellations had a series, with a field of newer code."""
    own = {"invoice": NumberSeries(name="invoice", pattern="R{yyyy}-{n}")}
    stored: Any = item_of(tenant.model_copy(update={"number_series": own}), tenant.id)
    stored["data"] = {"S": json.dumps(json.loads(stored["data"]["S"]) | {UNKNOWN: 1})}
    del stored[SCHEMA_VERSION]
    client("dynamodb").put_item(TableName=TABLE, Item=stored)


def version(tenant: Tenant) -> tuple[str | None, dict[str, Any]]:
    """The schema version and the JSON of the tenant's item."""
    stored = item_at(settings_key(tenant.id))
    assert stored
    return stored.get(SCHEMA_VERSION, {}).get("N"), json.loads(stored["data"]["S"])


@pytest.mark.usefixtures("of_version_1")
def test_old_item_is_migrated_when_it_is_read(api: Client, tenant: Tenant) -> None:
    series = api.get("/tenant").ok()["number_series"]
    assert set(series) == {"invoice", "credit_note", "cancellation", "dunning"}
    assert series["invoice"]["pattern"] == "R{yyyy}-{n}"
    draft = api.post("/invoices", invoice_json(customer={"name": "A", "address": None})).ok(201)
    assert api.post(f"/invoices/{draft['id']}/finalize").ok()["number"] == "R2026-1"
    assert api.post(f"/invoices/{draft['id']}/cancel").ok()["status"] == "canceled"
    assert version(tenant)[0] is None, "reading migrates nothing in the table"


@pytest.mark.usefixtures("of_version_1")
def test_old_item_is_written_in_the_present_version(api: Client, tenant: Tenant) -> None:
    api.patch("/tenant", {"name": "Neu GmbH"}).ok()
    number, data = version(tenant)
    assert (number, data[UNKNOWN]) == (str(present_version("tenant")), 1)
    assert set(data["number_series"]) == {"invoice", "credit_note", "cancellation", "dunning"}


def test_migrating_again_changes_nothing(tenant: Tenant) -> None:
    """Old code puts its own version on an item of newer code, which then migrates it once more."""
    before = json.loads(tenant.model_dump_json())
    for migrate in TenantTable.migrations:
        assert migrate(before) == before


def test_item_of_a_newer_schema_is_read_and_gets_this_version(api: Client, tenant: Tenant) -> None:
    newer = item_of(tenant, tenant.id) | {SCHEMA_VERSION: {"N": "99"}}
    client("dynamodb").put_item(TableName=TABLE, Item=newer)
    api.patch("/tenant", {"name": "Neu GmbH"}).ok()
    assert version(tenant)[0] == str(present_version("tenant"))


def test_every_item_names_its_schema_version(api: Client) -> None:
    api.post("/invoices", invoice_json()).ok(201)
    assert all(row[SCHEMA_VERSION] == {"N": "1"} for row in outbox())
