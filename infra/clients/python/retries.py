"""Retries of requests, each with one idempotency key, so that a repetition never has its effect twice."""

import asyncio
import random
import time
import uuid
from collections.abc import Callable
from typing import override

import httpx

_UNAVAILABLE = frozenset({429, 500, 502, 503, 504})
_LONGEST_WAIT = 60.0


class Retrying(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Repeats a request whose response is lost or announces that a later attempt can succeed.

    A change gets an `Idempotency-Key` unless it has one; all its attempts send the same key. The wait between two
    attempts is the response's `Retry-After`, or else doubles from half a second on, with a random part.
    """

    def __init__(
        self,
        *,
        attempts: int = 6,
        transport: httpx.BaseTransport | None = None,
        async_transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._attempts = attempts
        self._transport = transport or httpx.HTTPTransport()
        self._async_transport = async_transport or httpx.AsyncHTTPTransport()
        self._sleep = sleep

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        _add_key(request)
        for attempt in range(1, self._attempts):
            try:
                response = self._transport.handle_request(request)
            except httpx.TransportError:
                self._sleep(_wait(None, attempt))
                continue
            if not _can_succeed_later(response):
                return response
            response.close()
            self._sleep(_wait(response, attempt))
        return self._transport.handle_request(request)

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        _add_key(request)
        for attempt in range(1, self._attempts):
            try:
                response = await self._async_transport.handle_async_request(request)
            except httpx.TransportError:
                await asyncio.sleep(_wait(None, attempt))
                continue
            if not _can_succeed_later(response):
                return response
            await response.aclose()
            await asyncio.sleep(_wait(response, attempt))
        return await self._async_transport.handle_async_request(request)

    @override
    def close(self) -> None:
        self._transport.close()

    @override
    async def aclose(self) -> None:
        await self._async_transport.aclose()


def _add_key(request: httpx.Request) -> None:
    if request.method != "GET":
        request.headers.setdefault("Idempotency-Key", str(uuid.uuid4()))


def _can_succeed_later(response: httpx.Response) -> bool:
    return response.status_code in _UNAVAILABLE or "Retry-After" in response.headers


def _wait(response: httpx.Response | None, attempt: int) -> float:
    """Seconds until the next attempt."""
    announced = response.headers.get("Retry-After", "") if response is not None else ""
    if announced.isdecimal():
        return min(float(announced), _LONGEST_WAIT)
    # The random part keeps clients apart that failed at the same time.
    return min(2.0 ** (attempt - 2), _LONGEST_WAIT) * random.uniform(1, 1.5)  # noqa: S311
