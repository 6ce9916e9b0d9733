"""Checks of foreign input that is shown: HTML without scripts, names that are special to no system."""

import re
from html.parser import HTMLParser

import lxml.html

from invoicing.notes.files import LONGEST_NAME

SHOWN = frozenset(
    [
        "a",
        "b",
        "blockquote",
        "br",
        "code",
        "em",
        "h1",
        "h2",
        "h3",
        "i",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "strong",
        "u",
        "ul",
    ]
)
SAFE_LINK = re.compile(r"(?:https?:|mailto:|[^:]*$|[^:]*[/?#])", re.IGNORECASE)


def require_inert(html: str) -> None:
    """The HTML has only allowed content, as read by two parsers other than the sanitizer's."""

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            _require_shown(tag, dict(attrs))

        def handle_decl(self, decl: str) -> None:
            raise AssertionError(decl)

        def handle_pi(self, data: str) -> None:
            raise AssertionError(data)

    Reader().feed(html)
    for element in lxml.html.fragment_fromstring(html, create_parent="main").iterdescendants():
        assert isinstance(element.tag, str), "a comment or an instruction"
        _require_shown(element.tag, dict(element.attrib))


def _require_shown(tag: str, attributes: dict[str, str | None]) -> None:
    assert tag in SHOWN
    assert set(attributes) <= ({"href", "rel"} if tag == "a" else set())
    target = re.sub(r"[\x00-\x20]", "", attributes.get("href") or "")
    assert SAFE_LINK.match(target), target


def require_harmless(name: str) -> None:
    """The name has an allowed length and is neither a path nor hidden."""
    assert 0 < len(name) <= LONGEST_NAME
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f\x7f]|^\.|\.$', name)
