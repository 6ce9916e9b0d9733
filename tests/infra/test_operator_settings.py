"""Settings that only the operator changes: the tenant's identities for mails and its daily limit."""

import json
from typing import Any

import pytest

from infra.tenants import OperatorChange, apply_operator_change, create_company, first_admin
from invoicing import config
from invoicing.aws.clients import client
from invoicing.core.errors import Invalid
from invoicing.core.model import Aggregate
from invoicing.core.party import Address
from invoicing.store.reading import item_at
from invoicing.tenants.email_identity import OperatorSettings, is_granted
from invoicing.tenants.errors import TenantNotFound
from invoicing.tenants.model import Tenant, TenantData
from invoicing.tenants.table import settings_key
from tests.builders import NOON
from tests.events import details
from tests.gateway import Client

_BOOKKEEPING = {*Aggregate.model_fields, "logo", "created_by", "updated_by"}


def written_before_grants(tenant_id: str, **fields: Any) -> None:
    """Rewrite a tenant as the service stored it when tenants could set sender and limit themselves."""
    item: Any = item_at(settings_key(tenant_id))
    stored = json.loads(item["data"]["S"]) | fields
    del stored["email_identities"]
    client("dynamodb").put_item(
        TableName=config.setting("TABLE_NAME"), Item={**item, "data": {"S": json.dumps(stored)}}
    )


def test_each_tenant_field_belongs_to_the_tenant_or_the_operator() -> None:
    of_operator, of_tenant = set(OperatorSettings.model_fields), set(TenantData.model_fields)
    assert of_operator == {"email_identities", "email_daily_limit"}
    assert not of_operator & of_tenant
    assert set(Tenant.model_fields) == of_operator | of_tenant | _BOOKKEEPING


@pytest.mark.parametrize(
    ("sender", "granted"),
    [
        ("billing@a.example", True),
        ("billing@A.Example", True),
        ("Billing@a.example", False),
        ("any@b.example", True),
        ("any@B.EXAMPLE", True),
        ("any@sub.b.example", False),
        ("any@notb.example", False),
        ("b.example@evil.example", False),
        ("other@a.example", False),
    ],
)
def test_a_sender_belongs_to_a_granted_address_or_domain(sender: str, granted: bool) -> None:
    assert is_granted(sender, ("billing@a.example", "b.example")) is granted


def test_the_operator_grants_and_revokes(tenant: Tenant) -> None:
    change = OperatorChange(grant=["Billing@A.example", "b.example"], revoke=["NORDLICHT.example"], daily_limit=7)
    changed = apply_operator_change(tenant.id, change, at=NOON)
    assert changed.email_identities == ("Billing@a.example", "b.example")
    assert (changed.email_daily_limit, changed.version) == (7, 2)
    [event] = details("tenant.updated")
    assert event["data"]["changed"] == ["email_daily_limit", "email_identities"]


def test_a_limit_stays_when_identities_change(tenant: Tenant) -> None:
    apply_operator_change(tenant.id, OperatorChange(daily_limit=7), at=NOON)
    assert apply_operator_change(tenant.id, OperatorChange(grant=["b.example"]), at=NOON).email_daily_limit == 7


def test_mistakes_of_the_operator_are_refused(tenant: Tenant) -> None:
    with pytest.raises(Invalid, match=r"c\.example is not granted"):
        apply_operator_change(tenant.id, OperatorChange(revoke=["c.example"]), at=NOON)
    for wrong in ("*", "*@a.example", "a b@c.example", "localhost"):
        with pytest.raises(ValueError, match="email_identities"):
            apply_operator_change(tenant.id, OperatorChange(grant=[wrong]), at=NOON)
    with pytest.raises(TenantNotFound):
        apply_operator_change("ten_nobody", OperatorChange(daily_limit=1), at=NOON)


def test_a_tenant_is_not_created_with_a_foreign_sender(aws: object) -> None:
    data = TenantData(name="A", address=Address(country="DE"), email_sender="a@b.example")
    admin = first_admin("a@b.example", "A", "B")
    with pytest.raises(Invalid) as refused:
        create_company(data, admin, stage="test", at=NOON, operator=OperatorSettings(email_identities=("c.example",)))
    assert [one.pointer for one in refused.value.errors] == ["/email_sender"]


def test_an_old_tenant_mails_only_after_the_operators_grant(api: Client, issued: dict[str, Any]) -> None:
    written_before_grants(api.tenant_id, email_daily_limit=50_000)
    send = f"/invoices/{issued['id']}/send", {"attach_pdf": False}
    refused = api.post(*send)
    assert (refused.status, refused.code) == (422, "SENDER_NOT_GRANTED")
    # The tenant can still edit its other settings.
    assert api.patch("/tenant", {"name": "Nordlicht AG"}).ok()["email_sender"] == "rechnung@nordlicht.example"
    granted = apply_operator_change(api.tenant_id, OperatorChange(grant=["nordlicht.example"]), at=NOON)
    # The limit that the tenant had set does not count.
    assert granted.email_daily_limit == 2_000
    api.post(*send).ok(202)
