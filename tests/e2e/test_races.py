"""Many at once on the embedded stack: gapless numbers, one winner, nothing lost."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import httpx
import pytest

from infra.local.stack import Stack
from tests.builders import customer_json, invoice_json

MANY = 50
AT_ONCE = 10
"""Each worker of the embedded stack is a process: more at once would measure this machine's memory."""


def at_once(
    stack: Stack, requests: Iterable[Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]]
) -> list[httpx.Response]:
    """Send all of them, ten at a time."""

    async def send() -> list[httpx.Response]:
        gate = asyncio.Semaphore(AT_ONCE)
        headers = {"Authorization": f"Bearer {stack.api_keys['admin']}"}
        async with httpx.AsyncClient(base_url=stack.api_url, headers=headers, timeout=60) as client:

            async def one(request: Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]) -> httpx.Response:
                async with gate:
                    return await request(client)

            return await asyncio.gather(*(one(request) for request in requests))

    return asyncio.run(send())


def post(path: str, body: Any = None, **headers: str) -> Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]:
    return lambda client: client.post(path, json=body or {}, headers=headers)


@pytest.fixture(scope="module")
def customer(stack: Stack) -> str:
    """A customer to invoice."""
    [answer] = at_once(stack, [post("/customers", customer_json())])
    return str(answer.json()["id"])


def drafts(stack: Stack, customer: str, count: int) -> list[str]:
    made = at_once(stack, [post("/invoices", invoice_json(customer_id=customer))] * count)
    assert {answer.status_code for answer in made} == {201}
    return [answer.json()["id"] for answer in made]


def test_many_finalizations_of_one_draft_give_one_number(stack: Stack, customer: str) -> None:
    [draft] = drafts(stack, customer, 1)
    answers = at_once(stack, [post(f"/invoices/{draft}/finalize")] * MANY)
    codes = Counter(answer.status_code for answer in answers)
    assert (codes[200], codes[409]) == (1, MANY - 1)
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {
        "INVALID_STATE",
        "CONCURRENT_MODIFICATION",
    }


def test_many_drafts_get_numbers_without_gap_or_double(stack: Stack, customer: str) -> None:
    answers = at_once(stack, [post(f"/invoices/{draft}/finalize") for draft in drafts(stack, customer, MANY)])
    assert {answer.status_code for answer in answers} == {200}
    counts = sorted(int(answer.json()["number"].rpartition("-")[2]) for answer in answers)
    assert counts == list(range(counts[0], counts[0] + MANY))


def test_many_payments_of_the_whole_due_are_one(stack: Stack, customer: str) -> None:
    [draft] = drafts(stack, customer, 1)
    at_once(stack, [post(f"/invoices/{draft}/finalize")])
    answers = at_once(stack, [post(f"/invoices/{draft}/payments", {"amount": "119.00"})] * MANY)
    assert Counter(answer.status_code for answer in answers)[201] == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code != 201} <= {
        "PAYMENT_EXCEEDS_DUE",
        "CONCURRENT_MODIFICATION",
    }
    [listed] = at_once(stack, [lambda client: client.get(f"/invoices/{draft}/payments")])
    assert len(listed.json()["data"]) == 1


def test_many_repetitions_of_one_request_are_one_effect_and_one_answer(stack: Stack, customer: str) -> None:
    key = str(uuid.uuid4())
    request = post("/invoices", invoice_json(customer_id=customer), **{"Idempotency-Key": key})
    answers = at_once(stack, [request] * 20)
    done = [answer for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.text for answer in done}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in done) == 1


def test_comments_written_at_once_are_all_kept(stack: Stack, customer: str) -> None:
    [draft] = drafts(stack, customer, 1)
    answers = at_once(stack, [post(f"/invoices/{draft}/comments", {"comment": f"{n}"}) for n in range(30)])
    assert {answer.status_code for answer in answers} == {201}
    [listed] = at_once(stack, [lambda client: client.get(f"/invoices/{draft}/comments?action_key=COMMENT&limit=100")])
    assert {entry["comment"] for entry in listed.json()["data"]} == {f"{n}" for n in range(30)}
