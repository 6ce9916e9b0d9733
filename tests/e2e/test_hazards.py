"""Many clients at the same document of the embedded stack: their answers are those of one client after the other."""

import random
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import boto3
import httpx
import pytest

from infra.local.stack import Stack
from invoicing.notes.model import MOST_FILES
from tests.builders import customer_json, invoice_json, order_json, rule_json
from tests.e2e.hazards import HAZARDS, LIMITS, REQUESTS, Hazard
from tests.e2e.sequential import LOST_RACE, Books, Call, order_of, seen_in
from tests.e2e.test_races import AT_ONCE, MANY, at_once, get, post
from tests.forms import PDF
from tests.gateway import route

pytestmark = pytest.mark.system

READERS = MANY // 5
EVERYBODY = MANY + READERS
FILES_A_REQUEST = 3
Send = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]


@pytest.fixture(scope="module")
def ids(stack: Stack) -> dict[str, str]:
    """Resources that the requests name."""

    def made(path: str, body: Any) -> str:
        [answer] = at_once(stack, [post(path, body)])
        return str(answer.raise_for_status().json()["id"])

    customer = made("/customers", customer_json())
    draft, invoice = (made("/invoices", invoice_json(customer_id=customer)) for _ in range(2))
    made(f"/invoices/{invoice}/finalize", {})
    return {
        "customer_id": customer,
        "draft_id": draft,
        "invoice_id": invoice,
        "order_id": made("/orders", order_json(customer_id=customer)),
        "payment_id": made(f"/invoices/{invoice}/payments", {"amount": "9.00"}),
        "activity_id": made(f"/invoices/{draft}/comments", {"comment": "Text"}),
        "note_id": made(f"/invoices/{draft}/notes", {"note": "Text"}),
    }


@pytest.fixture
def record_calls(record_property: Callable[[str, object], None]) -> Callable[[str, list[Call]], None]:
    """Records how long calls took, for the table at the end of the run."""

    def record(name: str, calls: list[Call]) -> None:
        record_property("calls", (name, [call.answered - call.sent for call in calls]))

    return record


@pytest.fixture
def end_workers(stack: Stack, aws: boto3.Session) -> Iterator[Callable[[Iterable[str]], None]]:
    """Names calls whose workers end after the test, so that 60 more do not wait for each function."""
    lambda_: Any = aws.client("lambda", endpoint_url=stack.aws.url)
    called: set[str] = set()
    yield called.update
    names = {
        route(method, f"/invoices/x{suffix}")[0].name for method, suffix, _ in (REQUESTS[one](0) for one in called)
    }
    for name in names:
        # A change of the configuration ends all workers.
        now = lambda_.get_function_configuration(FunctionName=f"invoicing-local-{name}")
        lambda_.update_function_configuration(FunctionName=now["FunctionName"], Timeout=now["Timeout"])
    for name in names:
        lambda_.get_waiter("function_updated_v2").wait(
            FunctionName=f"invoicing-local-{name}", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )


def timed(path: str, kind: str, number: int, calls: list[Call]) -> Send:
    """A request that adds its call to the history. Only answers about the document itself show its fields."""
    method, suffix, body = REQUESTS[kind](number)

    async def send(client: httpx.AsyncClient) -> httpx.Response:
        sent = time.perf_counter()
        answer = await client.request(method, f"{path}{suffix}", json=body)
        answered = time.perf_counter()
        document = answer.json() if answer.content else {}
        seen = seen_in(document) if answer.is_success and path.endswith(document.get("id", "-")) else ()
        calls.append(Call(kind, sent, answered, answer.status_code, document.get("code"), seen))
        return answer

    return send


