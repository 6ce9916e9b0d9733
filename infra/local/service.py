"""Requests of commands to a running service, whose refusals are one line each."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from infra.local.failure import LocalError


def service_of(folder: Path, url: str | None, key: str | None) -> tuple[str, str]:
    """The URL and the API key of a service: those given, else those of the stack that runs in a folder."""
    if url and key:
        return url, key
    file = folder / "stack.json"
    if not file.exists():
        raise LocalError(f"No stack runs in {folder}; start `invoicing local`, or name --api and INVOICING_API_KEY.")
    described = json.loads(file.read_text(encoding="utf-8"))
    return url or described["api_url"], key or described["api_keys"]["admin"]


def asked(api: httpx.Client, method: str, path: str, body: Any = None, **form: Any) -> Any:
    """The content of a response. A refusal is an error with its title and detail."""
    try:
        response = api.request(method, path, json=body, **form)
    except httpx.TransportError as error:
        raise LocalError(f"{api.base_url} cannot be reached ({type(error).__name__}).") from None
    if response.is_error:
        raise LocalError(f"{method} {path}: {response.status_code} {_reason(response)}")
    return response.json() if response.content else None


def _reason(response: httpx.Response) -> str:
    with suppress(ValueError, KeyError, TypeError):
        problem = response.json()
        title, detail = problem["title"], problem.get("detail") or ""
        return title if detail in ("", title) else f"{title} {detail}"
    return response.reason_phrase
