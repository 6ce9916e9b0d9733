"""Foreign HTML is shown without running scripts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.core.model import clean
from invoicing.documents.markup import sanitized
from tests.harmless import require_inert
from tests.xss import VECTORS


@pytest.mark.parametrize("vector", VECTORS)
def test_every_xss_vector_is_inert(vector: str) -> None:
    html = sanitized(vector).html
    require_inert(html)
    assert sanitized(html).html == html


def test_attributes_are_for_links_only() -> None:
    assert sanitized('<p title="x" lang="de" dir="rtl" style="x"><b class=x id=x>a</b></p>').html == "<p><b>a</b></p>"


@pytest.mark.parametrize("vector", ["<p onclick=x>", "<script>", '<a href="javascript:alert(1)">x</a>', "<!-- x -->"])
def test_the_check_finds_active_content(vector: str) -> None:
    with pytest.raises(AssertionError):
        require_inert(vector)


PIECES = st.sampled_from(
    [*VECTORS[:40], "<p>", "</p>", "<b", ">", '"', "'", "<!--", "-->", "<math>", "<svg>", "<style>", "</style>",
     "<a href=", "javascript:", "&#106;", "<noscript>", "<table>", "<mtext>", "<Kunde>", "<x ", "</x", "<?", "<!x",
     "<o:p>", "<![CDATA[", "]]>", "x", " ", "\n",
     "<template>"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12).map("".join))
def test_nested_fragments_are_inert_and_sanitizing_is_stable(given_html: str) -> None:
    html = sanitized(given_html).html
    require_inert(html)
    assert sanitized(html).html == html


@given(st.text(max_size=200).map(clean))
def test_any_text_is_accepted_and_plain_text_stays(text: str) -> None:
    require_inert(sanitized(text).html)
    if "&" not in text and not re.search(r"<(/?[A-Za-z]|!)", text):
        assert sanitized(text).text.split() == text.split()


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two<br>Three</p>", "One\nTwo\nThree"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ("<h1>Title</h1>text", "Title\ntext"),
        ("<script>alert(1)</script>", ""),
        ('<a href="https://x.example">here</a>', "here"),
        ("&lt;b&gt;", "<b>"),
        ("Von: Max <max@example.com>", "Von: Max <max@example.com>"),
        ("<Kunde> sagt nein", "<Kunde> sagt nein"),
        ("<p>siehe <https://x.example/?a=1&b></p>", "siehe <https://x.example/?a=1&b>"),
        ("a <3 b, 1<2, x < y, </>, <?>, <!>", "a <3 b, 1<2, x < y, </>, <?>, <!>"),
        ("</Kunde> <B>laut</B> <o:p>Word</o:p><!-- nie -->", "</Kunde> laut Word"),
        ("<Max\n<max@example.com>>", "<Max\n<max@example.com>>"),
        ("<table><tr><td>Zelle</td></tr></table>", "Zelle"),
    ],
)
def test_the_text_form_has_the_visible_words(html: str, text: str) -> None:
    assert sanitized(html).text == text


def test_unknown_tags_are_escaped_in_html() -> None:
    assert sanitized("Max <max@example.com> <b>ja</b>").html == "Max &lt;max@example.com&gt; <b>ja</b>"


def test_allowed_formatting_stays() -> None:
    html = '<h2>Beleg</h2><p><b>Ada</b>: <i>ok</i> <a href="https://x.example/1?a=b">Link</a></p><ol><li>1</li></ol>'
    kept = html.replace('">Link', '" rel="noopener noreferrer nofollow">Link')
    assert sanitized(html).html == kept
