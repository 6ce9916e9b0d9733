"""Each operation over HTTP, on the embedded stack: its example is accepted, and mistakes get the contract's errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from infra.discovery import endpoints
from infra.local.stack import Stack
from invoicing.core.ids import new_id
from invoicing.http.declaration import Endpoint
from tests import bank, billing, builders, transactions
from tests.answers import document, followed, require_promised
from tests.collection import debtor, ready_to_collect
from tests.e2e.waiting import until
from tests.gateway import Client, Response, route
from tests.world import PREPARED, World, asked, fitting, issue, uploaded_statement

pytestmark = pytest.mark.system

PARTS = 2
FIRST = {"create_dunning_rule"}
"""Operations whose example creates resources for the others, and is accepted once."""
LAST = {"set_test_clock", "start_billing_run", "update_tenant"}
"""Operations that change the clock, settings or drafts that others need: the last part has them."""
NEEDS_A_STATE = {
    "create_sepa_file", "reactivate_invoice", "refund_transaction", "resume_subscription", "revoke_cancellation",
    "send_test_webhook", "start_billing_run",
}  # fmt: skip
"""Operations that need more than the resources in their path; the world knows how to create it."""


@dataclass
class HttpClient(Client):
    """A client of the running stack. Each response is compared with the OpenAPI document."""

    url: str = ""

    @property
    def origin(self) -> str:
        """The origin of the pages that the service itself shows."""
        return self.url.removesuffix("/v1")

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Response:
        """Send one request."""
        sent = {**({"Authorization": f"Bearer {self.key}"} if self.key else {}), **(headers or {})}
        content = {"content": raw} if raw is not None else {} if body is None else {"json": body}
        answer = httpx.request(method, f"{self.url}{path}", headers=sent, timeout=120, **content)
        names = {name.title(): value for name, value in answer.headers.items()} | {
            name: answer.headers[name] for name in ("ETag", "X-Request-Id") if name in answer.headers
        }
        found = Response(answer.status_code, names, answer.text)
        declared = route(method, httpx.URL(path).path)[0].declaration
        assert isinstance(declared, Endpoint)
        require_promised(declared, found.status, found.headers, found.text)
        return found


class RunningWorld(World):
    """The resources of a tenant on the running stack, whose own consumers render its files and letters."""

    def __getitem__(self, variable: str) -> str:
        """The resource of a variable in a path."""
        if variable not in self.made and variable == "invoice_id" and not self.drafts:
            issued = issue(self.client)
            self.made |= {"customer_id": issued["customer_id"], "invoice_id": issued["id"]}
            until(lambda: self.client.get(f"/invoices/{issued['id']}").ok()["files"]["pdf"]["status"] == "available")
        make = {
            "document_id": self._letter,
            "endpoint_id": self._polled_endpoint,
            "payment_transaction_id": self._debit,
            "run_id": self._parked_run,
            "sepa_file_id": self._sepa_file,
            "statement_id": self._imported_statement,
        }.get(variable)
        if variable not in self.made and make is not None:
            self.made[variable] = make()
        return super().__getitem__(variable)

    def renewed(self, *, drafts: bool | None = None) -> "RunningWorld":
        """The same tenant with other resources."""
        return RunningWorld(self.client, self.now, self.drafts if drafts is None else drafts)

    def body(self, endpoint: Endpoint) -> Any:
        """The example body, with ids of this world, and those of deliveries."""
        body = super().body(endpoint)
        if isinstance(body, dict) and "delivery_ids" in body:
            deliveries = self.client.get(f"/webhook-endpoints/{self['endpoint_id']}/deliveries").ok()["data"]
            body["delivery_ids"] = [deliveries[0]["id"]]
        return body

    def _polled_endpoint(self) -> str:
        """A webhook endpoint that receivers poll, with a delivery. A company has few, and its worlds share one."""
        listed = self.client.get("/webhook-endpoints").ok()["data"]
        there = [one for one in listed if one["kind"] == "pull"]
        body = {"kind": "pull", "events": ["*"]}
        found = (there or [self.client.post("/webhook-endpoints", body).ok(201)])[0]["id"]
        self.client.post("/customers", builders.customer_json()).ok(201)
        until(lambda: self.client.get(f"/webhook-endpoints/{found}/deliveries").ok()["data"])
        return str(found)

    def _letter(self) -> str:
        """The reminder of an invoice that is overdue, sent by a dunning run."""
        assert self["rule_id"]
        due = (self.now - timedelta(days=30)).date().isoformat()
        issued = (self.now - timedelta(days=40)).date().isoformat()
        body = builders.invoice_json(customer_id=self["customer_id"], issue_date=issued, due_date=due)
        draft = self.client.post("/invoices", body).ok(201)["id"]
        self.client.post(f"/invoices/{draft}/finalize").ok()
        self.client.post("/dunning-runs").ok()
        found = f"/dunning-documents?invoice_id={draft}"
        until(lambda: any(one["pdf"]["status"] == "available" for one in self.client.get(found).ok()["data"]))
        return str(self.client.get(found).ok()["data"][0]["id"])

    def announced_invoice(self) -> str:
        """An invoice that can be collected tomorrow, because its mail announced the direct debit today."""
        ready_to_collect(self.client)
        self.client.patch("/tenant", {"collection": {"prenotification_days": 1}}).ok()
        # Statements in another format have movements of 119.00 that day: the debit's would be suspect of them.
        lines = [builders.line_json(quantity="3")]
        about = {"payment_method": "sepa_direct_debit", "payment_terms": {"days": 0}, "lines": lines}
        body = builders.invoice_json(customer_id=debtor(self.client), **about)
        path = f"/invoices/{self.client.post('/invoices', body).ok(201)['id']}"
        self.client.post(f"{path}/finalize", {"send": True}).ok()
        assert until(lambda: self.client.get(path).ok()["sent_at"])
        return path.rpartition("/")[2]

    def _sepa_file(self) -> str:
        """A file with one direct debit."""
        body = {"type": "debit", "invoice_ids": [self.announced_invoice()]}
        return str(self.client.post("/sepa-files", body).ok(201)["id"])

    def _debit(self) -> str:
        """The direct debit of a file."""
        return str(self.client.get(f"/sepa-files/{self['sepa_file_id']}").ok()["transactions"][0]["id"])

    def settled_debit(self) -> None:
        """Settle the direct debit by a statement of the bank, and cancel its invoice."""
        path = f"/transactions/{self['payment_transaction_id']}"
        self.client.post(f"/sepa-files/{self['sepa_file_id']}/uploaded").ok()
        debit = self.client.get(path).ok()
        named = f"<TxDtls><Refs><EndToEndId>{debit['end_to_end_id']}</EndToEndId></Refs></TxDtls>"
        account = self.client.get("/tenant").ok()["bank_accounts"][0]["id"]
        movement = transactions.entry(Decimal(debit["amount"]), named, self.now.date())
        bank.upload(self.client, transactions.camt_of(movement), bank_account_id=account)
        assert until(lambda: self.client.get(path).ok()["status"] == "succeeded")
        self.client.post(f"/invoices/{debit['invoice_id']}/cancel").ok()

    def wait_for_billing_runs(self) -> None:
        """Wait until no billing run is active: a company has one at a time."""
        assert until(lambda: not self.client.get("/billing-runs?status=finalizing").ok()["data"])

    def _imported_statement(self) -> str:
        """A bank statement whose movement is a transaction."""
        statement = f"/bank-statements/{uploaded_statement(self)['id']}"
        until(lambda: self.client.get(statement).ok()["status"] == "done")
        return statement.rpartition("/")[2]

    def _parked_run(self) -> str:
        """A billing run whose second draft exceeds its brake."""
        self.wait_for_billing_runs()
        brake = {"total": {"EUR": "119.00"}}
        run = f"/billing-runs/{billing.start(self.client, billing.drafts(self.client, 2), brake=brake)['id']}"
        until(lambda: self.client.get(run).ok()["status"] == "parked")
        return run.rpartition("/")[2]


def unknown(world: World, endpoint: Endpoint) -> dict[str, str]:
    """The ids of a path with well-formed ones that do not exist."""
    return {
        name: f"{found.partition('_')[0]}_{new_id('x', world.now).partition('_')[2]}" if "_" in found else found
        for name, found in world.ids(endpoint).items()
    }


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_each_operation_keeps_the_contract(stack: Stack, part: int) -> None:
    client = HttpClient(stack.api_keys["admin"], None, stack.tenant_id, stack.api_url)
    nobody = HttpClient(None, None, "", stack.api_url)
    world = RunningWorld(client, datetime.now(UTC))
    every = sorted(endpoints(), key=lambda one: (one[0].name not in FIRST, one[1].path))
    last = [one for one in every if one[0].name in LAST]
    own_part = [one for one in every if one not in last][part::PARTS]
    if part == PARTS - 1:
        own_part += last
    prepared = {
        **PREPARED,
        "create_sepa_file": RunningWorld.announced_invoice,
        "refund_transaction": RunningWorld.settled_debit,
    }
    wrong: dict[str, object] = {}
    for found, endpoint in own_part:
        own = fitting(world, endpoint)
        if found.name in NEEDS_A_STATE:
            own = world.renewed(drafts=False)
            own.wait_for_billing_runs()
            prepared[found.name](own)
        path = endpoint.path.format(**own.ids(endpoint))
        body = own.body(endpoint) if endpoint.body is not None else None
        answers = {
            "unknown query": client(endpoint.method, f"{path}?no_such_parameter=1", body).status,
            "example": asked(endpoint, client, own).status,
        }
        expected = {"unknown query": {400}, "example": {200, 201, 202, 204, 302, 303}}
        if body is not None:
            answers["broken body"] = client(endpoint.method, path, raw=b"{").status
            expected["broken body"] = {400}
        if endpoint.scope:
            answers["no credentials"] = nobody(endpoint.method, path, body).status
            expected["no credentials"] = {401}
        if endpoint.path_parameters.keys() - {"token", "page_token", "file", "name"}:
            answers["unknown ids"] = client(
                endpoint.method, endpoint.path.format(**unknown(own, endpoint)), body
            ).status
            expected["unknown ids"] = {404}
        if bad := {name: answers[name] for name, allowed in expected.items() if answers[name] not in allowed}:
            wrong[found.name] = bad
    assert wrong == {}


OF_EARLIER_ANSWERS = {
    "acknowledge_webhook_deliveries",
    "allocate_bank_transaction",
    "cancel_billing_run",
    "cancel_dunning_document",
    "cancel_sepa_file",
    "change_subscription",
    "comment_on_page",
    "create_dunning_download_link",
    "create_note_file_link",
    "create_sepa_file",
    "create_sepa_file_link",
    "decide_period",
    "delete_change",
    "delete_comment",
    "delete_webhook_endpoint",
    "free_bank_transaction",
    "get_bank_statement",
    "get_bank_transaction",
    "get_billing",
    "get_billing_run",
    "get_comment",
    "get_dunning_document",
    "get_mandate",
    "get_payment_method",
    "get_sepa_file",
    "get_sepa_file_xml",
    "get_subscription",
    "get_transaction",
    "get_webhook_endpoint",
    "list_billing_run_results",
    "list_periods",
    "list_webhook_deliveries",
    "open_download",
    "open_page",
    "open_page_file",
    "open_successor",
    "pause_subscription",
    "preview_subscription",
    "renew_page_link",
    "refund_transaction",
    "replay_webhook_deliveries",
    "resume_billing_run",
    "resume_subscription",
    "reverse_payment",
    "revoke_cancellation",
    "revoke_download_link",
    "revoke_page_link",
    "revoke_payment_method",
    "revoke_sepa_file_link",
    "send_receipt",
    "rotate_webhook_secret",
    "send_test_webhook",
    "set_bank_transaction_status",
    "set_cancellation",
    "update_comment",
    "update_payment_method",
    "update_subscription",
    "update_webhook_endpoint",
    "upload_sepa_file",
}
"""Operations on a resource that another operation creates. The reader takes its id from that answer."""
ENDS_THE_OTHERS = {"delete_customer", "delete_invoice", "delete_order", "delete_product", "set_test_clock"}
"""Operations after which the other examples have no customer, no draft, no order, no product, or another date."""
AFTER_THE_OTHERS = (
    "delete_line",
    "update_invoice",
    "delete_note",
    "invoice_order",
    "finalize_invoice",
    "start_billing_run",
    "get_invoice_xml",
    "render_invoice",
    "send_invoice",
    "create_download_link",
    "create_page_link",
    "record_payment",
    "set_invoice_status",
    "credit_invoice",
    "close_invoice",
    "reactivate_invoice",
    "cancel_invoice",
    "reactivate_invoice",
    "correct_invoice",
    "delete_document_form",
    "delete_dunning_rule",
    "revoke_api_key",
    "delete_user",
    "erase_customer",
)
"""The life of the draft, in an order in which each operation is allowed; then the ends of all resources.

