"""The connection to the API: credentials, time-outs and retries."""

import httpx

from .client import AuthenticatedClient
from .retries import Retrying


def connect(
    url: str, key: str, *, attempts: int = 6, timeout: float = 30, transport: httpx.BaseTransport | None = None
) -> AuthenticatedClient:
    """A client for all operations, with retries.

    `url` ends with `/v1`; `key` is an API key or an OIDC token; `timeout` is in seconds for each attempt;
    `transport` replaces the one of httpx, such as for a proxy. A response with a status that the contract does not have
    raises `errors.UnexpectedStatus`.
    """
    return AuthenticatedClient(
        url,
        key,
        timeout=httpx.Timeout(timeout),
        raise_on_unexpected_status=True,
        httpx_args={"transport": Retrying(attempts=attempts, transport=transport)},
    )
