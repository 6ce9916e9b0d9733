"""A company with one resource for each variable of a path, created through the endpoints as clients do.

`{customer_id}` is created by `POST /customers` from the example body in the document, `{activity_id}` by `POST
/invoices/{invoice_id}/comments`, and so on. `_OTHERWISE` creates the other ones.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from infra.discovery import endpoints
from invoicing.aws.files import store_once
from invoicing.core.event import Recorded
from invoicing.core.identity import Caller, Role
from invoicing.core.ids import new_id
from invoicing.http.declaration import Endpoint
from invoicing.invoice_pages.model import form_token
from invoicing.invoices.events import DocumentRendered
from invoicing.invoices.model import InvoiceSummary
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant
from invoicing.users.model import User, new_secret
from invoicing.webhooks.delivery import WebhookDelivery
from invoicing.webhooks.model import WebhookEndpoint
from invoicing.webhooks.table import put_once
from tests import bank, billing, builders, transactions
from tests.answers import example_body
from tests.aws import seed_key
from tests.builders import customer_json, invoice_json, rule_json, user_json
from tests.collection import ready_to_collect, sepa_file, something_to_collect
from tests.dunning import reach, write
from tests.events import deliver
from tests.forms import PDF, send_form
from tests.gateway import Client, Response

_VARIABLE = re.compile(r"\{(\w+)\}")
BILLING = "/invoices/{invoice_id}/billing"
"""Only an invoice that a subscription created has a billing."""


@dataclass(eq=False)
class World:
    """The resources of one tenant, by the variables of paths. `drafts`: its document is a draft, else it is issued."""

    client: Client
    now: datetime
    drafts: bool = False
    made: dict[str, str] = field(default_factory=dict)

    @property
    def tenant_id(self) -> str:
        """The tenant of the world."""
        return self.client.tenant_id

    def __getitem__(self, variable: str) -> str:
        """The id for this variable of a path. The resource is created when it is first needed."""
        if variable not in self.made:
            make = _OTHERWISE.get(variable) or _made_as_declared(variable)
            self.made[variable] = make(self)
        return self.made[variable]

    def ids(self, endpoint: Endpoint) -> dict[str, str]:
        """The ids for all variables of the endpoint's path."""
        if endpoint.path == BILLING and "invoice_id" not in self.made:
            billed_period(self)
        if {"transaction_id", "payment_id"} <= {*endpoint.path_parameters} and "payment_id" not in self.made:
            self.made["payment_id"] = _allocation(self)
        return {name: self[name] for name in endpoint.path_parameters}

    def body(self, endpoint: Endpoint) -> Any:
        """The example body in the document, with ids of this world."""
        return _with_ids(example_body(endpoint), self)

    def renewed(self, *, drafts: bool | None = None) -> "World":
        """The same tenant with other resources."""
        return World(self.client, self.now, self.drafts if drafts is None else drafts)


def send(endpoint: Endpoint, client: Client, ids: Mapping[str, str], body: Any) -> Response:
    """Send a request to an endpoint, about the resources with these ids."""
    # The forms in pages are sent by a browser.
    headers = {"Origin": client.origin} if endpoint.scope is None and endpoint.body else {}
    return client(endpoint.method, endpoint.path.format(**ids), body, headers=headers)


def asked(endpoint: Endpoint, client: Client, world: World, **other: str) -> Response:
    """An endpoint's response about resources of this world, with the given ids replaced."""
    return send(endpoint, client, {**world.ids(endpoint), **other}, world.body(endpoint))


@cache
def fitting(world: World, endpoint: Endpoint) -> World:
    """A world whose document has the state that the endpoint needs: issued, or a draft."""
    issued = world.renewed(drafts=False)
    takes_drafts = "invoice_id" in endpoint.path_parameters and asked(endpoint, world.client, issued).status == 409
    return world.renewed(drafts=takes_drafts)


def signed_in(company: Tenant, role: Role = Role.ADMIN, **fields: object) -> Client:
    """A new user of a tenant, with a key."""
    return with_key(company, builders.user(role, **fields))


def with_key(company: Tenant, user: User, **fields: Any) -> Client:
    """A user who has such a key."""
    secret = new_secret("test")
    seed_key(company.id, user, secret, **fields)
    return Client(secret, user, company.id)


