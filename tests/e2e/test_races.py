"""Concurrent requests about several documents of the embedded stack. `test_hazards.py` has those about one."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any

import boto3
import httpx
import pytest

from infra.local.stack import Stack
from invoicing.downloads.table import LinkTable
from invoicing.users.model import digest
from tests.builders import customer_json, invoice_json
from tests.e2e.waiting import until
from tests.forms import PDF

pytestmark = pytest.mark.system

MANY = 50
AT_ONCE = 10
"""Each worker of the embedded stack is a process of 100 MB. More at once only where the test ends them."""
PATIENCE = 600
"""The seconds that a client waits for an answer; a busy machine takes long to start 50 workers."""


def at_once(
    stack: Stack,
    requests: Iterable[Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]],
    at_a_time: int = AT_ONCE,
) -> list[httpx.Response]:
    """Send all of them, at most so many at a time."""

    async def send() -> list[httpx.Response]:
        gate = asyncio.Semaphore(at_a_time)
        headers = {"Authorization": f"Bearer {stack.api_keys['admin']}"}
        async with httpx.AsyncClient(base_url=stack.api_url, headers=headers, timeout=PATIENCE) as client:

            async def one(request: Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]) -> httpx.Response:
                async with gate:
                    return await request(client)

            return await asyncio.gather(*(one(request) for request in requests))

    return asyncio.run(send())


def post(path: str, body: Any = None, **headers: str) -> Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]:
    return lambda client: client.post(path, json=body or {}, headers=headers)


def get(path: str) -> Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]:
    return lambda client: client.get(path)


@pytest.fixture(scope="module")
def customer(stack: Stack) -> str:
    """A customer to invoice."""
    [answer] = at_once(stack, [post("/customers", customer_json())])
    return str(answer.json()["id"])


def drafts(stack: Stack, customer: str, count: int) -> list[str]:
    made = at_once(stack, [post("/invoices", invoice_json(customer_id=customer))] * count)
    assert {answer.status_code for answer in made} == {201}
    return [answer.json()["id"] for answer in made]


def test_many_drafts_get_numbers_without_gap_or_double(stack: Stack, customer: str) -> None:
    answers = at_once(stack, [post(f"/invoices/{draft}/finalize") for draft in drafts(stack, customer, MANY)])
    assert {answer.status_code: answer.text for answer in answers if answer.status_code != 200} == {}
    counts = sorted(int(answer.json()["number"].rpartition("-")[2]) for answer in answers)
    assert counts == list(range(counts[0], counts[0] + MANY))


def test_many_part_payments_are_all_recorded(stack: Stack, customer: str) -> None:
    """T2: without If-Match, the service itself repeats the decision, so clients need not retry."""
    untaxed = {"category": "E", "exemption_reason": "§ 4 UStG"}
    line = {"name": "Gebühr", "quantity": 1, "unit_price": "100.00", "tax": untaxed}
    [made] = at_once(stack, [post("/invoices", invoice_json(customer_id=customer, lines=[line]))])
    invoice = made.json()["id"]
    at_once(stack, [post(f"/invoices/{invoice}/finalize")])
    answers = at_once(stack, [post(f"/invoices/{invoice}/payments", {"amount": "1.00"})] * MANY)
    assert Counter(answer.status_code for answer in answers) == {201: MANY}
    [read] = at_once(stack, [get(f"/invoices/{invoice}")])
    assert (read.json()["paid"], read.json()["due"]) == ("50.00", "50.00")


def test_documents_paid_at_once_are_rendered_on_first_delivery(stack: Stack, customer: str, aws: boto3.Session) -> None:
    """T1: a message that had to be delivered again would wait for six times the renderer's time-out."""
    issued = drafts(stack, customer, 20)

    async def finalize_and_pay(client: httpx.AsyncClient, invoice: str) -> httpx.Response:
        (await client.post(f"/invoices/{invoice}/finalize", json={})).raise_for_status()
        return await client.post(f"/invoices/{invoice}/payments", json={"amount": "19.00"})

    answers = at_once(stack, [partial(finalize_and_pay, invoice=one) for one in issued])
    assert Counter(answer.status_code for answer in answers) == {201: 20}

    def available() -> bool:
        files = [
            answer.json()["files"]["pdf"]["status"]
            for answer in at_once(stack, [get(f"/invoices/{one}") for one in issued])
        ]
        return set(files) == {"available"}

    assert until(available)
    paid = at_once(stack, [get(f"/invoices/{one}") for one in issued])
    assert {answer.json()["due"] for answer in paid} == {"100.00"}
    assert until(lambda: in_queue_of(stack, aws, "render_document") == (0, 0))


