"""HTML that people write, made safe to show: an allow-list of elements, and nothing else comes through."""

import html
import re
from typing import NamedTuple

import nh3

_SHOWN = {
    "a", "b", "blockquote", "br", "code", "em", "h1", "h2", "h3", "i", "li", "ol", "p", "pre", "s", "strong", "u", "ul",
}  # fmt: skip
_DROPPED_WHOLE = {"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title", "textarea"}
_SCHEMES = {"http", "https", "mailto"}
_LINE_ENDS = re.compile(r"<br>|</(?:p|li|h1|h2|h3|blockquote|pre)>")
_EMPTY_LINES = re.compile(r"\n{3,}")


class Markup(NamedTuple):
    """The same words with markup, and without."""

    html: str
    text: str


def sanitized(given: str) -> Markup:
    """HTML with what may be shown of it. Links open nothing but web pages and mails, and tell nobody where from."""
    safe = nh3.clean(
        given,
        tags=_SHOWN,
        clean_content_tags=_DROPPED_WHOLE,
        # Said of all elements, as nh3 else lets some attributes through on each.
        attributes={"a": {"href"}, "*": set()},
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    ).strip()
    lines = nh3.clean(_LINE_ENDS.sub(lambda end: f"{end.group()}\n", safe), tags=set())
    return Markup(safe, _EMPTY_LINES.sub("\n\n", html.unescape(lines)).strip())