def history(
    stack: Stack, customer: str, hazard: Hazard, dice: random.Random | None = None, at_a_time: int = AT_ONCE
) -> tuple[Books, list[Call]]:
    """The calls of one race about a new document, and the state of the document before them."""
    [made] = at_once(stack, [post("/invoices", invoice_json(customer_id=customer))])
    path, calls, begin = f"/invoices/{made.json()['id']}", list[Call](), Books()
    for number, kind in enumerate(hazard.prepare):
        [last] = at_once(stack, [timed(path, kind, number, calls)])
    if hazard.of_the_note:
        path, calls = f"/invoices/{last.json()['id']}", []
        begin = Books(type="credit_note", status=last.json()["status"], version=last.json()["version"])
    kinds = [hazard.race[number % len(hazard.race)] for number in range(MANY)]
    kinds += ["read"] * READERS
    (dice or random.Random(0)).shuffle(kinds)
    at_once(stack, [timed(path, kind, number, calls) for number, kind in enumerate(kinds)], at_a_time)
    at_once(stack, [timed(path, "read", 0, calls)])
    return begin, calls


@pytest.mark.parametrize("name", HAZARDS)
def test_one_order_explains_all_answers(
    stack: Stack, ids: Mapping[str, str], name: str, record_calls: Callable[[str, list[Call]], None]
) -> None:
    begin, calls = history(stack, ids["customer_id"], HAZARDS[name])
    record_calls(name, calls)
    require_one_order(name, begin, calls)


@pytest.mark.slow
@pytest.mark.parametrize("name", HAZARDS)
def test_one_order_explains_all_answers_of_everybody_at_once(
    stack: Stack,
    ids: Mapping[str, str],
    name: str,
    record_calls: Callable[[str, list[Call]], None],
    end_workers: Callable[[Iterable[str]], None],
) -> None:
    """All clients at the same moment, twice: while their workers start, and with workers that run."""
    hazard = HAZARDS[name]
    end_workers((*hazard.race, "read"))
    for _ in range(2):
        begin, calls = history(stack, ids["customer_id"], hazard, at_a_time=EVERYBODY)
        require_one_order(name, begin, calls)
    record_calls(f"{name}, all at once", calls)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_one_order_explains_all_answers_of_any_calls(stack: Stack, ids: Mapping[str, str], seed: int) -> None:
    """Three kinds of calls that meet by chance, twelve times."""
    dice = random.Random(seed)
    for _ in range(12):
        prepared = dice.choice(list(HAZARDS.values()))
        race = dice.sample(sorted(REQUESTS.keys() - {"read"}), 3)
        begin, calls = history(stack, ids["customer_id"], prepared._replace(race=race, of_the_note=False), dice)
        require_one_order(f"{prepared.prepare} {race}", begin, calls)


def require_one_order(name: str, begin: Books, calls: list[Call]) -> None:
    """Refuse a history that no order explains."""
    listed = "\n".join(str(call) for call in sorted(calls, key=lambda call: call.answered))
    assert order_of(calls, begin) is not None, f"{name}: no order of these calls explains their answers\n{listed}"
    assert any(call.code != LOST_RACE for call in calls), f"{name}: all calls lost all their races"


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_holds_for_concurrent_requests(stack: Stack, ids: Mapping[str, str], name: str) -> None:
    limit = LIMITS[name]
    clients = max(MANY, limit.accepted + 10)
    requests = [limit.request(ids, number) for number in range(clients)]
    answers = at_once(
        stack,
        [partial(_send, method, path, body, limit.headers) for method, path, body in requests],
    )
    codes = Counter((answer.status_code, answer.json().get("code") if answer.content else None) for answer in answers)
    accepted = sum(count for (status, _), count in codes.items() if status < 300)
    assert (accepted, codes[limit.refused]) == (limit.accepted, clients - limit.accepted), codes


async def _send(
    method: str, path: str, body: Any, headers: Mapping[str, str], client: httpx.AsyncClient
) -> httpx.Response:
    return await _decided(lambda: client.request(method, path, json=body, headers=dict(headers)))


