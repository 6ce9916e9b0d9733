"""The retries of the Python client. Its other parts are tested together with the generated client (tests/e2e)."""

import asyncio

import httpx
import pytest

from infra.clients.python.retries import Retrying

URL = "https://api.example/v1/invoices"


class Api:
    """An API with prepared answers, which records the requests and the waits between them."""

    def __init__(self, *answers: httpx.Response | httpx.TransportError) -> None:
        self.answers = list(answers)
        self.keys: list[str | None] = []
        self.bodies: list[bytes] = []
        self.waits: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.keys.append(request.headers.get("Idempotency-Key"))
        self.bodies.append(request.content)
        answer = self.answers.pop(0)
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer

    def client(self, attempts: int = 4) -> httpx.Client:
        transport = httpx.MockTransport(self)
        return httpx.Client(transport=Retrying(attempts=attempts, transport=transport, sleep=self.waits.append))


def test_all_attempts_of_a_change_have_one_key() -> None:
    api = Api(httpx.ReadError("lost"), httpx.Response(504), httpx.Response(201))
    assert api.client().post(URL, json={"currency": "EUR"}).status_code == 201
    [key] = set(api.keys)
    assert key
    assert api.bodies == [b'{"currency":"EUR"}'] * 3


def test_each_change_has_a_key_of_its_own() -> None:
    api = Api(*(httpx.Response(201) for _ in range(2)))
    client = api.client()
    for _ in range(2):
        client.post(URL)
    assert len(set(api.keys)) == 2


def test_the_key_of_the_program_is_kept() -> None:
    api = Api(httpx.Response(503), httpx.Response(201))
    api.client().post(URL, headers={"Idempotency-Key": "order-4711"})
    assert api.keys == ["order-4711"] * 2


def test_the_wait_is_the_one_that_the_api_announces() -> None:
    api = Api(httpx.Response(409, headers={"Retry-After": "5"}), httpx.Response(429, headers={"Retry-After": "7200"}))
    api.answers.append(httpx.Response(200))
    assert api.client().get(URL).status_code == 200
    assert api.waits == [5, 60]
    assert api.keys == [None] * 3


def test_waits_that_nobody_announces_grow() -> None:
    api = Api(*(httpx.Response(500) for _ in range(4)))
    assert api.client().get(URL).status_code == 500
    assert [least <= wait < 2 * least for wait, least in zip(api.waits, (0.5, 1, 2), strict=True)] == [True] * 3


@pytest.mark.parametrize("status", [400, 401, 404, 409, 412, 422])
def test_a_final_error_is_not_retried(status: int) -> None:
    api = Api(httpx.Response(status))
    assert api.client().post(URL).status_code == status
    assert api.waits == []


def test_the_last_failure_of_the_connection_is_raised() -> None:
    api = Api(httpx.ConnectError("first"), httpx.ConnectError("second"))
    with pytest.raises(httpx.ConnectError, match="second"):
        api.client(attempts=2).get(URL)


def test_asynchronous_requests_are_retried_too() -> None:
    api = Api(httpx.ReadError("lost"), httpx.Response(409, headers={"Retry-After": "0"}), httpx.Response(201))

    async def post() -> int:
        retrying = Retrying(attempts=3, async_transport=httpx.MockTransport(api))
        async with httpx.AsyncClient(transport=retrying) as client:
            return (await client.post(URL, json={})).status_code

    assert asyncio.run(post()) == 201
    assert len(set(api.keys)) == 1
