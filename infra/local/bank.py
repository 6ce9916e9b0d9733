"""`invoicing bank import`: uploads a file of a bank to a running service, and waits for its import."""

import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from infra.local.failure import LocalError
from infra.local.service import asked

_MOST_BYTES = 50 * 1024 * 1024
_MOST_OF_A_REQUEST = 4_000_000
_LOOK_SECONDS = 1.0
_WAIT_SECONDS = 30
_UPLOAD_SECONDS = 600


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
    """Import the statements of a file's content. A large one is uploaded to S3."""
    if len(content) > _MOST_OF_A_REQUEST:
        uploaded = {"problems": [], "data": _uploaded(api, name, content, fields)}
    else:
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


def _uploaded(api: httpx.Client, name: str, content: bytes, fields: dict[str, str]) -> list[dict[str, Any]]:
    """The statements of a large file: one that failed, or all of them."""
    body: dict[str, Any] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest(), **fields}
    if "csv_profile" in fields:
        body["csv_profile"] = _profile(fields["csv_profile"])
    announced = asked(api, "POST", "/bank-statements/uploads", body)
    if announced["url"] is None:
        return list(announced["statements"])
    form = {"data": announced["fields"], "files": {"file": (name, content)}, "timeout": _UPLOAD_SECONDS}
    if httpx.post(announced["url"], **form).is_error:
        raise LocalError(f"{name} could not be uploaded to S3.")
    first = _ended(api, announced["statements"][0])
    if first["format"] is None:
        return [first]
    return list(asked(api, "POST", "/bank-statements/uploads", body)["statements"])


def _profile(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise LocalError("The profile is no JSON.") from None


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
    return f"{statement['id']}   {account}   {statement['format'] or 'not read'}   {days}   {'; '.join(notes)}"


def _named(problem: dict[str, str]) -> str:
    return ": ".join(part for part in (problem["place"].rstrip(":"), problem["message"]) if part)


def _content(file: Path) -> bytes:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise LocalError(f"{file}: {error.strerror}.") from None
    if len(content) > _MOST_BYTES:
        raise LocalError(f"{file} has more than 50 MB; pack it as a ZIP.")
    return content