async def _decided(send: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """The answer of a client that sends a request again as long as it loses all races."""
    while (answer := await send()).status_code == 409 and answer.json()["code"] == LOST_RACE:
        pass
    return answer


def test_a_note_never_has_more_files_than_allowed(stack: Stack, ids: Mapping[str, str]) -> None:
    note = f"/invoices/{ids['draft_id']}/notes/{ids['note_id']}"
    files = [("file", (f"{number}.pdf", PDF, "application/pdf")) for number in range(FILES_A_REQUEST)]
    answers = at_once(stack, [lambda client: _decided(lambda: client.post(note, files=files))] * MANY)
    codes = Counter(answer.status_code for answer in answers)
    fitting = MOST_FILES // FILES_A_REQUEST
    assert codes == {200: fitting, 400: MANY - fitting}
    [read] = at_once(stack, [get(f"{note}/files")])
    assert len({file["id"] for file in read.json()["data"]}) == fitting * FILES_A_REQUEST


def test_a_payment_with_one_key_is_recorded_once(stack: Stack, ids: Mapping[str, str]) -> None:
    [made] = at_once(stack, [post("/invoices", invoice_json(customer_id=ids["customer_id"]))])
    path = f"/invoices/{made.json()['id']}"
    at_once(stack, [post(f"{path}/finalize")])
    pay = post(f"{path}/payments", {"amount": "1.00"}, **{"Idempotency-Key": uuid.uuid4().hex})
    answers = at_once(stack, [pay] * MANY)
    # Twenty seconds of lost races may end with a request to try again.
    assert {answer.status_code for answer in answers} <= {201, 409}
    recorded = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.text for answer in recorded}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in recorded) == 1
    [read] = at_once(stack, [get(path)])
    assert read.json()["paid"] == "1.00"


def test_series_of_two_years_have_no_gap(stack: Stack, ids: Mapping[str, str]) -> None:
    today = datetime.now(tz=UTC).date()
    days = [today.replace(year=year, month=1, day=1) for year in (today.year - 1, today.year)]
    body = invoice_json(customer_id=ids["customer_id"])
    drafts = [answer.json()["id"] for answer in at_once(stack, [post("/invoices", body)] * MANY)]
    answers = at_once(
        stack,
        [
            post(f"/invoices/{draft}/finalize", {"issue_date": f"{days[number % 2]}", "due_date": f"{today}"})
            for number, draft in enumerate(drafts)
        ],
    )
    assert Counter(answer.status_code for answer in answers) == {200: MANY}
    for day in days:
        numbers = [one.json()["number"] for one in answers if one.json()["issue_date"] == f"{day}"]
        counts = sorted(int(number.rpartition("-")[2]) for number in numbers)
        assert all(f"-{day.year}-" in number for number in numbers)
        assert counts == list(range(counts[0], counts[0] + MANY // 2))
    [gaps] = at_once(stack, [get("/number-series/invoice/gaps")])
    assert gaps.json()["gaps"] == []


def test_a_dunning_run_skips_an_invoice_paid_meanwhile(stack: Stack, ids: Mapping[str, str]) -> None:
    """Nothing is issued after the payment; a reminder from before it is settled. No level is reached twice."""
    today = datetime.now(tz=UTC).date()
    [rule] = at_once(stack, [post("/dunning-rules", rule_json(customer_type="company"))])
    assert rule.status_code in (201, 409)
    body = invoice_json(
        customer_id=ids["customer_id"],
        issue_date=f"{today - timedelta(days=30)}",
        due_date=f"{today - timedelta(days=20)}",
    )
    overdue = [answer.json()["id"] for answer in at_once(stack, [post("/invoices", body)] * 5)]
    at_once(stack, [post(f"/invoices/{one}/finalize") for one in overdue])
    pays = [post(f"/invoices/{one}/payments", {"amount": "119.00"}) for one in overdue]
    answers = at_once(stack, [request for pay in pays for request in (post("/dunning-runs"), pay)])
    assert {answer.status_code for answer in answers[1::2]} == {201}
    assert {answer.status_code for answer in answers[::2]} <= {200, 409}
    at_once(stack, [post("/dunning-runs")])
    for one in overdue:
        [letters] = at_once(stack, [get(f"/dunning-documents?invoice_id={one}")])
        assert [letter["level"] for letter in letters.json()["data"]] in ([], [1])
        assert {letter["status"] for letter in letters.json()["data"]} <= {"paid", "canceled"}
