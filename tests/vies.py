"""VIES as a server on loopback, and customers whose VAT ids it checks."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from invoicing import config
from invoicing.customers import vies
from invoicing.customers.vat_check import Answer as Found
from tests.builders import customer_json
from tests.events import deliver, details
from tests.gateway import Client
from tests.servers import Answer, Server, answers, serving

ID = "DE123456788"


@contextmanager
def register_in(patch: pytest.MonkeyPatch) -> Iterator[Server]:
    """VIES in a test, without any answer so far."""
    with serving(Server()) as server:
        patch.setattr(config, "vies_url", lambda: server.origin)
        yield server


def answer(vat_id: str = ID, *, valid: bool = True, **fields: str) -> Answer:
    """An answer of VIES about a VAT id."""
    known = {"name": "---", "address": "---", "requestDate": "2026-03-10T12:00:00.000Z", "requestIdentifier": ""}
    about = {"countryCode": vat_id[:2], "vatNumber": vat_id[2:], "valid": valid}
    return answers(200, json.dumps({**known, **about, **fields}).encode())


def problem(code: str, status: int = 200) -> Answer:
    """An answer without a result."""
    wrappers = [{"error": code, "message": "Try again"}]
    return answers(status, json.dumps({"actionSucceed": False, "errorWrappers": wrappers}).encode())


def create(api: Client, **fields: object) -> dict[str, Any]:
    """A new customer with a VAT id."""
    made: dict[str, Any] = api.post("/customers", customer_json(**{"tax_id": ID, **fields})).ok(201)
    return made


def check(*names: str) -> list[str]:
    """Deliver all events about customers. Returns those that go back into the queue."""
    return deliver("check_vat_id", *details(*(names or ("customer.created", "customer.updated"))))


def known(api: Client, customer: dict[str, Any]) -> Any:
    """The check of a customer."""
    return api.get(f"/customers/{customer['id']}").ok()["vat_check"]


def check_vat_ids(api: Client) -> None:
    """A VAT id that VIES does not answer, and one that is valid."""
    api.post("/customers", customer_json(tax_id="DE123456788")).ok(201)
    assert deliver("check_vat_id", *details("customer.created")) == []
    api.post("/customers", customer_json(tax_id="ATU12345675")).ok(201)
    with pytest.MonkeyPatch.context() as answering:
        answering.setattr(vies, "ask", lambda *_: Found(valid=True))
        assert deliver("check_vat_id", *details("customer.created")) == []
