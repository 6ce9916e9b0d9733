"""Sanitizes HTML of users: only elements of an allow-list remain."""

import html
import re
from typing import NamedTuple

import nh3

_SHOWN = {
    "a", "b", "blockquote", "br", "code", "em", "h1", "h2", "h3", "i", "li", "ol", "p", "pre", "s", "strong", "u", "ul",
}  # fmt: skip
_DROPPED_WHOLE = {"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title", "textarea"}
_NAMES = """
a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big blink blockquote body br
button canvas caption center cite code col colgroup command content data datalist dd del details dfn dialog dir div dl
dt element em embed fencedframe fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head
header hgroup hr html i iframe image img input ins isindex kbd keygen label layer legend li link listing main map mark
marquee math menu menuitem meta meter multicol nav nextid nobr noembed noframes noscript object ol optgroup option
output p param picture plaintext portal pre progress q rb rbc rp rt rtc ruby s samp script search section select
selectedcontent shadow slot small source spacer span strike strong style sub summary sup svg table tbody td template
textarea tfoot th thead time title tr track tt u ul var video wbr xml xmp
"""
_HTML = frozenset(_NAMES.split())
"""The names of HTML's elements, obsolete ones and the roots of SVG and MathML included."""
_OFFICE = re.compile(r"(?:o|v|w|x|m|st1):[a-z]+")
"""The elements that word processors add to pasted text."""
_TAG = re.compile(r"<(?!!--|!doctype|!\[CDATA\[)(?:/?([A-Za-z][^\s/>]*))?", re.IGNORECASE)
_SCHEMES = {"http", "https", "mailto"}
_LINE_ENDS = re.compile(r"<br>|</(?:p|li|h1|h2|h3|blockquote|pre)>")
_EMPTY_LINES = re.compile(r"\n{3,}")


class Markup(NamedTuple):
    """A text with markup, and without."""

    html: str
    text: str


def _with_unknown_tags_as_text(given: str) -> str:
    """The HTML with each `<` escaped that begins no tag of HTML: `Max <max@example.com>` is text, not an element.

    This only turns markup into text, so the result never has more markup than the input.
    """

    def escaped(tag: re.Match[str]) -> str:
        name = (tag.group(1) or "").lower()
        return tag.group() if name in _HTML or _OFFICE.fullmatch(name) else f"&lt;{tag.group()[1:]}"

    return _TAG.sub(escaped, given)


def sanitized(given: str) -> Markup:
    """HTML without unsafe markup. Links open web pages and mails only, and send no referrer."""
    safe = nh3.clean(
        _with_unknown_tags_as_text(given),
        tags=_SHOWN,
        clean_content_tags=_DROPPED_WHOLE,
        # For all elements, because nh3 otherwise allows some attributes on each.
        attributes={"a": {"href"}, "*": set()},
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    ).strip()
    lines = nh3.clean(_LINE_ENDS.sub(lambda end: f"{end.group()}\n", safe), tags=set())
    return Markup(safe, _EMPTY_LINES.sub("\n\n", html.unescape(lines)).strip())
