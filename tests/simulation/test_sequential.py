"""The check of concurrent answers knows the rules of the service, and finds lost writes and stale reads."""

import random

import pytest

from tests.builders import customer_json, invoice_json
from tests.e2e.hazards import HAZARDS, REQUESTS
from tests.e2e.sequential import CALLS, LOST_RACE, Books, Call, order_of, seen_in
from tests.gateway import Client

OPEN = Books(status="open", version=2)


def call(kind: str, sent: float, answered: float, status: int, code: str | None = None, /, **seen: object) -> Call:
    return Call(kind, sent, answered, status, code, tuple(seen.items()))


def calls_of(api: Client, path: str, kinds: list[str]) -> list[Call]:
    """The calls of one client to a document."""
    calls = []
    for number, kind in enumerate(kinds):
        method, suffix, body = REQUESTS[kind](number)
        answer = api(method, f"{path}{suffix}", body)
        document = answer.json if answer.text else {}
        seen = seen_in(document) if answer.status < 300 and path.endswith(document.get("id", "-")) else ()
        calls.append(Call(kind, 2 * number, 2 * number + 1, answer.status, document.get("code"), seen))
    return calls


@pytest.mark.parametrize("name", HAZARDS)
def test_the_rules_are_those_of_the_service(api: Client, name: str) -> None:
    """One client sends any calls: the preparation of the hazard, its calls, and then others."""
    dice, hazard = random.Random(name), HAZARDS[name]
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    others = [*hazard.race, *dice.choices(sorted(CALLS.keys() - {"delete"}), k=12)]
    kinds = [*hazard.prepare, *hazard.race, *dice.sample(others, len(others)), "read"]
    calls = calls_of(api, f"/invoices/{draft}", kinds)
    for end in range(1, len(calls) + 1):
        assert order_of(calls[:end], Books()) is not None, calls[:end]


def test_requests_and_rules_have_the_same_calls() -> None:
    assert REQUESTS.keys() == CALLS.keys()


def test_a_history_of_one_client_is_explained() -> None:
    calls = [
        call("finalize", 0, 1, 200, version=2, status="open"),
        call("pay_part", 2, 3, 201),
        call("credit_part", 4, 5, 201),
        call("cancel", 6, 7, 200, status="canceled", version=5, refund_due=500),
        call("cancel", 8, 9, 409, "INVALID_STATE"),
        call("reactivate", 10, 11, 200, due=10_700, credited=700),
        call("read", 12, 13, 200, version=6, paid=500),
    ]
    assert order_of(calls, Books()) == calls


def test_calls_at_the_same_time_may_have_any_order() -> None:
    calls = [call("cancel", 0, 9, 200), call("pay_part", 0, 9, 201), call("read", 10, 11, 200, paid=500)]
    assert [one.kind for one in order_of(calls, OPEN) or ()] == ["pay_part", "cancel", "read"]


def test_fifty_calls_at_the_same_time_are_explained() -> None:
    paid = [call("pay_part", 0, 99, 201)] * 23
    refused = [call("pay_part", 0, 99, 422, "PAYMENT_EXCEEDS_DUE")] * 27
    last = call("read", 100, 101, 200, version=25, due=400)
    assert order_of([*refused, *paid, last], OPEN)
    assert order_of([*refused, *paid, paid[0], last], OPEN) is None


def test_a_call_that_lost_all_races_has_no_effect() -> None:
    assert order_of([call("pay_part", 0, 20, 409, LOST_RACE), call("read", 21, 22, 200, version=2, paid=0)], OPEN)


@pytest.mark.parametrize(
    "calls",
    [
        pytest.param([call("pay_part", 0, 1, 201), call("read", 2, 3, 200, paid=0)], id="lost write"),
        pytest.param([call("pay_part", 0, 9, 201), call("read", 10, 11, 200, paid=1_000)], id="write counted twice"),
        pytest.param(
            [
                call("pay_part", 0, 9, 201),
                call("read", 1, 2, 200, paid=500),
                call("read", 3, 4, 200, paid=0),
            ],
            id="read that goes back in time",
        ),
        pytest.param([call("set_dunning", 0, 9, 200, version=3)] * 2, id="one version given twice"),
        pytest.param([call("finalize", 0, 9, 200)] * 2, id="finalized twice"),
        pytest.param([call("cancel", 0, 1, 200), call("pay_part", 2, 3, 201)], id="payment of a canceled invoice"),
        pytest.param([call("pay_all", 0, 9, 201)] * 2, id="paid twice"),
        pytest.param([call("cancel", 0, 9, 409, "INVALID_STATE")], id="refusal without a reason"),
    ],
)
def test_an_impossible_history_is_refused(calls: list[Call]) -> None:
    assert order_of(calls, OPEN) is None


def test_a_sent_credit_note_is_not_voided() -> None:
    note = Books(type="credit_note", status="paid")
    sent, void = call("send", 0, 1, 202), call("cancel", 2, 3, 200)
    assert order_of([sent, void], note) is None
    assert order_of([sent, void._replace(status=409, code="CREDIT_NOTE_SENT")], note)