An update of the draft replaces its lines, so operations on its line precede it.
"""
UNIQUE = {"create_document_form", "create_dunning_rule", "create_product", "create_user"}
"""Operations whose example is accepted once. The new resource is deleted, for the other tests of this tenant."""


def test_examples_work_with_the_demo_tenant(api: httpx.Client) -> None:
    operations = {
        one["operationId"]: (method.upper(), path, one)
        for path, methods in document()["paths"].items()
        for method, one in methods.items()
    }
    assert operations.keys() >= OF_EARLIER_ANSWERS | ENDS_THE_OTHERS | {*AFTER_THE_OTHERS}
    first = operations.keys() - OF_EARLIER_ANSWERS - ENDS_THE_OTHERS - {*AFTER_THE_OTHERS}
    refused: dict[str, str] = {}
    for name in (*sorted(first), *AFTER_THE_OTHERS):
        method, path, operation = operations[name]
        ids = {
            one["name"]: one["schema"]["examples"][0]
            for one in map(followed, operation["parameters"])
            if one["in"] == "path"
        }
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
        answer = api.request(method, path.format(**ids), json=body)
        if name in UNIQUE and answer.is_success:
            assert api.delete(f"{path}/{answer.json()['id']}").is_success
        if answer.is_error:
            refused[name] = answer.text
    assert not refused, "\n".join(f"{name}: {text}" for name, text in refused.items())