def in_queue_of(stack: Stack, aws: boto3.Session, consumer: str) -> tuple[int, int]:
    """How many messages wait in a consumer's queue, and how many wait for another delivery."""
    lambda_: Any = aws.client("lambda", endpoint_url=stack.aws.url)
    sqs: Any = aws.client("sqs", endpoint_url=stack.aws.url)
    name = f"invoicing-local-{consumer}"
    [mapping] = lambda_.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    url = sqs.get_queue_url(QueueName=mapping["EventSourceArn"].rpartition(":")[2])["QueueUrl"]
    counts = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(counts))["Attributes"]
    return int(found[counts[0]]), int(found[counts[1]])


def test_a_repeated_request_has_one_effect_and_one_response(stack: Stack, customer: str) -> None:
    key = str(uuid.uuid4())
    request = post("/invoices", invoice_json(customer_id=customer), **{"Idempotency-Key": key})
    answers = at_once(stack, [request] * 20)
    done = [answer for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.text for answer in done}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in done) == 1


def test_concurrent_downloads_are_all_counted_and_recorded_once(
    stack: Stack, customer: str, aws: boto3.Session
) -> None:
    notes = f"/invoices/{drafts(stack, customer, 1)[0]}/notes"
    files = {"file": ("a.pdf", PDF, "application/pdf")}
    [note] = at_once(stack, [lambda client: client.post(notes, files=files)])
    file = f"{notes}/{note.json()['id']}/files/{note.json()['files'][0]['id']}"
    [link] = at_once(stack, [post(f"{file}/download-links")])
    assert {answer.status_code for answer in at_once(stack, [get(link.json()["url"])] * 30)} == {302}
    [told] = at_once(stack, [get(f"{notes.removesuffix('/notes')}/comments?action_key=DOWNLOAD")])
    # Another hour may have begun meanwhile, which adds an entry.
    assert 1 <= [entry["type"] for entry in told.json()["data"]].count("downloaded") <= 2
    dynamodb = aws.client("dynamodb", endpoint_url=stack.aws.url)
    [table] = [name for name in dynamodb.list_tables()["TableNames"] if name.startswith("invoicing-local")]
    key = LinkTable().key("", digest(link.json()["url"].rpartition("/")[2])).at("USES")
    used = dynamodb.get_item(TableName=table, Key=key.address)["Item"]
    assert used["uses"] == {"N": "30"}


def test_concurrent_comments_are_all_stored(stack: Stack, customer: str) -> None:
    [draft] = drafts(stack, customer, 1)
    answers = at_once(stack, [post(f"/invoices/{draft}/comments", {"comment": f"{n}"}) for n in range(30)])
    assert {answer.status_code for answer in answers} == {201}
    [listed] = at_once(stack, [lambda client: client.get(f"/invoices/{draft}/comments?action_key=COMMENT&limit=100")])
    assert {entry["comment"] for entry in listed.json()["data"]} == {f"{n}" for n in range(30)}


def test_concurrent_requests_apply_credit_once(stack: Stack, customer: str) -> None:
    targets = drafts(stack, customer, 5)
    at_once(stack, [post(f"/invoices/{one}/finalize") for one in targets])
    tax = {"category": "S", "rate": "19"}
    body = {"customer_id": customer, "amount": "-100.00", "description": "Kulanz", "tax": tax}
    [note] = [answer.json()["id"] for answer in at_once(stack, [post("/invoices/adjustments", body)])]
    paid = {"amount": "119.00", "method": "credit", "source_id": note}
    answers = at_once(stack, [post(f"/invoices/{one}/payments", paid) for one in targets])
    assert Counter(answer.status_code for answer in answers)[201] == 1
    read = at_once(stack, [get(f"/invoices/{one}") for one in [note, *targets]])
    assert read[0].json()["refund_due"] == "0.00"
    assert sorted(answer.json()["due"] for answer in read[1:]) == ["0.00", *["119.00"] * 4]