def issue(client: Client) -> dict[str, Any]:
    """An invoice over 119.00 to a customer of its own, issued today."""
    customer = client.post("/customers", customer_json()).ok(201)
    draft = client.post("/invoices", invoice_json(customer_id=customer["id"])).ok(201)
    issued: dict[str, Any] = client.post(f"/invoices/{draft['id']}/finalize").ok()
    return issued


def render(tenant_id: str, invoice: Mapping[str, Any], at: datetime) -> None:
    """Replace an issued invoice's PDF by a dummy file."""
    store = Store(Session(Caller.system(tenant_id), at))
    content = b"%PDF-1.7 a stand-in for one"
    owner = {"invoice_id": invoice["id"]}
    sha256 = store_once(tenant_id, invoice["files"]["pdf"]["id"], content, "application/pdf", owner=owner)
    summary = store.get(InvoiceSummary, invoice["id"]).rendered("pdf", sha256, len(content), at)
    store.record(Recorded(summary, DocumentRendered(file="pdf", sha256=sha256, size=len(content))))


def _invoice(world: World) -> str:
    if world.drafts:
        return str(world.client.post("/invoices", invoice_json(customer_id=world["customer_id"])).ok(201)["id"])
    issued = issue(world.client)
    world.made["customer_id"] = issued["customer_id"]
    render(world.tenant_id, issued, world.now)
    return str(issued["id"])


def _line(world: World) -> str:
    return str(world.client.get(f"/invoices/{world['invoice_id']}").ok()["lines"][0]["id"])


def _token(world: World) -> str:
    link = world.client.post(f"/invoices/{world['invoice_id']}/download-links").ok(201)
    return str(link["url"]).rpartition("/")[2]


def _page_token(world: World) -> str:
    link = world.client.post(f"/invoices/{world['invoice_id']}/page-links").ok(201)
    return str(link["url"]).rpartition("/")[2]


def _form_token(world: World) -> str:
    return form_token(world["page_token"])


def _file(world: World) -> str:
    note = f"/invoices/{world['invoice_id']}/notes/{world['note_id']}"
    return str(send_form(world.client, note, {}, [("a.pdf", PDF, "application/pdf")]).ok()["files"][0]["id"])


def _user(world: World) -> str:
    # An address belongs to one user, and every world of a company has its own.
    body = user_json(email=f"{new_id('usr', world.now)}@nordlicht.example")
    return str(world.client.post("/users", body).ok(201)["id"])


def _rule(world: World) -> str:
    # A company has one rule for a level, and all its worlds share it. The demo tenant has a disabled one as well.
    rules = world.client.get("/dunning-rules").ok()["data"]
    there = [rule for rule in rules if rule["enabled"]] or [world.client.post("/dunning-rules", rule_json()).ok(201)]
    return str(there[0]["id"])


def _form(world: World) -> str:
    body = {"name": new_id("form", world.now), "accent_color": "#0a5aa0"}
    return str(world.client.post("/document-forms", body).ok(201)["id"])


def _product(world: World) -> str:
    body = {"code": new_id("prd", world.now), "name": {"en": "Seat"}, "tax": {"category": "S", "rate": "19"}}
    return str(world.client.post("/products", body).ok(201)["id"])


def _price(world: World) -> str:
    body = {"name": "Monthly", "model": "unit", "amounts": {"EUR": {"unit_amount": "12.00"}}}
    return str(world.client.post(f"/products/{world['product_id']}/prices", body).ok(201)["id"])


def _endpoint(world: World) -> str:
    # A company has few endpoints, and all its worlds share one.
    there = [one for one in world.client.get("/webhook-endpoints").ok()["data"] if one["kind"] == "pull"]
    body = {"kind": "pull", "events": ["*"]}
    made = str((there or [world.client.post("/webhook-endpoints", body).ok(201)])[0]["id"])
    polled_delivery(world.tenant_id, made, "evt_01JD8X2V6PZ3QK7M5T9WRC4HBN", world.now)
    return made


