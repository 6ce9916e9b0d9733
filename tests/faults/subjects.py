"""The subjects of the sweep: one invocation of each function with effects, derived from the declarations.

An endpoint gets the example of its operation in the OpenAPI document. `tests/faults/messages.py` prepares the work of
consumers and schedules.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple, cast

from infra.discovery import DeclaredFunction, discover
from invoicing.aws.grants import Grant
from invoicing.consumers.consumer import Consumer
from invoicing.consumers.schedule import Schedule
from invoicing.consumers.source import store_of
from invoicing.consumers.table_stream import TableStream
from invoicing.core.identity import Role
from invoicing.http.authorizer import Authorizer
from invoicing.http.declaration import Endpoint
from invoicing.invoice_pages.model import form_token
from invoicing.tenants.table import tenant_of
from tests import builders, transactions
from tests.aws import AwsCalls, seed
from tests.collection import overpaid_invoice, ready_to_collect
from tests.conftest import Clock
from tests.faults import messages
from tests.faults.snapshots import Snapshot, restore, take
from tests.forms import PDF, form
from tests.gateway import Client, answered, authorized, promised
from tests.world import PREPARED, World, billed_period, overdue_invoice, signed_in, with_key

IDEMPOTENCY_KEY = "the same request"


class Outcome(NamedTuple):
    """The result of an invocation: whether it is done, and the response that its caller got."""

    done: bool
    answer: str = ""
    status: int = 0


class Subject(NamedTuple):
    """An invocation that can be repeated as its caller does, with its initial state."""

    function: str
    begin: Snapshot
    invoke: Callable[[], Outcome]
    wait: timedelta = messages.SOON
    """The time after which the caller repeats it."""
    afterwards: Callable[[], object] = list
    reads: bool = False
    """Whether a fault of the write only delays the record of the read."""
    """The later work of the service."""


def swept() -> dict[str, DeclaredFunction]:
    """Every function with effects: endpoints that may write, and all functions that no client calls."""
    return {one.name: one for one in discover() if _changes_something(one)}


def _changes_something(function: DeclaredFunction) -> bool:
    declared = function.declaration
    if declared.embedded:
        return False  # Only on a developer's machine.
    if isinstance(declared, Endpoint):
        return Grant.COMMIT in declared.grants
    return isinstance(declared, Consumer | TableStream | Schedule | Authorizer)


def names() -> list[str]:
    """Every function, and the further requests of some."""
    return sorted({*swept(), *FURTHER})


def subject(name: str, empty: Snapshot, at: Clock, aws: AwsCalls) -> Subject:
    """Prepare a function in a new account."""
    restore(empty, at, aws)
    function = swept()[name.partition("/")[0]]
    if name in FURTHER:
        asked = FURTHER[name](_world(at, drafts=False))
        reads = getattr(function.declaration, "method", None) == "GET"
        return Subject(function.name, take(at), asked, reads=reads)
    if not isinstance(function.declaration, Endpoint):
        company = builders.tenant(event_sources=("orders",))
        seed(company.id, company)
        scene = messages.Scene(company, signed_in(company), at, aws)
        assert name in messages.SCENES, f"say in tests/faults/messages.py what gives {name} something to do"
        message = messages.SCENES[name](scene)
        return Subject(name, take(at), lambda: _handled(message), message.wait, message.afterwards)
    for drafts in (False, True):
        restore(empty, at, aws)
        asked = _asked(function, drafts=drafts, at=at)
        begin = take(at)
        outcome = asked()
        if outcome.done:
            return Subject(name, begin, asked)
    raise AssertionError(f"say in tests/world.py what {name} needs: {outcome.answer}")


def _asked(function: DeclaredFunction, *, drafts: bool, at: Clock) -> Callable[[], Outcome]:
    endpoint = function.declaration
    assert isinstance(endpoint, Endpoint)
    world = _world(at, drafts=drafts)
    if function.name in PREPARED:
        PREPARED[function.name](world)
    path, body = endpoint.path.format(**world.ids(endpoint)), world.body(endpoint)
    return request(world.client, endpoint.method, path, body)


def _world(at: Clock, *, drafts: bool) -> World:
    company = builders.tenant()
    seed(company.id, company)
    return World(signed_in(company), at.now, drafts)


def request(
    client: Client,
    method: str,
    path: str,
    body: object = None,
    form: tuple[bytes, str] | None = None,
    agent: str = "",
) -> Callable[[], Outcome]:
    """A request with an Idempotency-Key, which the gateway has authorized."""
    raw, content_type = form or (None, "application/json")
    headers = {"Idempotency-Key": IDEMPOTENCY_KEY, "Content-Type": content_type, "User-Agent": agent}
    headers["Origin"] = client.origin
    function, event = client.request(method, path, body, headers=headers, raw=raw)
    if cast("Endpoint", function.declaration).scope is not None:
        allowed, event["requestContext"]["authorizer"] = authorized(event)
        assert allowed
    kept_promises: set[str] = set()

    def ask() -> Outcome:
        answer = answered(function, event)
        form = f"{answer.status} {len(answer.text)}"
        if form not in kept_promises:
            promised(cast("Endpoint", function.declaration), answer)
            kept_promises.add(form)
        shown = {name: answer.headers[name] for name in ("Content-Type", "ETag", "Location") if name in answer.headers}
        return Outcome(answer.status < 400, f"{answer.status} {shown} {answer.text}", answer.status)

    return ask


def _note_with_files(world: World) -> Callable[[], Outcome]:
    files = [(name, PDF, "application/pdf") for name in ("a.pdf", "b.pdf")]
    return request(world.client, "POST", f"/invoices/{world['invoice_id']}/notes", form=form({"note": "x"}, files))


def _note_with_one_more_file(world: World) -> Callable[[], Outcome]:
    path = f"/invoices/{world['invoice_id']}/notes/{world['note_id']}"
    return request(world.client, "POST", path, form=form({}, [("a.pdf", PDF, "application/pdf")]))


def _dunning_run(world: World) -> Callable[[], Outcome]:
    overdue_invoice(world)
    return request(world.client, "POST", "/dunning-runs", {})


def _part_payment_after_a_reminder(world: World) -> Callable[[], Outcome]:
    assert world["document_id"]
    return request(world.client, "POST", f"/invoices/{world['invoice_id']}/payments", {"amount": "19.00"})


def _change_of_billed_days(world: World) -> Callable[[], Outcome]:
    """Another price and quantity: a credit note on a paid invoice, and an invoice that its refund pays in part."""
    billed_period(world)
    invoice, subscription = (
        world.client.get(f"/{name}").ok()
        for name in (f"invoices/{world['invoice_id']}", f"subscriptions/{world['subscription_id']}")
    )
    payment = {"amount": invoice["total"], "method": "bank_transfer"}
    world.client.post(f"/invoices/{invoice['id']}/payments", payment).ok(201)
    plan, seats = (one["id"] for one in subscription["items"])
    line = builders.item_json("Maintenance", "99.00")["line"]
    items = [{"op": "set", "item_id": plan, "line": line}, {"op": "set", "item_id": seats, "quantity": "8"}]
    return request(world.client, "POST", f"/subscriptions/{subscription['id']}/changes", {"items": items})


def _credit_transfers(world: World) -> Callable[[], Outcome]:
    """A file that refunds two documents."""
    ready_to_collect(world.client)
    ids = [overpaid_invoice(world.client) for _ in range(2)]
    return request(world.client, "POST", "/sepa-files", {"type": "credit", "invoice_ids": ids})


def _cancellation_of_an_order(world: World) -> Callable[[], Outcome]:
    draft = world.client.post(f"/orders/{world['order_id']}/invoices").ok(201)["id"]
    world.client.post(f"/invoices/{draft}/finalize").ok()
    return request(world.client, "POST", f"/invoices/{draft}/cancel", {"reason": "Wrong customer"})


def _invoice_in_the_portal(world: World) -> Callable[[], Outcome]:
    invoice, company = world["invoice_id"], tenant_of(store_of(world.tenant_id))
    customer = signed_in(company, Role.CUSTOMER, customer_id=world["customer_id"])
    return request(customer, "GET", f"/invoices/{invoice}")


def _download(world: World) -> Callable[[], Outcome]:
    return request(Client(None), "GET", f"/downloads/{world['token']}")


def _page(world: World) -> Callable[[], Outcome]:
    return request(Client(None), "GET", f"/pages/{world['page_token']}", agent="Mozilla/5.0")


def _renewal_of_a_revoked_link(world: World) -> Callable[[], Outcome]:
    links = f"/invoices/{world['invoice_id']}/page-links"
    link = world.client.post(links).ok(201)
    world.client.delete(f"{links}/{link['id']}").ok(204)
    return _form_of_a_page(link["url"].rpartition("/")[2], "renewals")


def _successor_of_a_canceled_invoice(world: World) -> Callable[[], Outcome]:
    token = world["page_token"]
    world.client.post(f"/invoices/{world['invoice_id']}/cancel").ok()
    return _form_of_a_page(token, "successor")


def _form_of_a_page(token: str, name: str) -> Callable[[], Outcome]:
    return request(Client(None), "POST", f"/pages/{token}/{name}", {"form_token": form_token(token)})


def _authorization(world: World) -> Callable[[], Outcome]:
    """A request whose key was last used long ago, which the authorizer records."""
    company = tenant_of(store_of(world.tenant_id))
    client = with_key(company, builders.user(), last_used_at=world.now - timedelta(days=2))
    _, event = client.request("GET", "/tenant")

    def ask() -> Outcome:
        try:
            allowed, context = authorized(event)
        except Exception as error:  # noqa: BLE001 — the gateway answers 500, and keeps nothing
            return Outcome(done=False, answer=repr(error), status=500)
        # The gateway would keep a denial for five minutes.
        return Outcome(allowed, repr(context), 200 if allowed else 401)

    return ask


def _message(scene: Callable[[Client], Callable[[], list[str]]]) -> Callable[[World], Callable[[], Outcome]]:
    """A message other than the one in `messages.py`."""

    def prepared(world: World) -> Callable[[], Outcome]:
        message = messages.Message(scene(world.client))
        return lambda: _handled(message)

    return prepared


FURTHER: dict[str, Callable[[World], Callable[[], Outcome]]] = {
    "allocate_bank_transactions/of_a_return": _message(transactions.return_of_a_settled_debit),
    "allocate_bank_transactions/of_two_documents": _message(transactions.payment_of_two),
    "authorize": _authorization,
    "cancel_invoice/of_an_order": _cancellation_of_an_order,
    "change_subscription/of_billed_days": _change_of_billed_days,
    "create_note/with_files": _note_with_files,
    "create_sepa_file/of_credit_transfers": _credit_transfers,
    "get_invoice": _invoice_in_the_portal,
    "import_bank_statement/of_a_batch": _message(transactions.details_of_a_batch),
    "open_download": _download,
    "open_page": _page,
    "open_successor/of_a_canceled_invoice": _successor_of_a_canceled_invoice,
    "put_note/with_a_file": _note_with_one_more_file,
    "renew_page_link/of_a_revoked_link": _renewal_of_a_revoked_link,
    "record_payment/after_a_reminder": _part_payment_after_a_reminder,
    "start_dunning_run/not_dry": _dunning_run,
}
"""Requests and messages other than the usual one of a function, by a name that begins with the function's."""


def _handled(message: messages.Message) -> Outcome:
    try:
        return Outcome(message.deliver() == [])
    except Exception as error:  # noqa: BLE001 — a schedule that raises has failed, and runs again
        return Outcome(done=False, answer=repr(error))
