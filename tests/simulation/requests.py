"""The requests of clients on a simulated day, each about resources that the company has."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from infra.discovery import DeclaredFunction
from tests.builders import line_json
from tests.gateway import Client, Response
from tests.simulation.bank import Bank, Form

Json = dict[str, Any]


@dataclass
class Request:
    """A request of a client, sent with its key until it gets a response."""

    method: str
    path: str
    body: Any
    key: str
    answers: list[Response] = field(default_factory=list)

    def to(self, api: Client) -> tuple[DeclaredFunction, Json]:
        """The function that it reaches, and the request as the gateway passes it on."""
        headers = {"Idempotency-Key": self.key}
        if isinstance(self.body, Form):
            headers["Content-Type"] = self.body.content_type
            return api.request(self.method, self.path, raw=self.body.content, headers=headers)
        return api.request(self.method, self.path, self.body, headers=headers)

    @property
    def accepted(self) -> bool:
        """Whether the service accepted it."""
        return any(one.status < 300 for one in self.answers)


@dataclass(frozen=True)
class Resources:
    """The ids of the resources that the company has at the beginning of a day."""

    customers: Sequence[str]
    issued: Sequence[str]
    drafts: Sequence[str]
    orders: Sequence[str]
    subscriptions: Sequence[str]
    period: str
    """A period that is due in each subscription."""
    bank: Bank


Choice = Callable[[Resources, random.Random], tuple[str, str, Any]]


def _invoice(there: Resources, chance: random.Random) -> str:
    """Usually an issued one."""
    return chance.choice([*there.issued, *there.issued, *there.drafts, *there.bank.debited[:2]])


def _draft(there: Resources, chance: random.Random) -> str:
    """Usually a draft."""
    return chance.choice([*there.drafts, *there.drafts, *there.issued])


def _pay(there: Resources, chance: random.Random) -> tuple[str, str, Json]:
    amount = chance.choice(["1.00", "50.00", "178.50"])
    return "POST", f"/invoices/{_invoice(there, chance)}/payments", {"amount": amount}


def _credit(there: Resources, chance: random.Random) -> tuple[str, str, Json]:
    return "POST", f"/invoices/{_invoice(there, chance)}/credit", chance.choice([{"amount": "10.00"}, {}])


def _do(action: str, body: Json | None = None, on: Callable[[Resources, random.Random], str] = _invoice) -> Choice:
    return lambda there, chance: ("POST", f"/invoices/{on(there, chance)}/{action}", body or {})


def _patch(there: Resources, chance: random.Random) -> tuple[str, str, Json]:
    return "PATCH", f"/invoices/{_draft(there, chance)}", {"title": f"Title {chance.randint(1, 9)}"}


def _customer(there: Resources, chance: random.Random) -> tuple[str, str, Json]:
    return "PATCH", f"/customers/{chance.choice(there.customers)}", {"name": f"Name {chance.random()}"}


def _stop_dunning(there: Resources, chance: random.Random) -> tuple[str, str, Json]:
    return "PUT", f"/invoices/{_invoice(there, chance)}/dunning", {"disabled": chance.random() < 0.5}


def _order(there: Resources, chance: random.Random) -> tuple[str, str, Json]:
    order = chance.choice(there.orders)
    if chance.random() < 0.5:
        return "POST", f"/orders/{order}/invoices", {}
    return "PATCH", f"/orders/{order}", {"purchase_order_id": f"PO-{chance.randint(1, 9)}"}


def _run(there: Resources, chance: random.Random) -> tuple[str, str, Json]:
    return "POST", "/billing-runs", {"invoice_ids": chance.sample(there.drafts, 2), "send": chance.random() < 0.5}


def _subscription(there: Resources, chance: random.Random) -> tuple[str, str, Any]:
    path = f"/subscriptions/{chance.choice(there.subscriptions)}"
    return chance.choice(
        [
            ("PATCH", path, {"purchase_order_id": f"PO-{chance.randint(1, 9)}"}),
            ("POST", f"{path}/periods/{there.period}", {"action": chance.choice(["bill", "skip"])}),
            ("PUT", f"{path}/cancellation", {"at": "period_end"}),
            ("DELETE", f"{path}/cancellation", None),
        ]
    )


def upload(there: Resources, chance: random.Random) -> tuple[str, str, Form]:
    """The upload of a bank statement."""
    return "POST", "/bank-statements", chance.choice(there.bank.statements)


def _feed(there: Resources, _: random.Random) -> tuple[str, str, Json]:
    return "POST", "/bank-transactions", there.bank.feed


def _match(there: Resources, chance: random.Random) -> tuple[str, str, Any]:
    """A request of a user about bank transactions."""
    path = f"/bank-transactions/{chance.choice(there.bank.transactions)}"
    wanted = {"invoice_id": _invoice(there, chance), **chance.choice([{}, {"amount": "10.00"}])}
    return chance.choice(
        [
            ("POST", f"{path}/allocations", {"allocations": [wanted]}),
            ("POST", f"{path}/allocations", {"allocations": [wanted]}),
            ("PUT", f"{path}/status", chance.choice([{"status": "ignored", "reason": "other"}, {"status": "open"}])),
            ("DELETE", there.bank.allocation, None),
            ("POST", "/bank-matching-runs", {}),
        ]
    )


def _collect(there: Resources, chance: random.Random) -> tuple[str, str, Any]:
    """A request of a user about direct debits."""
    some = chance.sample(there.bank.debited, 2)
    file = f"/sepa-files/{there.bank.file}"
    return chance.choice(
        [
            ("POST", "/sepa-files", {"type": "debit", "invoice_ids": some}),
            ("POST", "/sepa-files", {"type": "debit"}),
            ("POST", f"{file}/cancel", {}),
            ("POST", f"{file}/uploaded", {}),
            ("PATCH", there.bank.method, {"blocked": chance.random() < 0.5}),
        ]
    )


COLLECTING: list[Choice] = [_collect]
MATCHING: list[Choice] = [_match]
UPLOADING: list[Choice] = [upload, _feed]
FINALIZING: list[Choice] = [_do("finalize", {"send": True}, _draft), _do("finalize", on=_draft)]
PAYING: list[Choice] = [_pay]
REQUESTS: list[Choice] = [
    *PAYING, *PAYING, *PAYING, _credit, _credit, _patch, _customer, _stop_dunning, _order, _order, _run,
    _subscription, _subscription,
    _do("cancel"), _do("close", {"reason": "write_off"}), _do("reactivate"), _do("correct"),
    *FINALIZING, *FINALIZING,
    _do("lines", {"lines": [line_json()]}, _draft), _do("notes", {"note": "Call back"}),
    _do("comments", {"comment": "x"}), _do("duplicate"),
    *UPLOADING, *MATCHING, *MATCHING, *COLLECTING, *COLLECTING, *COLLECTING,
]  # fmt: skip
"""The requests of clients, with equal probability."""
