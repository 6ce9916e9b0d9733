"""A throw-away tenant in a deployed stage, and the removal of its items."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from infra.conformance.resources import Answer, Report, Send
from infra.settings import Settings
from infra.tenants import CreatedTenant, create_company, first_admin
from invoicing import config
from invoicing.aws.clients import client
from invoicing.core import clock
from invoicing.core.party import Address
from invoicing.invoices.table import InvoiceTable
from invoicing.store.commit import unique_values
from invoicing.store.keys import ACTIVITY, Item, Key
from invoicing.store.reading import item_at, items_beginning, items_of
from invoicing.tenants.model import TenantData
from invoicing.tenants.table import entry_key, settings_key
from invoicing.users.model import digest
from invoicing.users.table import api_key_key, secret_key, user_key


@dataclass
class Deployed:
    """The API of a stage, with the key of a throw-away tenant."""

    url: str
    created: CreatedTenant
    send: Send
    tenant_limit: int
    """How many requests a second the stage allows a tenant."""
    invoices: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The API key of the tenant's admin."""
        return self.created.secret

    @property
    def tenant_id(self) -> str:
        """The id of the tenant."""
        return self.created.tenant.id

    def __call__(
        self,
        method: str,
        path: str,
        *,
        key: str | None = "",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Send a request, with the admin's key unless there is another one; None sends no credentials."""
        sent = {} if key is None else {"Authorization": f"Bearer {key or self.key}"}
        if body is not None:
            sent["Content-Type"] = "application/json"
        return self.send(method, f"{self.url}{path}", headers={**sent, **(headers or {})}, content=body)

    def invoice(self, id_: str) -> None:
        """Record a draft that a check created, to be removed with the tenant."""
        self.invoices.append(id_)

    def entries(self, invoice_id: str) -> list[Item]:
        """The timeline of a draft, as it is stored."""
        return items_beginning(InvoiceTable().key(self.tenant_id, invoice_id), ACTIVITY)

    def keys(self) -> Iterator[Key]:
        """The items of the tenant; in a partition of its own, all items."""
        tenant, secret = self.tenant_id, secret_key(digest(self.key))
        found = item_at(secret)
        partitions = [
            *(InvoiceTable().key(tenant, id_) for id_ in self.invoices),
            *([api_key_key(tenant, found["key_id"]["S"])] if found else []),
            user_key(tenant, self.created.admin.id),
            settings_key(tenant),
        ]
        for partition in partitions:
            yield from map(Key.of, _items_of(partition))
        yield from (*unique_values(self.created.admin, tenant), entry_key(tenant), secret)


def _items_of(partition: Key) -> Iterator[Item]:
    asked = {
        "TableName": config.setting("TABLE_NAME"),
        "KeyConditionExpression": "PK = :partition",
        "ExpressionAttributeValues": {":partition": {"S": partition.partition}},
        "ConsistentRead": True,
    }
    return items_of(asked)


@contextmanager
def throw_away_tenant(url: str, settings: Settings, send: Send, report: Report) -> Iterator[Deployed]:
    """Create a tenant without customers in the table of a stage, and remove all its items at the end.

    Its drafts become events of the stage's bus, as those of any tenant.
    """
    report("Create a tenant")
    data = TenantData(name="Smoke test", address=Address(country="DE"))
    admin = first_admin("smoke@tenant.invalid", "Smoke", "Test")
    created = create_company(data, admin, stage=settings.stage, at=clock.now())
    deployed = Deployed(url, created, send, settings.tenant_requests_per_second)
    try:
        yield deployed
    finally:
        report(f"Remove tenant {deployed.tenant_id}")
        for key in tuple(deployed.keys()):
            client("dynamodb").delete_item(TableName=config.setting("TABLE_NAME"), Key=key.address)
