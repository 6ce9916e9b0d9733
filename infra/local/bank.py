"""`invoicing bank import`: uploads a file of a bank to a running service, and waits for its import."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from infra.local.failure import LocalError
from infra.local.service import asked

_MOST_BYTES = 4_000_000
_LOOK_SECONDS = 1.0
_WAIT_SECONDS = 30


def import_file(
    file: Path, *, api_url: str, key: str, account: str | None, profile: Path | None, show: Callable[[str], None]
) -> bool:
    """Import the statements of a file, and show one line for each. Returns whether all of the file was read."""
    content, form = _content(file), {"bank_account_id": account}
    fields = {name: value for name, value in form.items() if value}
    if profile is not None:
        fields["csv_profile"] = _content(profile).decode(errors="replace")
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=api_url, headers=headers, timeout=_WAIT_SECONDS) as api:
        return import_content(api, file.name, content, fields, show)


def import_content(
    api: httpx.Client, name: str, content: bytes, fields: dict[str, str], show: Callable[[str], None]
) -> bool:
    """Import the statements of a file's content."""
    sent = {"file": (name, content, "application/octet-stream")}
    uploaded = asked(api, "POST", "/bank-statements", data=fields, files=sent)
    is_whole = not uploaded["problems"]
    for one in uploaded["problems"]:
        show(f"Not read: {_named(one)}")
    for one in uploaded["data"]:
        statement = _ended(api, one)
        show(line_of(statement))
        for problem in statement["problems"]:
            show(f"  {_named(problem)}")
        is_whole = is_whole and statement["status"] == "done" and not statement["problems"]
    return is_whole


def _ended(api: httpx.Client, statement: dict[str, Any]) -> dict[str, Any]:
    while statement["status"] not in ("done", "failed"):
        time.sleep(_LOOK_SECONDS)
        statement = asked(api, "GET", f"/bank-statements/{statement['id']}")
    return statement


def line_of(statement: dict[str, Any]) -> str:
    """A statement and the result of its import, in one line."""
    account = statement["account"]["iban"] or statement["account"]["number"] or statement["bank_account_id"]
    days = f"{statement['from']} to {statement['to']}" if statement["from"] else "without entries"
    found = f"{statement['new']} new, {statement['duplicates']} known"
    if statement["pending_left_out"]:
        found += f", {statement['pending_left_out']} pending left out"
    notes = [found, {True: "adds up", False: "does not add up", None: "without balances"}[statement["balanced"]]]
    if statement["gap"]:
        notes.append(f"the one before ended with {statement['gap']['expected_opening']}")
    if statement["status"] == "failed":
        notes.append("failed")
    return f"{statement['id']}   {account}   {statement['format']}   {days}   {'; '.join(notes)}"


def _named(problem: dict[str, str]) -> str:
    return ": ".join(part for part in (problem["place"].rstrip(":"), problem["message"]) if part)


def _content(file: Path) -> bytes:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise LocalError(f"{file}: {error.strerror}.") from None
    if len(content) > _MOST_BYTES:
        raise LocalError(f"{file} has more than 4 MB; pack it as a ZIP.")
    return content
