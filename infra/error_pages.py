"""The pages that `type` in an error leads to: one for each code, and one that lists all codes."""

import html
import re
from functools import cache

from infra.discovery import endpoints
from infra.error_codes import ErrorCode, every
from infra.readme import first_line

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}td,th{border-bottom:1px solid #ccc;padding:.3rem .6rem;text-align:left}"
    "code{font-size:.9em}"
)


def index() -> str:
    """The page with all codes."""
    rows = "".join(
        f'<tr><td>{one.status}</td><td><a href="/errors/{code}"><code>{code}</code></a></td>'
        f"<td>{_text(one.title)}</td></tr>"
        for code, (one, _) in every().items()
    )
    head = "<tr><th>Status</th><th>Code</th><th>Meaning</th></tr>"
    return _page("Error codes", f"<table>{head}{rows}</table>")


def page(code: str) -> str | None:
    """The page of one code; None for a code that does not exist."""
    one, operations = every().get(code, (None, []))
    return None if one is None else _page(code, _content(one, operations))


def _content(one: ErrorCode, operations: list[str]) -> str:
    retry = f"<p>A retry can succeed after {one.retry_after} s.</p>" if one.retry_after is not None else ""
    summaries = _operations()
    rows = "".join(f"<li><code>{summaries[name][0]}</code> {_text(summaries[name][1])}</li>" for name in operations)
    return (
        f"<p>HTTP status {one.status}. {_text(one.title)}</p>"
        f"<h2>What to do</h2><p>{_text(one.remedy)}</p>{retry}"
        f'<h2>Operations</h2><ul>{rows}</ul><p><a href="/errors">All error codes</a></p>'
    )


@cache
def _operations() -> dict[str, tuple[str, str]]:
    """Route and summary of each operation, by its name."""
    return {
        function.name: (f"{one.method} {one.path}", first_line(one.handle).rstrip(".")) for function, one in endpoints()
    }


def _text(text: str) -> str:
    """A text as HTML, with its code spans."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


def _page(title: str, content: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title}</h1>{content}</html>"
    )