def polled_delivery(tenant_id: str, endpoint_id: str, event_id: str, at: datetime) -> str:
    """A delivery of an endpoint, of an event with this id. Returns its own id."""
    store = Store(Session(Caller.system(tenant_id), at))
    endpoint = store.get(WebhookEndpoint, endpoint_id)
    resource = {"object": "customer", "id": "cus_01JD8X2V6PZ3QK7M5T9WRC4HBN", "version": 1}
    event = {
        "id": event_id,
        "type": "customer.created",
        "occurred_at": "2026-03-10T12:00:00.000Z",
        "resource": resource,
        "actor": None,
        "data": {"object": resource, "changed": [], "details": {}},
    }
    delivery = WebhookDelivery.of(event, endpoint, at)
    put_once(store, delivery)
    return delivery.id


def _pushed_endpoint(world: World) -> None:
    body = {"url": "https://example.com/webhooks", "events": ["*"]}
    there = [one for one in world.client.get("/webhook-endpoints").ok()["data"] if one["kind"] == "push"]
    world.made["endpoint_id"] = (there or [world.client.post("/webhook-endpoints", body).ok(201)])[0]["id"]


def _dunning_document(world: World) -> str:
    # Levels have their day: the reminder of an invoice that is due in two weeks is created five weeks from now.
    assert world["rule_id"]
    at = world.now + timedelta(days=35)
    issued = world.renewed(drafts=False)
    document = reach(world.tenant_id, issued["invoice_id"], at)["id"]
    write(world.tenant_id, document, at)
    world.made["customer_id"] = issued["customer_id"]
    return str(document)


def _billing_run(world: World) -> str:
    """A parked run with a result: the total of the second draft exceeds its brake."""
    end_billing_runs(world)
    run = billing.start(world.client, billing.drafts(world.client, 2), brake={"total": {"EUR": "119.00"}})
    assert deliver("advance_run", billing.begun(run)) == []
    return str(run["id"])


def end_billing_runs(world: World) -> None:
    """Cancel the active billing run, as a company has one at a time."""
    for run in world.client.get("/billing-runs?status=finalizing").ok()["data"]:
        world.client.post(f"/billing-runs/{run['id']}/cancel").ok()


def _something_to_bill(world: World) -> None:
    end_billing_runs(world)
    billing.drafts(world.client, 1)


def _next_period(world: World) -> str:
    track = world.client.get(f"/subscriptions/{world['subscription_id']}").ok()["tracks"][0]
    return f"{track['interval']['count']}{track['interval']['unit'][0]}-{track['timing']}.{track['next']['start']}"


def billed_period(world: World) -> str:
    """A billed period of a subscription, whose invoice is the one of the world."""
    path = f"/subscriptions/{world['subscription_id']}/periods/{_next_period(world)}"
    period = world.client.post(path, {"action": "bill"}).ok()
    world.made["invoice_id"] = str(period["invoice_id"])
    return str(period["id"])


def _scheduled_change(world: World) -> str:
    path = f"/subscriptions/{world['subscription_id']}/changes"
    body = {"items": [{"op": "add", "item": builders.item_json("Hotline", "19.00")}], "at": "period_end"}
    return str(world.client.post(path, body).ok()["id"])


def uploaded_statement(world: World) -> dict[str, Any]:
    """A statement of one movement, which is not imported yet. Each has a file of its own."""
    month = bank.Month([bank.Movement(world.now.date(), Decimal("119.00"), new_id("txt", world.now))])
    own = str(world.client.get("/tenant").ok()["bank_accounts"][0]["iban"])
    [statement] = bank.upload(world.client, bank.camt_of(month._replace(iban=own)))
    return statement


def _bank_statement(world: World) -> str:
    statement = uploaded_statement(world)
    assert bank.deliver_import(statement) == []
    return str(statement["id"])


def _bank_transaction(world: World) -> str:
    found = world.client.get(f"/bank-transactions?statement_id={world['statement_id']}").ok()["data"]
    return str(found[0]["id"])


def _allocation(world: World) -> str:
    """The payment of a transaction that is allocated to an invoice."""
    invoice = issue(world.client)["id"]
    path = f"/bank-transactions/{world['transaction_id']}/allocations"
    allocated = world.client.post(path, {"allocations": [{"invoice_id": invoice}]}).ok()
    return str(allocated["allocations"][0]["payment_id"])


def _payment(world: World) -> str:
    """A payment of the invoice, recorded by itself."""
    return _posted(next(one for found, one in endpoints() if found.name == "record_payment"), world)


