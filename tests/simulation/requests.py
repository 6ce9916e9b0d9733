"""The requests of clients on a simulated day, each about resources that the company has."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.builders import line_json
from tests.gateway import Response

Json = dict[str, Any]


@dataclass
class Request:
    """A request of a client, sent with its key until it gets a response."""

    method: str
    path: str
    body: Any
    key: str
    answers: list[Response] = field(default_factory=list)

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


Choice = Callable[[Resources, random.Random], tuple[str, str, Any]]


def _invoice(there: Resources, chance: random.Random) -> str:
    """Usually an issued one."""
    return chance.choice([*there.issued, *there.issued, *there.drafts])


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


FINALIZING: list[Choice] = [_do("finalize", {"send": True}, _draft), _do("finalize", on=_draft)]
PAYING: list[Choice] = [_pay]
REQUESTS: list[Choice] = [
    *PAYING, *PAYING, *PAYING, _credit, _credit, _patch, _customer, _stop_dunning, _order, _order, _run,
    _subscription, _subscription,
    _do("cancel"), _do("close", {"reason": "write_off"}), _do("reactivate"), _do("correct"),
    *FINALIZING, *FINALIZING,
    _do("lines", {"lines": [line_json()]}, _draft), _do("notes", {"note": "Call back"}),
    _do("comments", {"comment": "x"}), _do("duplicate"),
]  # fmt: skip
"""The requests of clients, with equal probability."""
