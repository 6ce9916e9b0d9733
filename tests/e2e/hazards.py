"""The hazards of the lifecycle: calls that many clients send at the same time."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from invoicing.timeline.model import MOST_EDITS
from tests.builders import customer_json, order_json, rule_json, user_json

Request = tuple[str, str, Any]
"""Method, path and body."""


class Hazard(NamedTuple):
    """Calls about one document: those of one client that prepare it, then those that clients send alternately."""

    prepare: Sequence[str]
    race: Sequence[str]
    of_the_note: bool = False
    """Whether the race is about the credit note that the preparation issues."""


_PAID = ("finalize", "pay_all")
HAZARDS: Mapping[str, Hazard] = {
    "finalize/finalize": Hazard((), ("finalize",)),
    "finalize/update": Hazard((), ("update", "finalize")),
    "finalize/delete": Hazard((), ("finalize", "delete")),
    "finalize/send": Hazard((), ("send", "finalize")),
    "pay/pay": Hazard(("finalize",), ("pay_part",)),
    "pay all/pay part": Hazard(("finalize",), ("pay_all", "pay_part")),
    "pay/cancel": Hazard(("finalize",), ("pay_part", "cancel")),
    "pay/credit": Hazard(("finalize",), ("pay_part", "credit_part")),
    "pay/close": Hazard(("finalize",), ("pay_part", "close")),
    "pay/close/reactivate": Hazard(("finalize",), ("pay_part", "close", "reactivate")),
    "pay/set dunning": Hazard(("finalize",), ("pay_part", "set_dunning")),
    "credit/credit": Hazard(("finalize",), ("credit_part",)),
    "credit all/credit part": Hazard(("finalize",), ("credit_rest", "credit_part")),
    "credit/cancel": Hazard(("finalize",), ("credit_part", "cancel")),
    "cancel/cancel": Hazard(("finalize",), ("cancel",)),
    "cancel/correct": Hazard(("finalize",), ("cancel", "correct")),
    "cancel/reactivate": Hazard(("finalize",), ("cancel", "reactivate")),
    "cancel/send": Hazard(("finalize",), ("cancel", "send")),
    "refund/refund": Hazard((*_PAID, "cancel"), ("refund_part",)),
    "refund/reactivate": Hazard((*_PAID, "cancel"), ("refund_part", "reactivate")),
    "void note/send note": Hazard(("finalize", "credit_rest"), ("cancel", "send"), of_the_note=True),
}
"""Pairs and triples of calls whose order decides about their answers."""

REQUESTS: Mapping[str, Callable[[int], Request]] = {
    "read": lambda _: ("GET", "", None),
    "update": lambda number: ("PATCH", "", {"title": f"Title {number}"}),
    "delete": lambda _: ("DELETE", "", None),
    "finalize": lambda _: ("POST", "/finalize", {}),
    "pay_part": lambda _: ("POST", "/payments", {"amount": "5.00"}),
    "pay_all": lambda _: ("POST", "/payments", {"amount": "119.00"}),
    "refund_part": lambda _: ("POST", "/payments", {"amount": "5.00", "type": "refund"}),
    "credit_part": lambda _: ("POST", "/credit", {"amount": "7.00"}),
    "credit_rest": lambda _: ("POST", "/credit", {}),
    "cancel": lambda _: ("POST", "/cancel", {}),
    "correct": lambda _: ("POST", "/correct", {}),
    "close": lambda _: ("POST", "/close", {"reason": "write_off"}),
    "reactivate": lambda _: ("POST", "/reactivate", {}),
    "send": lambda _: ("POST", "/send", {"channel": "letter"}),
    "set_dunning": lambda number: ("PUT", "/dunning", {"disabled": bool(number % 2)}),
}
"""The request of each call of `sequential.CALLS`, below the path of the document."""


class Limit(NamedTuple):
    """Requests of which the service accepts a certain number, and refuses the others with one code."""

    request: Callable[[Mapping[str, str], int], Request]
    """The request of a client by its number. `{variables}` of the path are ids of prepared resources."""
    accepted: int
    refused: tuple[int, str]
    headers: Mapping[str, str] = {}


_NAME = uuid.uuid4().hex[:12]
LIMITS: Mapping[str, Limit] = {
    "e-mail of a user": Limit(
        lambda ids, number: ("POST", "/users", user_json(email=f"{_NAME}@example.com", last_name=f"N{number}")),
        1,
        (409, "DUPLICATE_EMAIL"),
    ),
    "external id of a customer": Limit(
        lambda ids, number: ("POST", "/customers", customer_json(external_id=f"K-{_NAME}", name=f"N{number}")),
        1,
        (409, "DUPLICATE_EXTERNAL_ID"),
    ),
    "external id of an order": Limit(
        lambda ids, number: ("POST", "/orders", order_json(external_id=f"O-{_NAME}", customer_id=ids["customer_id"])),
        1,
        (409, "DUPLICATE_EXTERNAL_ID"),
    ),
    "external id of a payment": Limit(
        lambda ids, number: (
            "POST",
            f"/invoices/{ids['invoice_id']}/payments",
            {"amount": "1.00", "external_id": f"P-{_NAME}"},
        ),
        1,
        (409, "DUPLICATE_EXTERNAL_ID"),
    ),
    "level of dunning": Limit(
        lambda ids, number: ("POST", "/dunning-rules", rule_json(customer_type="person")),
        1,
        (409, "DUPLICATE_LEVEL"),
    ),
    "invoice of an order": Limit(
        lambda ids, number: ("POST", f"/orders/{ids['order_id']}/invoices", {}),
        1,
        (409, "ORDER_ALREADY_INVOICED"),
    ),
    "reversal of a payment": Limit(
        lambda ids, number: ("DELETE", f"/invoices/{ids['invoice_id']}/payments/{ids['payment_id']}", None),
        1,
        (409, "PAYMENT_REVERSED"),
    ),
    "version in If-Match": Limit(
        lambda ids, number: ("PATCH", f"/invoices/{ids['draft_id']}", {"title": f"Title {number}"}),
        1,
        (412, "VERSION_MISMATCH"),
        {"If-Match": '"1"'},
    ),
    "edits of a comment": Limit(
        lambda ids, number: (
            "PATCH",
            f"/invoices/{ids['draft_id']}/comments/{ids['activity_id']}",
            {"comment": f"Text {number}"},
        ),
        MOST_EDITS,
        (422, "TOO_MANY_EDITS"),
    ),
}
"""Unique values and limits."""
