"""The page of all error codes. `type` in an error leads to the code's place on it."""

import html
import re
from collections.abc import Mapping

from infra.discovery import endpoints
from infra.error_codes import ErrorCode, every
from infra.pages import STYLE
from infra.readme import first_line


def index() -> str:
    """The page, with a section for each code."""
    operations = _operations()
    contents = " ".join(f'<a href="#{code}"><code>{code}</code></a>' for code in every())
    sections = "".join(_section(one, names, operations) for one, names in every().values())
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Error codes</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style>'
        f"<h1>Error codes</h1><p>{contents}</p>{sections}</html>"
    )


def _section(one: ErrorCode, names: list[str], operations: Mapping[str, tuple[str, str]]) -> str:
    retry = f"<p>A retry can succeed after {one.retry_after} s.</p>" if one.retry_after is not None else ""
    rows = "".join(f"<li><code>{operations[name][0]}</code> {_text(operations[name][1])}</li>" for name in names)
    return (
        f'<section id="{one.code}"><h2><code>{one.code}</code></h2><p>HTTP status {one.status}. {_text(one.title)}</p>'
        f"<p><strong>What to do:</strong> {_text(one.remedy)}</p>{retry}"
        f"<details><summary>Operations ({len(names)})</summary><ul>{rows}</ul></details></section>"
    )


def _operations() -> dict[str, tuple[str, str]]:
    """Route and summary of each operation, by its name."""
    return {
        function.name: (f"{one.method} {one.path}", first_line(one.handle).rstrip(".")) for function, one in endpoints()
    }


def _text(text: str) -> str:
    """A text as HTML, with its code spans."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))