def _payment_method(world: World) -> str:
    ready_to_collect(world.client)
    return _made_as_declared("method_id")(world)


_OTHERWISE: dict[str, Callable[[World], str]] = {
    "statement_id": _bank_statement,
    "transaction_id": _bank_transaction,
    "change_id": _scheduled_change,
    "payment_transaction_id": lambda world: transactions.collected(world.client).debits[0].id,
    "document_id": _dunning_document,
    "endpoint_id": _endpoint,
    "file_id": _file,
    "form_id": _form,
    "form_token": _form_token,
    "invoice_id": _invoice,
    "file": lambda _: "pdf",
    "line_id": _line,
    "method_id": _payment_method,
    "page_token": _page_token,
    "payment_id": _payment,
    "period": _next_period,
    "price_id": _price,
    "product_id": _product,
    "rule_id": _rule,
    "run_id": _billing_run,
    "sepa_file_id": lambda world: sepa_file(world.client),
    "token": _token,
    "user_id": _user,
    "name": lambda _: "invoice",
}


def _made_as_declared(variable: str) -> Callable[[World], str]:
    """The endpoint that creates such a resource: a POST to the path before the variable."""
    for _, declared in endpoints():
        collection, found, _ = declared.path.partition(f"/{{{variable}}}")
        makers = [one for _, one in endpoints() if one.path == collection and one.method == "POST"]
        if found and makers:
            return lambda world: _posted(makers[0], world)
    raise AssertionError(f"nothing makes a {{{variable}}}: say in tests/world.py how one comes into being")


def _posted(maker: Endpoint, world: World) -> str:
    return str(send(maker, world.client, world.ids(maker), world.body(maker)).ok(maker.status)["id"])


def _with_ids(value: Any, world: World) -> Any:
    """A body with existing ids in place of the example's ids."""
    if isinstance(value, dict):
        return {name: world[name] if _named(name) else _with_ids(inner, world) for name, inner in value.items()}
    return [_with_ids(inner, world) for inner in value] if isinstance(value, list) else value


def _named(field_name: str) -> bool:
    if not field_name.endswith("_id"):
        return field_name == "form_token"
    return any(f"{{{field_name}}}" in declared.path for _, declared in endpoints())


def overdue_invoice(world: World) -> None:
    """An invoice that reaches the first level of dunning today."""
    assert world["rule_id"]
    body = invoice_json(customer_id=world["customer_id"], issue_date="2026-01-15", due_date="2026-01-29")
    draft = world.client.post("/invoices", body).ok(201)
    world.client.post(f"/invoices/{draft['id']}/finalize").ok()


PREPARED: dict[str, Callable[[World], Any]] = {
    "list_webhook_deliveries": lambda world: world["endpoint_id"],
    "send_test_webhook": _pushed_endpoint,
    "change_subscription": billed_period,
    "find_number_gaps": lambda world: world["invoice_id"],
    "list_number_series": lambda world: world["invoice_id"],
    "list_periods": billed_period,
    "list_invoice_payments": lambda world: world["payment_id"],
    "list_payment_methods": lambda world: world["method_id"],
    "list_note_files": lambda world: world["file_id"],
    "list_payments": lambda world: world["payment_id"],
    "list_transactions": lambda world: world["payment_transaction_id"],
    "refund_transaction": lambda world: transactions.to_refund(world.client, world["payment_transaction_id"]),
    "reactivate_invoice": lambda world: world.client.post(f"/invoices/{world['invoice_id']}/cancel").ok(),
    "start_bank_matching_run": lambda world: bank.naming_transaction(world.client, world.now),
    "start_billing_run": _something_to_bill,
    "resume_subscription": lambda world: world.client.post(f"/subscriptions/{world['subscription_id']}/pause", {}).ok(),
    "revoke_cancellation": lambda world: world.client.put(
        f"/subscriptions/{world['subscription_id']}/cancellation", {"at": "period_end"}
    ).ok(),
    "start_dunning_run": overdue_invoice,
    "create_sepa_file": lambda world: something_to_collect(world.client),
    "list_sepa_files": lambda world: world["sepa_file_id"],
}
"""How to create the resources that an operation needs or lists, beyond those in its path."""
